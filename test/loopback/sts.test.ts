import {
  AttachPolicyToRoleRequest,
  CreatePolicyRequest,
  CreateRoleRequest,
  DeleteRoleRequest,
  DetachPolicyFromRoleRequest,
  ListRolesRequest,
  UpdateRoleRequest,
} from '@alicloud/ram20150501';
import { AssumeRoleRequest } from '@alicloud/sts20150401';
import OSS from 'ali-oss';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  codeOf,
  deny,
  type Keys,
  ownerId,
  partnerId,
  ramClient,
  stsClient,
  trusting,
} from './identity-clients.js';
import { asOwner, assume, attachToUser, makeRole, startWorld, type World } from './identity-world.js';

const partnerRootArn = `acs:ram::${partnerId}:root`;
const guarded = trusting(partnerRootArn, { StringEquals: { 'sts:ExternalId': 'abcd1234' } });

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const listRoles = (keys: Keys) => ramClient(world.endpoint, keys).listRoles(new ListRolesRequest({}));
const identityOf = async (keys: Keys) => (await stsClient(world.endpoint, keys).getCallerIdentity()).body;
const admin = () => ramClient(world.endpoint, world.admin);

async function attachDeny(role: string, text: string): Promise<void> {
  await admin().createPolicy(new CreatePolicyRequest({ policyName: 'stop', policyDocument: text }));
  await admin().attachPolicyToRole(
    new AttachPolicyToRoleRequest({ roleName: role, policyName: 'stop', policyType: 'Custom' }),
  );
}

describe('AssumeRole', () => {
  it('opens a session when the caller may and the role trusts it', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    const session = await assume(world, world.alice, 'partner');
    expect(session.accessKeyId).toMatch(/^STS\./);
    expect(await codeOf(listRoles(session))).toBe('accepted');
    expect(await identityOf(session)).toMatchObject({
      identityType: 'AssumedRoleUser',
      accountId: ownerId,
      arn: `acs:ram::${ownerId}:assumed-role/partner/alice`,
    });
  });

  it('is refused to a caller without the right, though the role trusts it', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    expect(await codeOf(assume(world, world.bob, 'partner'))).toBe('NoPermission');
  });

  it('is refused when the role does not trust the caller, though it has the right', async () => {
    await makeRole(world, 'partner', trusting(`acs:ram::${partnerId}:user/bob`));
    expect(await codeOf(assume(world, world.alice, 'partner'))).toBe('NoPermission');
  });

  it('is refused to an account owner', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    expect(await codeOf(assume(world, world.partnerRoot, 'partner'))).toBe('NoPermission');
  });

  it('is refused without the ExternalId that the role wants, or with another', async () => {
    await makeRole(world, 'partner', guarded);
    expect(await codeOf(assume(world, world.alice, 'partner'))).toBe('NoPermission');
    expect(await codeOf(assume(world, world.alice, 'partner', { externalId: 'wrong' }))).toBe('NoPermission');
    expect(await codeOf(assume(world, world.alice, 'partner', { externalId: 'abcd1234' }))).toBe('accepted');
  });

  it('tells a caller with the right that a role is not there', async () => {
    expect(await codeOf(assume(world, world.alice, 'nothing'))).toBe('EntityNotExist.Role');
    expect(await codeOf(assume(world, world.bob, 'nothing'))).toBe('NoPermission');
  });

  it.each([
    ['a session name of one character', { roleSessionName: 'a' }, 'InvalidParameter.RoleSessionName'],
    ['a duration under 15 minutes', { durationSeconds: 899 }, 'InvalidParameter.DurationSeconds'],
    ['a duration beyond the role’s', { durationSeconds: 3_601 }, 'InvalidParameter.DurationSeconds'],
    ['a session policy that is none', { policy: '{}' }, 'InvalidParameter.PolicyGrammar'],
    ['a session policy too long', { policy: allow('x'.repeat(2_048)) }, 'InvalidParameter.PolicySize'],
    [
      'a session policy of more bytes than characters',
      { policy: allow(`oss:${'\u5408'.repeat(700)}`) },
      'InvalidParameter.PolicySize',
    ],
    ['an odd ExternalId', { externalId: 'a b' }, 'InvalidParameter.ExternalId'],
  ])('refuses %s', async (_case, options, code) => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    expect(await codeOf(assume(world, world.alice, 'partner', options))).toBe(code);
  });

  it.each(['partner', `acs:ram:*:${ownerId}:role/partner`, `acs:ram:cn-hangzhou:${ownerId}:role/partner`])(
    'refuses %s as the ARN of a role',
    async (roleArn) => {
      await makeRole(world, 'partner', trusting(partnerRootArn));
      const call = stsClient(world.endpoint, world.alice).assumeRole(
        new AssumeRoleRequest({ roleArn, roleSessionName: 'alice' }),
      );
      expect(await codeOf(call)).toBe('InvalidParameter.RoleArn');
    },
  );

  it('is answered to the STS client that comes with the OSS SDK, which sends a form', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    const { accessKeyId, accessKeySecret } = world.alice;
    const client = new OSS.STS({ accessKeyId, accessKeySecret, ...{ endpoint: `http://${world.endpoint}` } });
    const arn = `acs:ram::${ownerId}:role/partner`;
    const { credentials } = await client.assumeRole(arn, allow('ram:ListRoles'), 900, 'alice');
    const { AccessKeyId, AccessKeySecret, SecurityToken: securityToken } = credentials;
    const session = { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken };
    expect(await codeOf(listRoles(session))).toBe('accepted');
    await expect(client.assumeRole('partner', '', 900, 'alice')).rejects.toMatchObject({
      status: 400,
      code: 'InvalidParameter.RoleArn',
    });
  });

  it('works from role to role', async () => {
    await makeRole(world, 'first', trusting(partnerRootArn), allow('sts:AssumeRole'));
    await makeRole(world, 'second', trusting(`acs:ram::${ownerId}:role/first`));
    const first = await assume(world, world.alice, 'first');
    const second = await assume(world, first, 'second');
    expect(await codeOf(listRoles(second))).toBe('accepted');
    expect(await codeOf(assume(world, world.alice, 'second'))).toBe('NoPermission');
  });
});

describe('a user who is named by a trust policy, deleted, and made again', () => {
  it('enters by the name; where the cloud is told that trust is in who had it, once it is given anew', async () => {
    const makeCarol = async () => {
      const keys = world.running.accounts.createUser(partnerId, 'carol');
      await attachToUser(world.running, partnerId, 'carol', 'AliyunSTSAssumeRoleAccess');
      return keys;
    };
    const trust = trusting(`acs:ram::${partnerId}:user/carol`);
    const first = await makeCarol();
    await makeRole(world, 'partner', trust);
    expect(await codeOf(assume(world, first, 'partner'))).toBe('accepted');
    const second = await makeCarol();
    expect(await codeOf(assume(world, second, 'partner'))).toBe('accepted');
    world.running.set({ trustBindsIds: true });
    expect(await codeOf(assume(world, second, 'partner'))).toBe('NoPermission');
    await admin().updateRole(
      new UpdateRoleRequest({ roleName: 'partner', newAssumeRolePolicyDocument: trust }),
    );
    expect(await codeOf(assume(world, second, 'partner'))).toBe('accepted');
  });

  it('is kept out as a role is, by the same rule', async () => {
    const ram = admin();
    const create = (roleName: string, trust: string) =>
      ram.createRole(new CreateRoleRequest({ roleName, assumeRolePolicyDocument: trust }));
    world.running.set({ trustBindsIds: true });
    await create('first', trusting(partnerRootArn));
    await makeRole(world, 'second', trusting(`acs:ram::${ownerId}:role/First`));
    await ram.deleteRole(new DeleteRoleRequest({ roleName: 'first' }));
    await makeRole(world, 'first', trusting(partnerRootArn), allow('sts:AssumeRole'));
    const again = await assume(world, world.alice, 'first');
    expect(await codeOf(assume(world, again, 'second'))).toBe('NoPermission');
    world.running.set({ trustBindsIds: false });
    expect(await codeOf(assume(world, again, 'second'))).toBe('accepted');
  });
});

describe('a source identity', () => {
  const named = (name: string) => ({ StringEquals: { 'sts:SourceIdentity': name } });
  const chain = allow('sts:AssumeRole');

  it('is what the policies of the caller are judged by too', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    await asOwner(world.running, partnerId, 'CreatePolicy', {
      PolicyName: 'as-bob',
      PolicyDocument: allow('sts:AssumeRole', '*', named('bob')),
    });
    await asOwner(world.running, partnerId, 'AttachPolicyToUser', {
      PolicyType: 'Custom',
      PolicyName: 'as-bob',
      UserName: 'bob',
    });
    const enter = (sourceIdentity?: string) =>
      codeOf(assume(world, world.bob, 'partner', { sourceIdentity }));
    expect(await enter()).toBe('NoPermission');
    expect(await enter('alice')).toBe('NoPermission');
    expect(await enter('bob')).toBe('accepted');
  });

  it('is handed on from role to role, and judged as it was handed on, whatever is sent', async () => {
    await makeRole(world, 'first', trusting(partnerRootArn), chain);
    await makeRole(world, 'second', trusting(`acs:ram::${ownerId}:role/first`, named('bob')));
    const asAlice = await assume(world, world.alice, 'first', { sourceIdentity: 'alice' });
    expect(await codeOf(assume(world, asAlice, 'second', { sourceIdentity: 'bob' }))).toBe('NoPermission');
    const asBob = await assume(world, world.alice, 'first', { sourceIdentity: 'bob' });
    expect(await codeOf(assume(world, asBob, 'second'))).toBe('accepted');
  });
});

describe('a security token', () => {
  it('goes with the key that it was given with, and with no user’s own', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    const { securityToken = '' } = await assume(world, world.alice, 'partner');
    const mixed = { ...world.alice, securityToken };
    expect(await codeOf(identityOf(mixed))).toBe('InvalidSecurityToken.MismatchWithAccessKey');
    expect(await codeOf(listRoles(mixed))).toBe('InvalidSecurityToken.MismatchWithAccessKey');
    expect(await codeOf(identityOf({ ...world.alice, securityToken: 'CAISmade-up' }))).toBe(
      'InvalidSecurityToken',
    );
    expect(await codeOf(identityOf({ ...world.alice, securityToken: '' }))).toBe('accepted');
  });
});

describe('a live session', () => {
  it('can do no more than its session policy lets through', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn), allow('ram:*'));
    const narrow = await assume(world, world.alice, 'partner', { policy: allow('ram:GetRole') });
    expect(await codeOf(listRoles(narrow))).toBe('NoPermission');
    const wide = await assume(world, world.alice, 'partner', { policy: allow('*') });
    expect(await codeOf(listRoles(wide))).toBe('accepted');
  });

  it('follows the policies of its role', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    const session = await assume(world, world.alice, 'partner');
    await admin().detachPolicyFromRole(
      new DetachPolicyFromRoleRequest({
        roleName: 'partner',
        policyName: 'partner-policy',
        policyType: 'Custom',
      }),
    );
    expect(await codeOf(listRoles(session))).toBe('NoPermission');
  });

  it('is cut by an explicit Deny, but may still ask who it is', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    const session = await assume(world, world.alice, 'partner');
    await attachDeny('partner', deny('*'));
    expect(await codeOf(listRoles(session))).toBe('NoPermission');
    expect((await identityOf(session))?.identityType).toBe('AssumedRoleUser');
  });

  it('ends at its time, to the second', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    const session = await assume(world, world.alice, 'partner', { durationSeconds: 900 });
    await world.clock.advance(899_000);
    expect(await codeOf(listRoles(session))).toBe('accepted');
    await world.clock.advance(1_000);
    expect(await codeOf(listRoles(session))).toBe('InvalidSecurityToken.Expired');
  });

  it('dies with its role, and a role made again under the name does not revive it', async () => {
    const trust = trusting(partnerRootArn);
    const ram = admin();
    await ram.createRole(new CreateRoleRequest({ roleName: 'partner', assumeRolePolicyDocument: trust }));
    const session = await assume(world, world.alice, 'partner');
    await ram.deleteRole(new DeleteRoleRequest({ roleName: 'partner' }));
    expect(await codeOf(identityOf(session))).toBe('InvalidSecurityToken');
    await makeRole(world, 'partner', trust);
    expect(await codeOf(identityOf(session))).toBe('InvalidSecurityToken');
    expect(await codeOf(listRoles(session))).toBe('InvalidSecurityToken');
  });

  it('outlives an edit of the trust policy, unless the switch says otherwise', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn));
    const session = await assume(world, world.alice, 'partner');
    await world.clock.advance(1_000);
    await admin().updateRole(
      new UpdateRoleRequest({
        roleName: 'partner',
        newAssumeRolePolicyDocument: trusting(`acs:ram::${ownerId}:root`),
      }),
    );
    expect(await codeOf(assume(world, world.alice, 'partner'))).toBe('NoPermission');
    expect(await codeOf(listRoles(session))).toBe('accepted');
    world.running.set({ trustEditEndsSessions: true });
    expect(await codeOf(listRoles(session))).toBe('InvalidSecurityToken');
  });

  it('is judged by the cloud’s clock and by where its caller came from', async () => {
    const window = allow('ram:ListRoles', '*', {
      DateLessThan: { 'acs:CurrentTime': '2026-12-01T00:10:00Z' },
      IpAddress: { 'acs:SourceIp': '203.0.113.0/24' },
    });
    await makeRole(world, 'partner', trusting(partnerRootArn), window);
    await attachToUser(world.running, partnerId, 'bob', 'AliyunSTSAssumeRoleAccess');
    expect(await codeOf(listRoles(await assume(world, world.bob, 'partner')))).toBe('NoPermission');
    const session = await assume(world, world.alice, 'partner');
    expect(await codeOf(listRoles(session))).toBe('accepted');
    await world.clock.advance(600_000);
    expect(await codeOf(listRoles(session))).toBe('NoPermission');
  });

  it('does not reach what another account owns', async () => {
    await makeRole(world, 'partner', trusting(partnerRootArn), allow('*'));
    const session = await assume(world, world.alice, 'partner');
    const { cloud } = world.running;
    const { caller } = cloud.identity.authenticate(session.accessKeyId, session.securityToken);
    const request = { action: 'oss:GetObject', resource: `acs:oss:*:${partnerId}:bucket/key` };
    expect(cloud.identity.authorize(caller, request).effect).toBe('deny');
  });
});

describe('a switch of role at the console', () => {
  const mfaOnly = trusting(`acs:ram::${partnerId}:user/alice`, { Bool: { 'acs:MFAPresent': 'true' } });
  const alice = { accountId: partnerId, name: 'alice' };
  const role = { accountId: ownerId, name: 'partner' };

  it('passes a role that wants MFA, which no access key does', async () => {
    await makeRole(world, 'partner', mfaOnly);
    const { credentials } = world.running.accounts.switchRole({ ...alice, mfa: true }, role);
    expect(await codeOf(listRoles(credentials))).toBe('accepted');
    expect(
      await codeOf(
        Promise.resolve().then(() => world.running.accounts.switchRole({ ...alice, mfa: false }, role)),
      ),
    ).toBe('NoPermission');
    expect(await codeOf(assume(world, world.alice, 'partner'))).toBe('NoPermission');
  });

  it('can send no ExternalId', async () => {
    await makeRole(world, 'partner', guarded);
    expect(
      await codeOf(
        Promise.resolve().then(() => world.running.accounts.switchRole({ ...alice, mfa: true }, role)),
      ),
    ).toBe('NoPermission');
  });
});

describe('GetCallerIdentity', () => {
  it('tells owners and users apart', async () => {
    expect(await identityOf(world.ownerRoot)).toMatchObject({
      identityType: 'Account',
      arn: `acs:ram::${ownerId}:root`,
    });
    expect(await identityOf(world.bob)).toMatchObject({
      identityType: 'RAMUser',
      arn: `acs:ram::${partnerId}:user/bob`,
    });
  });
});

describe('a cloud service', () => {
  const service = (name: string) =>
    JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: [name] } }],
    });

  it('enters a role that trusts it and no other', async () => {
    await makeRole(world, 'worker', service('fc.aliyuncs.com'));
    const { identity } = world.running.cloud;
    const { credentials } = identity.assumeForService(ownerId, 'worker', 'fc.aliyuncs.com', 'fn');
    expect(await codeOf(listRoles(credentials))).toBe('accepted');
    expect(() => identity.assumeForService(ownerId, 'worker', 'fnf.aliyuncs.com', 'fn')).toThrow(
      'does not trust',
    );
    expect(await codeOf(assume(world, world.alice, 'worker'))).toBe('NoPermission');
  });
});
