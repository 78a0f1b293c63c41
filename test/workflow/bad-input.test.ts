import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../shared/domain/grant.js';
import { parseAccountId } from '../../shared/domain/values.js';
import { failing } from '../../shared/loopback/dispatch.js';
import { makeKeyPair } from '../support/key-pairs.js';
import { documentsFor, letUsIn, managedGrantee, there, usersThere } from '../support/managed.js';
import { kafkaGrant, PARTNER, REGION, type request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const ROLE = 'leasehold-provisioning';
let world: World;
let trust: string;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
  await letUsIn(world);
  ({ trust } = await documentsFor(world));
}, 60_000);
afterAll(() => world?.cloud.close());

type Changes = Parameters<typeof request>[0];
type Reason = { readonly code: string; readonly pointer: string; readonly message: string };
const etl = { logonName: 'etl', access: 'programmatic' } as const;
const alice = { logonName: 'alice', access: 'console' } as const;
const asConsole = (name: string) => ({ type: 'user', name, via: 'console' }) as const;

/** Everything of contracts that there is on either side. */
const standing = async () => ({
  roles: await world.roles(),
  policies: (await world.ram().listPolicies()).filter((name) => name.startsWith('lease-')),
  users: await usersThere(world),
  theirs: await policiesThere(),
});
const policiesThere = async () => {
  const { Policies } = (await there(world, '2015-05-01', 'ListPolicies', { PolicyType: 'Custom' })) as {
    readonly Policies: { readonly Policy: readonly { readonly PolicyName: string }[] };
  };
  return Policies.Policy.map(({ PolicyName }) => PolicyName).sort();
};

/** The reasons that are told of a request as it is posted, once it was seen to have changed nothing on either side. */
async function reasonsAgainst(id: string, changes: Changes): Promise<readonly Reason[]> {
  const [before, writes] = [await standing(), world.ramWrites().length];
  await world.onboard(id, changes);
  const heard = await world.hear(id, 'rejected', 'granted', 'failed', 'approval-needed');
  expect(heard.type).toBe('partner.access.rejected');
  expect(await standing()).toEqual(before);
  expect(world.ramWrites().length).toBe(writes);
  // What cannot even be read as a request is no contract's first fact.
  expect(['rejected', 'unknown']).toContain((await world.contract(id)).state);
  return heard.data['reasons'] as readonly Reason[];
}
const codesAgainst = async (id: string, changes: Changes) =>
  (await reasonsAgainst(id, changes)).map(({ code }) => code);
const trusting = (document: string) =>
  there(world, '2015-05-01', 'UpdateRole', { RoleName: ROLE, NewAssumeRolePolicyDocument: document });

describe('an event of a type that nobody listens to', () => {
  it('is answered, whatever it was meant to be', async () => {
    await world.post({
      id: 'slip-1',
      source: 'contracts',
      type: 'partner.contract.terminate',
      subject: 'IN-slip',
      data: { contractId: 'IN-slip', reason: 'over', requestedBy: 'contracts@a.example' },
    });
    const { data } = await world.hear('IN-slip', 'rejected');
    expect(data).toMatchObject({
      event: { source: 'contracts', id: 'slip-1' },
      reasons: [{ code: 'UNKNOWN_TYPE', message: expect.stringContaining('partner.contract.terminated') }],
    });
  });
});

describe('an event that lacks what its schema asks for', () => {
  it.each([
    'partner.onboarding.requested',
    'partner.onboarding.approved',
    'partner.onboarding.declined',
    'partner.contract.amended',
    'partner.contract.terminated',
    'partner.access.suspend.requested',
    'partner.access.resume.requested',
  ])('is answered at once, with the field that is missing: %s', async (type) => {
    const subject = `IN-${type.replaceAll('.', '-')}`;
    await world.post({
      id: `lacks-${type.replaceAll('.', '-')}`,
      source: 'contracts',
      type,
      subject,
      data: {},
    });
    const { data } = await world.hear(subject, 'rejected', 'failed');
    expect(data['reasons']).toContainEqual({
      code: 'SCHEMA',
      pointer: '/data/contractId',
      message: 'is missing',
    });
  });
});

describe('a provisioning role', () => {
  it('that trusts another than the one role of ours is refused', async () => {
    await trusting(trust.replace('role/leasehold-fn-provisioner', 'role/leasehold-fn-verify'));
    expect(await codesAgainst('IN-trust', { grantee: managedGrantee({ users: [etl] }) })).toEqual([
      'PROVISIONING_REFUSED',
    ]);
    await trusting(trust);
  });

  it('that lets us in without our ExternalId is refused', async () => {
    const open = JSON.parse(trust) as { Statement: { Condition?: unknown }[] };
    for (const statement of open.Statement) delete statement.Condition;
    await trusting(JSON.stringify(open));
    expect(await codesAgainst('IN-open', { grantee: managedGrantee({ users: [etl] }) })).toEqual([
      'PROVISIONING_WITHOUT_EXTERNAL_ID',
    ]);
    await trusting(trust);
  });

  it('that may do too little is refused, with the action that is missing', async () => {
    const { policy } = await documentsFor(world);
    const set = (PolicyDocument: string) =>
      there(world, '2015-05-01', 'CreatePolicyVersion', {
        PolicyName: ROLE,
        PolicyDocument,
        SetAsDefault: 'true',
        RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded',
      });
    await set(policy.replace('"ram:CreateAccessKey",', ''));
    const reasons = await reasonsAgainst('IN-little', { grantee: managedGrantee({ users: [etl] }) });
    expect(reasons.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      `PROVISIONING_MAY_TOO_LITTLE: ${ROLE} lacks ram:CreateAccessKey on acs:ram::${PARTNER}:user/etl`,
    ]);
    await set(policy);
  });
});

describe('users to be made', () => {
  it('under names that no user can bear are refused, each by its place', async () => {
    const names = ['a b', 'é', 'x'.repeat(65), 'fine'];
    const users = names.map((logonName) => ({ logonName, access: 'programmatic' as const }));
    const reasons = await reasonsAgainst('IN-names', { grantee: managedGrantee({ users }) });
    expect(reasons.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(
      [0, 1, 2].map((index) => `SCHEMA /data/grantee/setup/users/${index}/logonName`),
    );
  });

  it('twice, or for console and programs at once, are refused with every reason', async () => {
    const users = [etl, { ...etl, logonName: 'ETL' }, { logonName: 'alice', access: 'both' as const }];
    const accessors = [
      asConsole('alice'),
      ...['alice', 'etl', 'ETL'].map((name) => ({ type: 'user', name, via: 'api' }) as const),
    ];
    const reasons = await reasonsAgainst('IN-twice', { grantee: managedGrantee({ users }, accessors) });
    expect(reasons.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'ACCESSOR_TWICE /data/grantee/accessors/3',
      'NAME_TWICE /data/grantee/setup/users/1',
      'BOTH_ACCESS_MODES /data/grantee/setup/users/2/access',
    ]);
  });

  it('whose secrets would be sealed to a key that is too weak are refused', async () => {
    const { publicKey } = makeKeyPair('rsa', { modulusLength: 1024 });
    const grantee = { ...managedGrantee({ users: [etl] }), publicKey };
    const reasons = await reasonsAgainst('IN-weak', { grantee });
    expect(reasons.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'KEY_WEAK /data/grantee/publicKey/n',
    ]);
  });

  it('with a password, where the rules for passwords can be met by none, are refused', async () => {
    const { accounts } = world.cloud;
    accounts.setPasswordPolicy(PARTNER, { minimumLength: 40 });
    const grantee = managedGrantee({ users: [alice] }, [asConsole('alice')]);
    const [reason, ...others] = await reasonsAgainst('IN-rules', { grantee });
    expect([reason?.code, reason?.pointer, others]).toEqual([
      'PASSWORD_POLICY',
      '/data/grantee/setup/users/0/access',
      [],
    ]);
    expect(reason?.message).toContain('40 characters');
    accounts.setPasswordPolicy(PARTNER, { minimumLength: 8 });
  });

  it('of whom the account takes only some are all taken back, on both sides', async () => {
    const before = await standing();
    let made = 0;
    const undo = world.cloud.cloud.faults.add({
      before: ({ product, action }) => {
        if (product !== 'Ims' || action !== 'CreateUser') return undefined;
        made += 1;
        // Somebody else made users meanwhile: when it was asked for there was room for all of them.
        return made > 2 ? { kind: 'error', status: 409, code: 'LimitExceeded.User' } : undefined;
      },
    });
    const users = ['u-1', 'u-2', 'u-3', 'u-4'].map((logonName) => ({ ...etl, logonName }));
    await world.onboard('IN-quota', { grantee: managedGrantee({ users }) });
    const { type, data } = await world.hear('IN-quota', 'failed', 'granted', 'rejected');
    undo();
    expect(type).toBe('partner.access.failed');
    expect(made).toBeGreaterThan(2);
    expect(data).toMatchObject({ step: 'PrepareGrantee', withdrawn: true });
    expect(data['reasons']).toEqual([
      expect.objectContaining({ code: 'QUOTA', message: expect.stringContaining('takes no more') }),
    ]);
    expect(await standing()).toEqual(before);
  });
});

describe('what is granted', () => {
  const readOnly = (systemPolicy: string, more: object = {}): Grant => ({ systemPolicy, ...more });

  it('by a system policy that does not exist is refused, with what else speaks against the request', async () => {
    const grants = [
      readOnly('AliyunNothingReadOnlyAccess'),
      { ...kafkaGrant, instanceId: 'no such id' } as Grant,
    ];
    const reasons = await reasonsAgainst('IN-policy', { grants });
    expect(reasons.map(({ code, pointer }) => `${code} ${pointer}`).sort()).toEqual([
      expect.stringMatching(/^BAD_NAME \/data\/grants\/1/),
      'UNKNOWN_SYSTEM_POLICY /data/grants/0/systemPolicy',
    ]);
  });

  it('within a resource group of another account is refused', async () => {
    world.cloud.accounts.createResourceGroup(PARTNER, 'rg-theirs');
    const rocketmq: Grant = {
      service: 'rocketmq',
      series: '5.x',
      access: 'read',
      region: REGION,
      instanceId: 'rmq-cn-x1',
      resourceGroupId: 'rg-theirs',
    };
    expect(await codesAgainst('IN-group', { grants: [rocketmq] })).toEqual(['UNKNOWN_RESOURCE_GROUP']);
  });

  it('to an account that let nobody in is refused before anything is made', async () => {
    const accountId = parseAccountId('3000000000000003');
    const grantee = { ...managedGrantee({ users: [etl] }), accountId };
    expect(await codesAgainst('IN-nobody', { grantee })).toEqual(['PROVISIONING_REFUSED']);
  });
});

describe('an account whose own rules take away what its role gives', () => {
  it('is refused, before anything is made there or here', async () => {
    const undo = world.cloud.cloud.faults.add(
      failing({ action: 'GetDefaultDomain' }, { kind: 'error', status: 403, code: 'NoPermission' }),
    );
    expect(await codesAgainst('IN-shut', { grantee: managedGrantee({ users: [etl] }) })).toEqual([
      'PROVISIONING_MAY_TOO_LITTLE',
    ]);
    undo();
  });
});
