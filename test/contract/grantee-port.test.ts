import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ecsTrust } from '../../shared/app/grantee/plan-grantee.js';
import { makeGranteeGate } from '../../shared/cloud/alibaba/grantee.js';
import { makeStsPort } from '../../shared/cloud/alibaba/sts.js';
import type { GranteePort } from '../../shared/cloud/ports.js';
import { EXTERNAL_ID, type GranteeWorld, startGranteeWorld } from '../support/grantee-world.js';
import { OWNER, PARTNER } from '../support/requests.js';

/** One set of cases for whatever stands behind the port: here the embedded cloud, with the rights that we ask a grantee for. */
let world: GranteeWorld;
let account: GranteePort;
beforeEach(async () => {
  world = await startGranteeWorld();
  account = await world.enter();
});
afterEach(() => world.close());

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
};
const tags = { 'leasehold-contract': 'C-1', 'leasehold-nonce': 'n-1' };
const policy = 'lease-c-1-0123-enter';
const document = JSON.stringify({
  Version: '1',
  Statement: [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `acs:ram::${OWNER}:role/lease-c-1-0123` },
  ],
});
const etl = { logonName: 'etl', displayName: 'ETL', tags };
const policyOf = { name: policy, document, description: 'test', tags };
const password = 'Correct-Horse-7';

describe('entering a grantee’s account', () => {
  it('takes our ExternalId', async () => {
    expect(await world.gate.enter(PARTNER)).toMatchObject({ outcome: 'refused', code: 'NoPermission' });
    expect(await world.gate.enter(PARTNER, 'another')).toMatchObject({ outcome: 'refused' });
    expect(await world.gate.enter(PARTNER, EXTERNAL_ID)).toMatchObject({ outcome: 'entered' });
  });
  it('is refused where there is no such role', async () => {
    world.running.accounts.createAccount('3000000000000003');
    const other = '3000000000000003' as typeof PARTNER;
    expect(await world.gate.enter(other, EXTERNAL_ID)).toMatchObject({ outcome: 'refused' });
  });
});

describe('a session that is of somewhere else', () => {
  it.each([
    `acs:ram::${OWNER}:assumed-role/leasehold-provisioning/leasehold`,
    `acs:ram::${PARTNER}:assumed-role/leasehold-provisioning-2/leasehold`,
    `acs:ram::${PARTNER}:user/leasehold-provisioning`,
  ])('such as %s is not used', async (arn) => {
    const answers: Readonly<Record<string, object>> = {
      AssumeRole: { Credentials: { AccessKeyId: 'STS.x', AccessKeySecret: 's', SecurityToken: 't' } },
      GetCallerIdentity: { Arn: arn },
    };
    const called: string[] = [];
    const server = createServer((asked, reply) => {
      const action = String(asked.headers['x-acs-action']);
      called.push(action);
      reply.setHeader('content-type', 'application/json');
      reply.end(JSON.stringify({ RequestId: 'r', ...answers[action] }));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    const connection = world.connectionOf({ accessKeyId: 'k', accessKeySecret: 's' });
    const provisioner = `acs:ram::${OWNER}:role/leasehold-fn-provisioner`;
    const gate = makeGranteeGate({ ...connection, endpoint: `127.0.0.1:${port}` }, provisioner);
    expect(await gate.enter(PARTNER, EXTERNAL_ID)).toEqual({ outcome: 'elsewhere', arn });
    expect(called).toEqual(['AssumeRole', 'AssumeRole', 'GetCallerIdentity']);
    await new Promise((closed) => server.close(closed));
  });
});

describe('the account', () => {
  it('tells its domain, its password rules and how many users it takes', async () => {
    expect(await account.defaultDomain()).toBe(`${PARTNER}.onaliyun.com`);
    expect(await account.passwordPolicy()).toMatchObject({ minimumLength: 8, requireSymbols: true });
    expect(await account.usersLeft()).toBe(5_000);
    expect((await account.provisioningPolicies()).map(({ name }) => name)).toEqual([
      'leasehold-provisioning-policy',
    ]);
  });
});

describe('a user', () => {
  it('is made once, seen with its tags, and gone when deleted, as often as one likes', async () => {
    expect(await account.observeUser('etl')).toBeUndefined();
    const made = await account.createUser(etl);
    expect(await account.createUser(etl)).toEqual({ outcome: 'exists' });
    expect(await account.observeUser('etl')).toEqual({
      id: made.outcome === 'created' ? made.id : '',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      tags,
      keys: [],
      hasMfaDevice: false,
      groups: [],
      attachments: [],
    });
    expect(await account.usersTagged('leasehold-contract', 'C-1')).toEqual(['etl']);
    expect(await account.usersTagged('leasehold-contract', 'C-2')).toEqual([]);
    await account.deleteUser('etl');
    await account.deleteUser('etl');
    expect(await account.observeUser('etl')).toBeUndefined();
  });

  it('signs with a key until that is disabled or deleted', async () => {
    await account.createUser(etl);
    const key = await account.createKey('etl');
    const credentials = { accessKeyId: key.id, accessKeySecret: key.secret };
    const isAlive = async () =>
      (await makeStsPort(world.connectionOf(credentials, PARTNER)).callerOf({ ...credentials } as never))
        .outcome;
    expect(await isAlive()).toBe('alive');
    await account.setKey('etl', key.id, 'Inactive');
    expect(await isAlive()).toBe('dead');
    expect((await account.observeUser('etl'))?.keys).toEqual([{ id: key.id, status: 'Inactive' }]);
    await account.deleteKey('etl', key.id);
    await account.deleteKey('etl', key.id);
    expect((await account.observeUser('etl'))?.keys).toEqual([]);
  });

  it('is disabled by the key before the key is deleted, as the console demands', async () => {
    await account.createUser(etl);
    const { id } = await account.createKey('etl');
    const before = world.running.calls.length;
    await account.deleteKey('etl', id);
    expect(world.running.calls.slice(before).map(({ action }) => action)).toEqual([
      'UpdateAccessKey',
      'DeleteAccessKey',
    ]);
  });

  it('has two keys at most', async () => {
    await account.createUser(etl);
    await account.createKey('etl');
    await account.createKey('etl');
    expect(await codeOf(account.createKey('etl'))).toBe('QUOTA');
  });

  it('logs on with a first password, at which it binds a device, until that is disabled or deleted', async () => {
    const { accounts } = world.running;
    await account.createUser(etl);
    expect(await account.createLogin('etl', password)).toBe('created');
    expect(await account.createLogin('etl', password)).toBe('exists');
    expect(accounts.canLogOn(PARTNER, 'etl', password)).toBe(true);
    expect(
      await world.call(PARTNER, 'ims', 'GetLoginProfile', {
        UserPrincipalName: `etl@${PARTNER}.onaliyun.com`,
      }),
    ).toMatchObject({
      LoginProfile: { MFABindRequired: true, PasswordResetRequired: true, Status: 'Active' },
    });
    await account.setLogin('etl', 'Inactive');
    expect((await account.observeUser('etl'))?.login).toEqual({ status: 'Inactive' });
    expect(accounts.canLogOn(PARTNER, 'etl', password)).toBe(false);
    accounts.bindMfaDevice(PARTNER, 'etl');
    expect((await account.observeUser('etl'))?.hasMfaDevice).toBe(true);
    await account.unbindMfa('etl');
    await account.unbindMfa('etl');
    await account.deleteLogin('etl');
    await account.deleteLogin('etl');
    expect(await account.observeUser('etl')).toMatchObject({ hasMfaDevice: false });
    await account.deleteUser('etl');
  });

  it('is not deleted while something hangs on it', async () => {
    await account.createUser(etl);
    await account.createKey('etl');
    expect(await codeOf(account.deleteUser('etl'))).toBe('CONFLICT');
  });

  it('shows what others have given it, in the account and in a resource group', async () => {
    await account.createUser(etl);
    const UserPrincipalName = `etl@${PARTNER}.onaliyun.com`;
    await world.call(PARTNER, 'ims', 'CreateGroup', { GroupName: 'ops' });
    await world.call(PARTNER, 'ims', 'AddUserToGroup', { GroupName: 'ops', UserPrincipalName });
    world.running.accounts.createResourceGroup(PARTNER, 'rg-1');
    const given = { PolicyType: 'System', PolicyName: 'AliyunSTSAssumeRoleAccess' };
    await world.call(PARTNER, 'ram', 'AttachPolicyToUser', { ...given, UserName: 'etl' });
    await world.running.cloud.call(
      world.running.accounts.rootOf(PARTNER),
      '2020-03-31',
      'AttachPolicy',
      { ...given, ResourceGroupId: 'rg-1', PrincipalType: 'IMSUser', PrincipalName: UserPrincipalName },
      'cn-hangzhou',
    );
    const named = { type: 'System', name: 'AliyunSTSAssumeRoleAccess' };
    expect(await account.observeUser('etl')).toMatchObject({
      groups: ['ops'],
      attachments: [{ policy: named }, { policy: named, resourceGroupId: 'rg-1' }],
    });
  });
});

describe('a policy', () => {
  it('is made once, changed, held, seen with its holders, and deleted when nobody holds it', async () => {
    await account.createUser(etl);
    await account.createRole({ name: 'etl-ecs', trust: ecsTrust(), description: 'test', tags });
    expect(await account.observePolicy(policy)).toBeUndefined();
    expect(await account.createPolicy(policyOf)).toBe('created');
    expect(await account.createPolicy(policyOf)).toBe('exists');
    const user = { type: 'user', name: 'etl' } as const;
    const role = { type: 'role', name: 'etl-ecs' } as const;
    expect(await account.attach(user, policy)).toBe('attached');
    expect(await account.attach(user, policy)).toBe('was-attached');
    await account.attach(role, policy);
    const changed = document.replace('sts:AssumeRole', 'sts:GetCallerIdentity');
    await account.setPolicyDocument(policy, changed);
    expect(await account.observePolicy(policy)).toEqual({ document: changed, tags, holders: [user, role] });
    expect(await account.observeRole('etl-ecs')).toMatchObject({
      tags,
      attachments: [{ policy: { type: 'Custom', name: policy } }],
    });
    expect(await codeOf(account.deletePolicy(policy))).toBe('CONFLICT');
    expect(await codeOf(account.deleteRole('etl-ecs'))).toBe('CONFLICT');
    await account.detach(user, policy);
    await account.detach(user, policy);
    await account.detach(role, policy);
    await account.deletePolicy(policy);
    await account.deletePolicy(policy);
    await account.deleteRole('etl-ecs');
    await account.deleteRole('etl-ecs');
    expect(await account.observeRole('etl-ecs')).toBeUndefined();
  });
});

describe('the rights that we ask for', () => {
  it.each<[string, (port: GranteePort) => Promise<unknown>]>([
    ['a policy of another name', (port) => port.deletePolicy('leasehold-provisioning-policy')],
    [
      'the provisioning role itself',
      (port) => port.attach({ type: 'role', name: 'leasehold-provisioning' }, policy),
    ],
    ['the provisioning role, for good', (port) => port.deleteRole('leasehold-provisioning')],
  ])('do not reach %s', async (_case, attempt) => {
    await account.createPolicy(policyOf);
    expect(await codeOf(attempt(account))).toBe('DENIED');
  });
});
