import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoleToDeploy } from '../../shared/domain/deployment.js';
import type { Caller } from '../../shared/loopback/kernel.js';
import { deploymentWith } from '../support/deployments.js';
import { OWNER, PARTNER, REGION } from '../support/requests.js';
import { documentWith, type RawStatement, statementsOf } from '../support/rights/watch.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const { roles } = deploymentWith();
const ofFunctions = roles.filter(({ trust }) => trust.includes('fc.aliyuncs.com'));
const groupOf = ({ name }: RoleToDeploy) => name.replace('leasehold-fn-', '');
const groups = ofFunctions.map(groupOf);

const sessionOf = (group: string): Caller =>
  world.cloud.cloud.identity.assumeForService(OWNER, `leasehold-fn-${group}`, 'fc.aliyuncs.com', 'test')
    .caller;
const may = (group: string, action: string, resource: string): boolean =>
  world.cloud.cloud.identity.authorize(sessionOf(group), { action, resource }).effect === 'allow';

const role = (name: string) => `acs:ram:*:${OWNER}:role/${name}`;
const policy = (name: string) => `acs:ram:*:${OWNER}:policy/${name}`;
const ofVendor = (name: string) => `acs:ram:*:system:policy/${name}`;
const inBucket = (key: string, bucket = 'leasehold-evidence') =>
  `acs:oss:oss-${REGION}:${OWNER}:${bucket}/${key}`;

/** Some that somebody of ours may, on what it is for: without them the refusals below would prove nothing. */
describe('what is allowed', () => {
  it.each([
    ['grant', 'ram:UpdateRole', role('lease-x-0123456789abcdef')],
    ['grant', 'ram:AttachPolicyToRole', policy('lease-x-0123456789abcdef-1')],
    ['grant', 'ram:AttachPolicyToRole', ofVendor('AliyunSLBReadOnlyAccess')],
    ['revoke', 'ram:AttachPolicyToRole', policy('leasehold-ended')],
    ['drift', 'ram:DetachPolicyFromRole', policy('anybodys')],
    ['verify', 'sts:AssumeRole', role('lease-x-0123456789abcdef')],
    ['report', 'oss:PutObject', inBucket('contracts/C/00000001.json')],
    ['sweep', 'oss:PutObject', inBucket('due/x/C/start', 'leasehold-index')],
  ])('%s may %s on %s', (group, action, resource) => {
    expect(may(group, action, resource)).toBe(true);
  });
});

/** Making is not among these: RAM asks for it on all roles and all policies only, so no name is out of reach of who may make any. */
const ON_ROLES = ['Get', 'Update', 'Delete'].map((verb) => `ram:${verb}Role`);
const CHANGING_ROLES = ['ram:UpdateRole', 'ram:DeleteRole', 'ram:AttachPolicyToRole'];
const CHANGING_POLICIES = [
  'ram:CreatePolicyVersion',
  'ram:SetDefaultPolicyVersion',
  'ram:DeletePolicyVersion',
  'ram:DeletePolicy',
];

const FORBIDDEN: readonly (readonly [
  what: string,
  by: readonly string[],
  actions: readonly string[],
  resources: readonly string[],
])[] = [
  [
    'touch a role outside lease-*',
    groups,
    [...ON_ROLES, ...CHANGING_ROLES],
    [role('admin'), role('release-manager'), role('leasehold-provisioning')],
  ],
  [
    'give anybody anything in a resource group but policies of contracts and reads of the vendor',
    groups,
    ['ram:AttachPolicy', 'resourcemanager:AttachPolicy'],
    [
      policy('anybodys'),
      ofVendor('AdministratorAccess'),
      ofVendor('AliyunSLBFullAccess'),
      `acs:ims:*:${OWNER}:user/mallory`,
    ],
  ],
  [
    'touch the roles of our own functions',
    groups,
    [...CHANGING_ROLES, 'ram:DetachPolicyFromRole'],
    groups.map((group) => role(`leasehold-fn-${group}`)),
  ],
  // Nor is tagging, which RAM asks for on all resources only.
  [
    'tag, but for who makes roles and who heals them',
    groups.filter((group) => !['grant', 'drift'].includes(group)),
    ['ram:TagResources'],
    ['*', role('lease-x-0123456789abcdef'), policy('lease-x-0123456789abcdef-1')],
  ],
  ['take tags away', groups, ['ram:UntagResources'], ['*', role('lease-x-0123456789abcdef')]],
  [
    'version, delete or attach the policies of our own functions',
    groups,
    [...CHANGING_POLICIES, 'ram:AttachPolicyToRole'],
    groups.map((group) => policy(`leasehold-fn-${group}`)),
  ],
  [
    'version or delete the stops',
    groups,
    CHANGING_POLICIES,
    [policy('leasehold-suspended'), policy('leasehold-ended')],
  ],
  [
    'take the stop of an end off, but for the end of removal',
    groups.filter((group) => group !== 'revoke'),
    ['ram:DetachPolicyFromRole', 'ram:DetachPolicy', 'resourcemanager:DetachPolicy'],
    [policy('leasehold-ended')],
  ],
  [
    'attach a policy of the vendor that is more than reading',
    groups,
    ['ram:AttachPolicyToRole'],
    [
      ofVendor('AdministratorAccess'),
      ofVendor('AliyunRAMFullAccess'),
      ofVendor('AliyunOSSFullAccess'),
      ofVendor('ReadOnlyAccess'),
    ],
  ],
  [
    'version a policy that is not of a contract',
    groups,
    CHANGING_POLICIES,
    [policy('anybodys'), policy('release-notes')],
  ],
  [
    'make users, but for those behind accounts of RabbitMQ',
    groups.filter((group) => group !== 'grantee'),
    ['ram:CreateUser', 'ims:CreateUser'],
    [`acs:ram:*:${OWNER}:*`, `acs:ram:*:${OWNER}:user/*`, `acs:ram:*:${OWNER}:user/admin`],
  ],
  [
    'give keys, logons, groups or policies to users other than those, or take any of that away',
    groups,
    ['ram', 'ims'].flatMap((code) => [
      ...['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey', 'CreateLoginProfile'].map(
        (action) => `${code}:${action}`,
      ),
      ...['AddUserToGroup', 'AttachPolicyToUser', 'DetachPolicyFromUser', 'DeleteUser'].map(
        (action) => `${code}:${action}`,
      ),
    ]),
    [`acs:ram:*:${OWNER}:*`, `acs:ram:*:${OWNER}:user/admin`],
  ],
  [
    'give keys to users behind accounts of RabbitMQ, but for who hands them over',
    groups.filter((group) => group !== 'grantee'),
    ['ram:CreateAccessKey', 'ims:CreateAccessKey'],
    [`acs:ram:*:${OWNER}:user/lh-0123456789abcdef`],
  ],
  [
    'give any user more than policies of contracts',
    groups,
    ['ram:AttachPolicyToUser'],
    [policy('anybodys'), policy('leasehold-fn-grant'), ofVendor('AliyunSLBReadOnlyAccess')],
  ],
  [
    'pass a role on',
    groups,
    ['ram:PassRole'],
    [role('admin'), role('leasehold-fn-grant'), role('lease-x-0123456789abcdef')],
  ],
  [
    'enter a role of contracts, but to look whether it works or is refused',
    groups.filter((group) => !['verify', 'revoke'].includes(group)),
    ['sts:AssumeRole'],
    [role('lease-x-0123456789abcdef')],
  ],
  [
    'enter any other role',
    groups,
    ['sts:AssumeRole'],
    [
      role('admin'),
      role('leasehold-fn-grant'),
      role('leasehold-provisioning'),
      `acs:ram:*:${PARTNER}:role/admin`,
      `acs:ram:*:${PARTNER}:role/leasehold-provisioning`,
    ],
  ],
  [
    'read or write another bucket',
    groups,
    ['oss:GetObject', 'oss:PutObject', 'oss:DeleteObject', 'oss:ListObjects'],
    [inBucket('x', 'payroll'), `acs:oss:*:${OWNER}:payroll`, inBucket('x', 'leasehold-evidence-copy')],
  ],
  [
    'delete or configure the register',
    groups,
    [
      'oss:DeleteObject',
      'oss:PutBucketVersioning',
      'oss:DeleteBucket',
      'oss:PutBucketPolicy',
      'oss:AbortBucketWorm',
    ],
    [inBucket('contracts/C/00000001.json'), `acs:oss:*:${OWNER}:leasehold-evidence`],
  ],
  [
    'claim names, but at admission',
    groups.filter((group) => group !== 'admission'),
    ['oss:PutObject'],
    [inBucket('names/lease-x'), inBucket('grantees/1/provisioning.json')],
  ],
  [
    'file refusals, but where events come in: at admission, and at the end, which waits for none',
    groups.filter((group) => !['admission', 'revoke'].includes(group)),
    ['oss:PutObject'],
    [inBucket('rejected/x.json')],
  ],
  [
    'write hand-overs, but for those who hand over',
    groups.filter((group) => group !== 'grantee'),
    ['oss:PutObject'],
    [inBucket('hand-overs/C/1.json')],
  ],
  [
    'tell of strays, but for those who look for them',
    groups.filter((group) => group !== 'drift'),
    ['oss:PutObject'],
    [inBucket('strays/x.json'), inBucket('drift/cursor', 'leasehold-index')],
  ],
  [
    'post what contract systems post',
    groups,
    ['eventbridge:PutEvents'],
    [
      `acs:eventbridge:${REGION}:${OWNER}:eventbus/leasehold`,
      `acs:eventbridge:${REGION}:${OWNER}:eventbus/default`,
    ],
  ],
  [
    'change the rules that start flows',
    groups,
    ['eventbridge:UpdateRule', 'eventbridge:DeleteRule', 'eventbridge:DisableRule', 'eventbridge:PutTargets'],
    [`acs:eventbridge:${REGION}:${OWNER}:eventbus/leasehold/rule/leasehold-contract-terminated`],
  ],
  [
    'change or start functions and flows',
    groups,
    ['fc:UpdateFunction', 'fc:InvokeFunction', 'fnf:UpdateFlow', 'fnf:StartExecution'],
    [
      `acs:fc:${REGION}:${OWNER}:functions/leasehold-grant-access`,
      `acs:fnf:${REGION}:${OWNER}:flow/leasehold-onboarding`,
      '*',
    ],
  ],
];

describe('no function of ours may', () => {
  it.each(FORBIDDEN)('%s', (_, by, actions, resources) => {
    const allowed = by.flatMap((group) =>
      actions.flatMap((action) =>
        resources
          .filter((resource) => may(group, action, resource))
          .map((resource) => `${group}: ${action} on ${resource}`),
      ),
    );
    expect(allowed).toEqual([]);
  });
});

const denying = roles.flatMap((one) =>
  statementsOf(one).flatMap((deny, index) =>
    deny.Effect === 'Deny' ? [[groupOf(one), deny.Resource.join(', '), one, deny, index] as const] : [],
  ),
);
/** As somebody in a hurry might widen a role. */
const EVERYTHING: RawStatement = { Effect: 'Allow', Action: ['*'], Resource: ['*'] };

describe('a Deny', () => {
  it.each(denying)(
    'holds though a role is let do everything: %s on %s',
    async (group, _, one, deny, index) => {
      const some = (pattern: string, otherwise: string) => pattern.replace(/\*$/, otherwise);
      const allowed = () =>
        deny.Action.flatMap((action) =>
          deny.Resource.map((resource) => may(group, some(action, 'UpdateRole'), some(resource, 'x'))),
        );
      const statements = statementsOf(one);
      await world.ram().setPolicyDocument(one.name, documentWith([...statements, EVERYTHING]));
      const withIt = allowed();
      const rest = statements.filter((_other, at) => at !== index);
      await world.ram().setPolicyDocument(one.name, documentWith([...rest, EVERYTHING]));
      const without = allowed();
      await world.ram().setPolicyDocument(one.name, one.document);
      expect([new Set(withIt), new Set(without)]).toEqual([new Set([false]), new Set([true])]);
    },
  );
});
