import { AttachPolicyToRoleRequest, ListRolesRequest } from '@alicloud/ram20150501';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publishedRates } from '../../shared/loopback/rates.js';
import {
  allow,
  codeOf,
  deny,
  type Keys,
  ownerId,
  partnerId,
  ramClient,
  trusting,
} from './identity-clients.js';
import { asOwner, assume, makeRole, startWorld, type World } from './identity-world.js';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const listRoles = (keys: Keys) => codeOf(ramClient(world.endpoint, keys).listRoles(new ListRolesRequest({})));

/** Gives user `name` of A exactly this policy. */
async function giveUser(name: string, text: string): Promise<Keys> {
  const keys = world.running.accounts.createUser(ownerId, name);
  await asOwner(world.running, ownerId, 'CreatePolicy', { PolicyName: name, PolicyDocument: text });
  await asOwner(world.running, ownerId, 'AttachPolicyToUser', {
    UserName: name,
    PolicyName: name,
    PolicyType: 'Custom',
  });
  return keys;
}

const callerOf = (keys: Keys) =>
  world.running.cloud.identity.authenticate(keys.accessKeyId, keys.securityToken).caller;

describe('a change of rights', () => {
  it('counts from the next call on: a new version, another default, a policy less', async () => {
    const keys = await giveUser('carol', allow('ram:ListRoles'));
    expect(await listRoles(keys)).toBe('accepted');
    const newVersion = { PolicyName: 'carol', PolicyDocument: deny('ram:*'), SetAsDefault: 'true' };
    await asOwner(world.running, ownerId, 'CreatePolicyVersion', newVersion);
    expect(await listRoles(keys)).toBe('NoPermission');
    await asOwner(world.running, ownerId, 'SetDefaultPolicyVersion', {
      PolicyName: 'carol',
      VersionId: 'v1',
    });
    expect(await listRoles(keys)).toBe('accepted');
    const attached = { UserName: 'carol', PolicyName: 'carol', PolicyType: 'Custom' };
    await asOwner(world.running, ownerId, 'DetachPolicyFromUser', attached);
    expect(await listRoles(keys)).toBe('NoPermission');
  });

  it('is seen late while writes spread: a grant as well as its end', async () => {
    await makeRole(world, 'partner', trusting(`acs:ram::${partnerId}:root`));
    world.running.set({ propagationSeconds: 5 });
    await makeRole(world, 'later', trusting(`acs:ram::${partnerId}:root`));
    expect(await codeOf(assume(world, world.alice, 'later'))).toBe('EntityNotExist.Role');
    const session = await assume(world, world.alice, 'partner');
    const attached = { RoleName: 'partner', PolicyName: 'partner-policy', PolicyType: 'Custom' };
    await asOwner(world.running, ownerId, 'DetachPolicyFromRole', attached);
    expect(await listRoles(session)).toBe('accepted');
    await world.clock.advance(5_000);
    expect(await listRoles(session)).toBe('NoPermission');
    expect(await codeOf(assume(world, world.alice, 'later'))).toBe('accepted');
  });
});

describe('the account owner', () => {
  it('may do anything with its own, nothing with what is another’s', () => {
    const root = world.running.accounts.rootOf(ownerId);
    const { identity } = world.running.cloud;
    const on = (account: string) =>
      identity.authorize(root, { action: 'oss:GetObject', resource: `acs:oss:*:${account}:bucket/key` })
        .effect;
    expect([on(ownerId), on(partnerId)]).toEqual(['allow', 'deny']);
  });
});

describe('the vendor’s own policies', () => {
  it('are authorised as those of an account called system', async () => {
    await makeRole(world, 'lease-a', trusting(`acs:ram::${partnerId}:root`));
    const attachTo = (keys: Keys, policyName: string) =>
      codeOf(
        ramClient(world.endpoint, keys).attachPolicyToRole(
          new AttachPolicyToRoleRequest({ roleName: 'lease-a', policyName, policyType: 'System' }),
        ),
      );
    const granter = await giveUser(
      'granter',
      allow('ram:AttachPolicyToRole', [
        `acs:ram:*:${ownerId}:role/lease-*`,
        'acs:ram:*:system:policy/AliyunKafkaReadOnlyAccess',
      ]),
    );
    expect(await attachTo(granter, 'AliyunKafkaReadOnlyAccess')).toBe('accepted');
    expect(await attachTo(granter, 'AdministratorAccess')).toBe('NoPermission');
  });
});

describe('a negative operator on a key that the request lacks', () => {
  it('matches only under the switch', async () => {
    const keys = await giveUser(
      'dave',
      allow('ram:ListRoles', '*', { StringNotEquals: { 'acs:SourceVpc': 'vpc-1' } }),
    );
    expect(await listRoles(keys)).toBe('NoPermission');
    world.running.set({ negativeOperatorMatchesMissingKey: true });
    expect(await listRoles(keys)).toBe('accepted');
  });
});

describe('a star in a resource', () => {
  it('passes over colons unless the cloud is told to keep it within its part of the ARN', async () => {
    const reader = async (name: string, resource: string) =>
      listRoles(await giveUser(name, allow('ram:ListRoles', resource)));
    const asked = [
      ['whole', '*'],
      ['parts', `acs:ram:*:${ownerId}:role/*`],
      ['every-part', 'acs:*:*:*:*'],
      ['over-colons', 'acs:ram:*'],
      ['over-two', `acs:ram:*${ownerId}*role/*`],
    ] as const;
    const answers = async (suffix: string) => {
      const found: string[] = [];
      for (const [name, resource] of asked) found.push(await reader(`${name}${suffix}`, resource));
      return found;
    };
    expect(await answers('')).toEqual(Array(5).fill('accepted'));
    world.running.set({ starsCrossColons: false });
    expect(await answers('-again')).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'NoPermission',
      'NoPermission',
    ]);
  });
});

describe('a denial', () => {
  it('says who, what and why', async () => {
    const keys = await giveUser('erin', deny('ram:*'));
    const { identity } = world.running.cloud;
    const caller = callerOf(keys);
    expect(() => identity.demand(caller, { action: 'ram:GetRole', resource: '*' }, 'Forbidden.RAM')).toThrow(
      expect.objectContaining({
        status: 403,
        code: 'Forbidden.RAM',
        accessDeniedDetail: {
          AuthAction: 'ram:GetRole',
          AuthPrincipalType: 'SubUser',
          AuthPrincipalDisplayName: caller.userId,
          AuthPrincipalOwnerId: ownerId,
          NoPermissionType: 'ExplicitDeny',
          PolicyType: 'AccountLevelIdentityBasedPolicy',
        },
      }),
    );
  });
});

describe('a caller in process', () => {
  it('is refused once its session is over', async () => {
    await makeRole(world, 'partner', trusting(`acs:ram::${partnerId}:root`));
    const caller = callerOf(await assume(world, world.alice, 'partner'));
    const call = () => codeOf(world.running.cloud.call(caller, '2015-05-01', 'ListRoles', {}, 'cn-hangzhou'));
    expect(await call()).toBe('accepted');
    await world.clock.advance(3_600_000);
    expect(await call()).toBe('InvalidSecurityToken.Expired');
  });
});

describe('an access key', () => {
  it('comes from where it was put', async () => {
    const keys = await giveUser(
      'frank',
      allow('ram:ListRoles', '*', { IpAddress: { 'acs:SourceIp': '198.51.100.0/24' } }),
    );
    expect(await listRoles(keys)).toBe('NoPermission');
    world.running.accounts.setSourceIp(keys.accessKeyId, '198.51.100.9');
    expect(await listRoles(keys)).toBe('accepted');
  });
});

describe('with the published rates on', () => {
  it('what is beyond them is throttled until the next second', async () => {
    let hostNow = 0;
    world.running.cloud.faults.add(publishedRates(() => hostNow));
    const detach = () =>
      codeOf(
        asOwner(world.running, ownerId, 'DetachPolicyFromRole', {
          RoleName: 'x',
          PolicyName: 'x',
          PolicyType: 'Custom',
        }),
      );
    const codes: string[] = [];
    for (let index = 0; index < 11; index += 1) codes.push(await detach());
    expect(codes.filter((code) => code === 'EntityNotExist.Role')).toHaveLength(10);
    expect(codes.at(-1)).toBe('Throttling.User');
    hostNow = 1_000;
    expect(await detach()).toBe('EntityNotExist.Role');
  });
});
