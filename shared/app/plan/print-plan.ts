/** The plan as a person would want to read it. Pure. */
import type { AccessPlan } from './plan-access.js';
import type { WayIn } from './trust.js';

const PROOFS: Readonly<Record<WayIn['proof'], string>> = {
  'external-id': 'with the ExternalId of the hand-over',
  mfa: 'after a logon with MFA',
  none: 'with no further proof than being that user',
};

/** Several lines, no newline at the end. */
export function printPlan(plan: AccessPlan): string {
  const { lease, restrict, owner, roleName, grantee } = plan;
  return [
    `Contract ${plan.contractId}: ${grantee.name} (account ${grantee.accountId}) in account ${owner}`,
    '',
    `Role       ${roleName}, sessions of at most ${plan.maxSessionSeconds} s`,
    `From       ${lease.startsAt}`,
    `Until      ${lease.expiresAt}, refused by the policies themselves from then on`,
    ...(restrict.sourceIps === undefined ? [] : [`Only from  ${restrict.sourceIps.join(', ')}`]),
    ...(grantee.keyThumbprint === undefined ? [] : [`Sealed to  ${grantee.keyThumbprint} (key thumbprint)`]),
    ...section(
      'Who may enter',
      plan.waysIn.map((way) => `${way.principal} by ${way.via}, ${PROOFS[way.proof]}`),
    ),
    ...section('What they may do', plan.grants),
    ...section('Wider than asked for, because the product knows no narrower right', plan.unavoidablyWider),
    ...section('Calls to make', callsOf(plan)),
    '',
    `Plan hash  ${plan.planHash}`,
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];

/** The calls with an effect, in their order, for a lease that has begun. */
function callsOf({ roleName, policies, attachments }: AccessPlan): readonly string[] {
  return [
    `ram:CreateRole ${roleName}, closed to everybody but the verifier`,
    ...policies.map(({ name, text }) => `ram:CreatePolicy ${name}, ${text.length} characters`),
    ...attachments.map(({ policy, resourceGroupId }) =>
      resourceGroupId === undefined
        ? `ram:AttachPolicyToRole ${policy.name}`
        : `resourcemanager:AttachPolicy ${policy.name} on ${resourceGroupId}`,
    ),
    `(verification with read calls)`,
    `ram:UpdateRole ${roleName}, opened to the partner`,
  ];
}
