/** What the role `leasehold-provisioning` of a grantee must be allowed, and whether it is. Pure. */
import { PROVISIONING_ROLE } from '../../domain/provisioning.js';
import { isExisting, type ManagedSetup } from '../../domain/request.js';
import type { AccountId, Instant } from '../../domain/values.js';
import {
  compilePolicies,
  evaluate,
  formatPolicy,
  formatTrustPolicy,
  type PolicyDocument,
  type Statement,
} from '../../policy/index.js';
import type { Right } from '../../services/types.js';

/** Actions by what they are for, and on what each is authorised. `*`: on all resources, which a narrower ARN does not match. */
const NEEDS: Readonly<
  Record<string, readonly { readonly on: readonly string[]; readonly actions: readonly string[] }[]>
> = {
  always: [
    {
      on: ['*'],
      actions: [
        'GetDefaultDomain',
        'GetPasswordPolicy',
        'GetAccountSummary',
        'ListTagResources',
        'ListPolicyAttachments',
      ],
    },
    {
      on: ['user'],
      actions: [
        'GetUser',
        'ListUsers',
        'GetLoginProfile',
        'ListAccessKeys',
        'GetUserMFAInfo',
        'ListGroupsForUser',
        'ListPoliciesForUser',
      ],
    },
    { on: ['newPolicy'], actions: ['CreatePolicy'] },
    {
      on: ['policy'],
      actions: ['GetPolicy', 'ListEntitiesForPolicy', 'CreatePolicyVersion', 'DeletePolicy'],
    },
    { on: ['policy', 'user'], actions: ['AttachPolicyToUser', 'DetachPolicyFromUser'] },
    // Whoever was given the policy by hand loses it at the end, or it could not be deleted.
    { on: ['policy', 'role'], actions: ['DetachPolicyFromRole'] },
    { on: ['policy', 'group'], actions: ['DetachPolicyFromGroup'] },
    { on: ['self'], actions: ['ListPoliciesForRole'] },
  ],
  users: [{ on: ['user'], actions: ['CreateUser', 'DeleteUser'] }],
  console: [
    {
      on: ['user'],
      actions: ['CreateLoginProfile', 'UpdateLoginProfile', 'DeleteLoginProfile', 'DisableVirtualMFA'],
    },
  ],
  programmatic: [{ on: ['user'], actions: ['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey'] }],
  roles: [
    { on: ['role'], actions: ['GetRole', 'ListPoliciesForRole'] },
    { on: ['policy', 'role'], actions: ['AttachPolicyToRole'] },
    { on: ['role'], actions: ['CreateRole', 'DeleteRole'] },
  ],
};

/** Which of two codes guards these is documented nowhere, so both are asked for. */
const BOTH_CODES = new Set(['ListPolicyAttachments']);

const codesOf = (action: string): readonly string[] => [
  `ram:${action}`,
  ...(BOTH_CODES.has(action) ? [`resourcemanager:${action}`] : []),
];

/** What the role is used for in a setup. */
function purposesOf({ users, roles }: ManagedSetup): readonly string[] {
  const made = users.flatMap((user) => (isExisting(user) ? [] : [user.access]));
  return [
    'always',
    ...(made.length > 0 ? ['users'] : []),
    ...(made.some((access) => access !== 'programmatic') ? ['console'] : []),
    ...(made.some((access) => access !== 'console') ? ['programmatic'] : []),
    ...(roles.length > 0 ? ['roles'] : []),
  ];
}

/** The rights that `setup` takes, each on the very things it names. */
export function neededRights(
  setup: ManagedSetup,
  { accountId, policyName }: { readonly accountId: AccountId; readonly policyName: string },
): readonly Right[] {
  const arn = (relative: string) => `acs:ram::${accountId}:${relative}`;
  const things: Readonly<Record<string, readonly string[]>> = {
    '*': ['*'],
    user: setup.users.map(({ logonName }) => arn(`user/${logonName}`)),
    role: setup.roles.map(({ name }) => arn(`role/${name.toLowerCase()}`)),
    group: [arn('group/*')],
    policy: [arn(`policy/${policyName}`)],
    newPolicy: [arn('policy/*')],
    self: [arn(`role/${PROVISIONING_ROLE}`)],
  };
  return purposesOf(setup)
    .flatMap((purpose) => NEEDS[purpose] ?? [])
    .flatMap(({ on, actions }) =>
      actions.flatMap((action) =>
        codesOf(action).flatMap((code) =>
          on.flatMap((thing) => (things[thing] ?? []).map((resource) => ({ action: code, resource }))),
        ),
      ),
    );
}

/** Rights of `needed` that the policies do not give. A condition that we cannot know the answer to counts as refusing. */
export function missingRights(
  policies: readonly { readonly name: string; readonly document: PolicyDocument }[],
  needed: readonly Right[],
  now: Instant,
): readonly Right[] {
  const compiled = compilePolicies(policies);
  const verdict = (action: string, resource: string) =>
    evaluate(compiled, {
      action,
      resource,
      context: { 'acs:CurrentTime': now, 'acs:SecureTransport': 'true' },
    }).verdict;
  return needed.filter(({ action, resource }) => {
    const own = verdict(action, resource);
    if (own === 'Allow') return false;
    // IMS is documented as "ram,ims": either code grants, unless the other refuses outright.
    return !(
      own === 'ImplicitDeny' &&
      action.startsWith('ram:') &&
      verdict(action.replace(/^ram:/, 'ims:'), resource) === 'Allow'
    );
  });
}

/**
 * What the grantee's administrator makes: a trust policy that lets in one function role of ours, with the ExternalId that we made
 * for this account, and a policy with the rights for any setup. It can make users and give them policies of Leasehold's, and
 * whoever can do that can give itself more: the administrator should know, and keep an eye on the role.
 */
export function provisioningDocuments({
  accountId,
  functionRoleArn,
  externalId,
}: {
  readonly accountId: AccountId;
  readonly functionRoleArn: string;
  readonly externalId: string;
}): { readonly trust: string; readonly policy: string } {
  const arn = (relative: string) => `acs:ram:*:${accountId}:${relative}`;
  const things: Readonly<Record<string, string>> = {
    '*': '*',
    user: arn('user/*'),
    role: arn('role/*'),
    group: arn('group/*'),
    policy: arn('policy/lease-*'),
    newPolicy: arn('policy/*'),
    self: arn(`role/${PROVISIONING_ROLE}`),
  };
  const allows = Object.values(NEEDS)
    .flat()
    .map(
      ({ on, actions }): Statement => ({
        effect: 'Allow',
        actions: actions.flatMap(codesOf),
        resources: on.map((thing) => things[thing] ?? '*'),
      }),
    );
  const ownPolicies: Statement = {
    effect: 'Allow',
    actions: ['ram:GetPolicy'],
    resources: [arn('policy/*'), 'acs:ram:*:system:policy/*'],
  };
  const itself: Statement = {
    effect: 'Deny',
    actions: ['ram:AttachPolicyToRole', 'ram:DetachPolicyFromRole', 'ram:UpdateRole', 'ram:DeleteRole'],
    resources: [arn(`role/${PROVISIONING_ROLE}`)],
  };
  return {
    trust: formatTrustPolicy({
      version: '1',
      statements: [
        {
          effect: 'Allow',
          actions: ['sts:AssumeRole'],
          principals: { ram: [functionRoleArn], service: [], federated: [] },
          condition: { StringEquals: { 'sts:ExternalId': [externalId] } },
        },
      ],
    }),
    policy: formatPolicy({ version: '1', statements: [...allows, ownPolicies, itself] }),
  };
}
