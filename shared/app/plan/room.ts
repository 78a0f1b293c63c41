/** Whether role and account have room for what a plan makes. Pure. */
import type { AccountSummary } from '../../cloud/ports.js';
import { type Reason, reason } from '../../domain/fact.js';
import { MAX_POLICY_CHARACTERS } from './documents.js';
import { MAX_POLICIES, MAX_SYSTEM_POLICIES } from './limits.js';
import type { AccessPlan } from './plan-access.js';

/** Every want of room at once; the account's only where its `summary` is known. */
export function roomReasons(
  plan: Pick<AccessPlan, 'policies' | 'attachments'>,
  summary: AccountSummary | undefined,
): readonly Reason[] {
  return [...roleReasons(plan), ...(summary === undefined ? [] : accountReasons(plan, summary))];
}

function roleReasons({
  policies,
  attachments,
}: Pick<AccessPlan, 'policies' | 'attachments'>): readonly Reason[] {
  const systemPolicies = attachments.filter(({ policy }) => policy.type === 'System').length;
  const isTooLong = policies.some(
    ({ text, probingText }) => Math.max(text.length, probingText.length) > MAX_POLICY_CHARACTERS,
  );
  return [
    ...(policies.length > MAX_POLICIES
      ? [
          reason(
            'TOO_MANY_POLICIES',
            '/data/grants',
            `the grants need ${policies.length} policies and a role takes ${MAX_POLICIES}; split the contract`,
          ),
        ]
      : []),
    ...(systemPolicies > MAX_SYSTEM_POLICIES
      ? [
          reason(
            'TOO_MANY_POLICIES',
            '/data/grants',
            `the grants name ${systemPolicies} system policies and a role takes ${MAX_SYSTEM_POLICIES}; split the contract`,
          ),
        ]
      : []),
    ...(isTooLong
      ? [
          reason(
            'POLICY_TOO_LONG',
            '/data',
            `a statement needs more than ${MAX_POLICY_CHARACTERS} characters and cannot be split`,
          ),
        ]
      : []),
  ];
}

function accountReasons(
  { policies }: Pick<AccessPlan, 'policies'>,
  summary: AccountSummary,
): readonly Reason[] {
  return [
    ...(summary.roles + 1 > summary.rolesQuota
      ? [reason('QUOTA', '', `the account has all ${summary.rolesQuota} roles it may have`)]
      : []),
    ...(summary.policies + policies.length > summary.policiesQuota
      ? [
          reason(
            'QUOTA',
            '',
            `the grants need ${policies.length} policies; the account has ${summary.policies} of ${summary.policiesQuota}`,
          ),
        ]
      : []),
  ];
}
