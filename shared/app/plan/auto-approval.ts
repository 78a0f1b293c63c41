/** What the operator's rule lets through at once. Pure. */
import type { AutoApprovalRule } from '../../domain/admission-settings.js';
import type { Reason } from '../../domain/fact.js';
import { type Grant, isSystemPolicyGrant } from '../../domain/grant.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { secondsBetween } from '../../domain/values.js';
import type { AccessPlan } from './plan-access.js';

/** What the rule does not cover, and so wants an approver; none when it covers all. */
export function approvalReasons(
  request: OnboardingRequest,
  plan: Pick<AccessPlan, 'grantee' | 'unavoidablyWider' | 'accounts' | 'routes'>,
  rule: AutoApprovalRule,
): readonly Reason[] {
  const { lease, grantee, grants } = request;
  return [
    // So that what is no number is not covered either.
    ...(secondsBetween(lease.startsAt, lease.expiresAt) <= rule.maxLeaseSeconds
      ? []
      : [
          notCovered(
            '/data/lease',
            rule.maxLeaseSeconds > 0 ? `leases of more than ${rule.maxLeaseSeconds} seconds` : 'any lease',
          ),
        ]),
    ...(rule.granteeAccounts !== undefined && !rule.granteeAccounts.includes(grantee.accountId)
      ? [notCovered('/data/grantee/accountId', 'this grantee')]
      : []),
    ...receiverReasons(plan, rule),
    ...(plan.unavoidablyWider.length > 0 && !rule.allowUnavoidablyWider
      ? [notCovered('/data/grants', `wider rights than asked for: ${plan.unavoidablyWider.join('; ')}`)]
      : []),
    ...(plan.accounts.length + plan.routes.length > 0 && !rule.allowEndsByController
      ? [notCovered('/data/grants', 'accounts in data planes and rules for events, which RAM does not end')]
      : []),
    ...grants.flatMap((grant, index) => grantReasons(grant, `/data/grants/${index}`, rule)),
  ];
}

/** Who gets what is handed over and routed: whoever asks names key and address, whatever the account. */
function receiverReasons(
  { grantee: { keyThumbprint }, routes }: Pick<AccessPlan, 'grantee' | 'routes'>,
  { keyThumbprints, targetHosts }: AutoApprovalRule,
): readonly Reason[] {
  const hosts = routes.flatMap(({ to }) => (to.kind === 'https' ? [hostOf(to.url)] : []));
  return [
    ...(keyThumbprint === undefined || keyThumbprints === undefined || keyThumbprints.includes(keyThumbprint)
      ? []
      : [notCovered('/data/grantee/publicKey', `the key ${keyThumbprint}`)]),
    ...[...new Set(hosts)]
      .filter((host) => targetHosts !== undefined && !targetHosts.includes(host))
      .map((host) => notCovered('/data/grants', `events to ${host}`)),
  ];
}

/** With its port, where the address names one. */
const hostOf = (url: string): string => (/^https:\/\/([^/?#]*)/.exec(url)?.[1] ?? url).toLowerCase();

/** `reasons` where there is nobody to ask, so that each is one against the request: with what would be otherwise, and by whom. */
export const withNobodyToAsk = (reasons: readonly Reason[]): readonly Reason[] =>
  reasons.map((reason) => ({
    ...reason,
    message: `${reason.message}, and LEASEHOLD_APPROVERS names nobody who could approve it; the rule is LEASEHOLD_AUTO_APPROVAL`,
  }));

function grantReasons(grant: Grant, pointer: string, rule: AutoApprovalRule): readonly Reason[] {
  if (isSystemPolicyGrant(grant)) {
    if (grant.acceptsHighRisk === true) return [notCovered(pointer, 'high-risk policies, whatever it says')];
    return rule.allowSystemPolicies ? [] : [notCovered(pointer, 'system policies')];
  }
  return [
    ...(rule.services !== undefined && !rule.services.includes(grant.service)
      ? [notCovered(`${pointer}/service`, grant.service)]
      : []),
    ...(rule.accessLevels !== undefined && !rule.accessLevels.includes(grant.access)
      ? [notCovered(`${pointer}/access`, grant.access)]
      : []),
  ];
}

const notCovered = (pointer: string, what: string): Reason => ({
  code: 'NOT_AUTO_APPROVED',
  pointer,
  message: `the auto-approval rule does not cover ${what}`,
});
