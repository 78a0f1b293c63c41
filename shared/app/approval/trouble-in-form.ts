/** That terms in the register say what admission lets anybody say at all. Pure. */
import type { Settings } from '../../cloud/ports.js';
import type { Contract, Terms } from '../../domain/contract.js';
import { isResourceGrant } from '../../domain/grant.js';
import { toLineOfText } from '../../domain/line-of-text.js';
import type { OnboardingRequest } from '../../domain/request.js';
import type { Instant } from '../../domain/values.js';
import { onboardingRequested } from '../../schemas/compiled/validators.js';
import { judgeForm } from '../inbound/parse-event.js';
import { admissionReasons, withoutLimits } from '../plan/admission.js';

/** No lease is over before it: that one has ended since it was admitted says nothing against it. */
const BEFORE_ALL = '0000-01-01T00:00:00Z' as Instant;

/**
 * What speaks against the form of `terms`, in words; `undefined` for what admission may have let in. What it looks at besides is not
 * judged again: the hour, the limits and regions of the configuration, the account, and what a system policy allows by now.
 */
export function troubleInForm(
  { contractId, requested }: Contract,
  { request: asked }: Terms,
  { owner, admission }: Pick<Settings, 'owner' | 'admission'>,
): string | undefined {
  if (requested?.owner !== owner) return `it was asked for in account ${requested?.owner}`;
  const request = withPlainTags(asked);
  const event = { id: 'x', source: 'x', type: 'partner.onboarding.requested', subject: contractId };
  const [malformed] = judgeForm({ ...event, data: request }, onboardingRequested).reasons;
  if (malformed !== undefined) return `${malformed.pointer} of its request ${malformed.message}`;
  const grants = request.grants.filter(isResourceGrant);
  const facts = { now: BEFORE_ALL, owner, settings: withoutLimits(admission) };
  return admissionReasons({ ...request, grants }, facts)[0]?.message;
}

/**
 * Characters that tags may not have any more were let in once. A tag gives nothing, and what is printed shows them by their codes, so
 * nobody who has them is left without what was approved.
 */
function withPlainTags(request: OnboardingRequest): OnboardingRequest {
  const { setup } = request.grantee;
  if (setup?.mode !== 'managed') return request;
  const users = setup.users.map((user) =>
    'tags' in user && user.tags !== undefined ? { ...user, tags: plainTags(user.tags) } : user,
  );
  return { ...request, grantee: { ...request.grantee, setup: { ...setup, users } } };
}

const plainTags = (tags: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [toLineOfText(key), toLineOfText(value)]));
