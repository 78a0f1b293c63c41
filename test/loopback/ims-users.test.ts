import * as Ims from '@alicloud/ims20190815';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, imsClient, ownerId, partnerId, trusting } from './identity-clients.js';
import { makeRole, startWorld, type World } from './identity-world.js';

const upnOf = (name: string) => `${name}@${partnerId}.onaliyun.com`;
const upn = upnOf('carol');
const named = { userPrincipalName: upn };
const good = 'Correct-Horse-7';

let world: World;
let ims: ReturnType<typeof imsClient>;
beforeEach(async () => {
  world = await startWorld();
  ims = imsClient(world.endpoint, world.partnerRoot);
});
afterEach(() => world.close());

const createUser = async (name = 'carol', more: object = {}) => {
  const { body } = await ims.createUser(
    new Ims.CreateUserRequest({ userPrincipalName: upnOf(name), displayName: name, ...more }),
  );
  return body?.user?.userId ?? '';
};
const createLogin = (password: string, more: object = {}) =>
  ims.createLoginProfile(new Ims.CreateLoginProfileRequest({ ...named, password, ...more }));
const deleteUser = () => ims.deleteUser(new Ims.DeleteUserRequest(named));

describe('a password', () => {
  const demand = (rules: object) => ims.setPasswordPolicy(new Ims.SetPasswordPolicyRequest(rules));
  it.each([
    ['shorter than the minimum', { minimumPasswordLength: 16 }, good],
    ['longer than any may be', {}, `${good}${'x'.repeat(20)}`],
    ['without a symbol', {}, 'CorrectHorse7'],
    ['of too few different characters', { minimumPasswordDifferentCharacter: 8 }, 'Aa1-Aa1-'],
    ['that contains the user name', { passwordNotContainUserName: true }, 'My-Carol-77'],
  ])('%s is refused', async (_case, rules, password) => {
    await createUser();
    await demand(rules);
    expect(await codeOf(createLogin(password))).toBe('InvalidParameter.Password.TooWeak');
  });

  it('needs what the account demands, and no more', async () => {
    await createUser();
    await demand({ requireSymbols: false, requireNumbers: false, requireUppercaseCharacters: false });
    expect((await ims.getPasswordPolicy()).body?.passwordPolicy).toMatchObject({
      requireSymbols: false,
      requireLowercaseCharacters: true,
      minimumPasswordLength: 8,
    });
    expect(await codeOf(createLogin('correcthorse'))).toBe('accepted');
  });

  it('cannot be demanded to be longer than any may be', async () => {
    expect(await codeOf(demand({ minimumPasswordLength: 33 }))).toBe(
      'InvalidParameter.MinimumPasswordLength.Range',
    );
  });

  it('opens a logon until it is changed, disabled or taken away', async () => {
    const { accounts } = world.running;
    const opens = (password: string) => accounts.canLogOn(partnerId, 'carol', password);
    await createUser();
    await createLogin(good);
    expect([opens(good), opens('other')]).toEqual([true, false]);
    const update = (change: object) =>
      ims.updateLoginProfile(new Ims.UpdateLoginProfileRequest({ ...named, ...change }));
    await update({ password: 'Another-Horse-8' });
    expect([opens(good), opens('Another-Horse-8')]).toEqual([false, true]);
    await update({ status: 'Inactive' });
    expect(opens('Another-Horse-8')).toBe(false);
    await update({ status: 'Active' });
    expect(opens('Another-Horse-8')).toBe(true);
    await ims.deleteLoginProfile(new Ims.DeleteLoginProfileRequest(named));
    expect(opens('Another-Horse-8')).toBe(false);
  });
});

describe('a console logon', () => {
  it('is refused while the login profile is inactive', async () => {
    await makeRole(world, 'shared', trusting(`acs:ram::${partnerId}:root`));
    const alice = { userPrincipalName: upnOf('alice') };
    await ims.createLoginProfile(new Ims.CreateLoginProfileRequest({ ...alice, password: good }));
    const enter = async () =>
      world.running.accounts.switchRole(
        { accountId: partnerId, name: 'alice', mfa: true },
        { accountId: ownerId, name: 'shared' },
      );
    expect(await codeOf(enter())).toBe('accepted');
    await ims.updateLoginProfile(new Ims.UpdateLoginProfileRequest({ ...alice, status: 'Inactive' }));
    expect(await codeOf(enter())).toBe('LoginProfileInactive');
  });
});

describe('an MFA device', () => {
  it('is seen, keeps its user from being deleted, and is taken away', async () => {
    await createUser();
    const seen = async () =>
      (await ims.getUserMFAInfo(new Ims.GetUserMFAInfoRequest(named))).body?.isMFAEnable;
    expect(await seen()).toBe(false);
    world.running.accounts.bindMfaDevice(partnerId, 'carol');
    expect(await seen()).toBe(true);
    expect(await codeOf(deleteUser())).toBe('DeleteConflict.User.MFADevice');
    const disable = () => ims.disableVirtualMFA(new Ims.DisableVirtualMFARequest(named));
    await disable();
    expect(await codeOf(disable())).toBe('EntityNotExist.User.MFADevice');
    expect(await codeOf(deleteUser())).toBe('accepted');
  });
});

describe('a group', () => {
  const group = { groupName: 'ops' };
  it('has members, who cannot be deleted before they have left', async () => {
    await createUser();
    await ims.createGroup(new Ims.CreateGroupRequest(group));
    const add = () => ims.addUserToGroup(new Ims.AddUserToGroupRequest({ ...group, ...named }));
    await add();
    expect(await codeOf(add())).toBe('EntityAlreadyExists.User.Group');
    const { body } = await ims.listGroupsForUser(new Ims.ListGroupsForUserRequest(named));
    expect(body?.groups?.group?.map(({ groupName }) => groupName)).toEqual(['ops']);
    expect(await codeOf(deleteUser())).toBe('DeleteConflict.User.Group');
    expect(await codeOf(ims.deleteGroup(new Ims.DeleteGroupRequest(group)))).toBe(
      'DeleteConflict.Group.User',
    );
    const leave = () => ims.removeUserFromGroup(new Ims.RemoveUserFromGroupRequest({ ...group, ...named }));
    await leave();
    expect(await codeOf(leave())).toBe('EntityNotExist.User.Group');
    expect(await codeOf(deleteUser())).toBe('accepted');
    expect(await codeOf(ims.deleteGroup(new Ims.DeleteGroupRequest(group)))).toBe('accepted');
  });
});

describe('the recycle bin', () => {
  const list = async () =>
    (await ims.listUsersInRecycleBin(new Ims.ListUsersInRecycleBinRequest({}))).body?.users?.user ?? [];
  it('keeps a deleted user for 30 days, with its name free at once', async () => {
    const userId = await createUser();
    await deleteUser();
    expect(await list()).toMatchObject([
      {
        userId,
        userPrincipalName: upn,
        recycleDate: '2026-12-01T00:00:00Z',
        deleteDate: '2026-12-31T00:00:00Z',
      },
    ]);
    expect(await createUser()).not.toBe(userId);
    await world.clock.advance(30 * 86_400_000);
    expect(await list()).toEqual([]);
  });
  it('gives a user back, as it was, unless another has its name', async () => {
    const userId = await createUser('carol', {
      tag: [new Ims.CreateUserRequestTag({ key: 'team', value: 'x' })],
    });
    await deleteUser();
    const restore = () => ims.restoreUserFromRecycleBin(new Ims.RestoreUserFromRecycleBinRequest({ userId }));
    await createUser();
    expect(await codeOf(restore())).toBe('EntityAlreadyExists.User');
    await deleteUser();
    await restore();
    const { body } = await ims.getUser(new Ims.GetUserRequest(named));
    expect(body?.user).toMatchObject({ userId, tags: { tag: [{ tagKey: 'team', tagValue: 'x' }] } });
  });
  it('forgets a user that is purged', async () => {
    const userId = await createUser();
    await deleteUser();
    await ims.deleteUserInRecycleBin(new Ims.DeleteUserInRecycleBinRequest({ userId }));
    expect(await list()).toEqual([]);
    expect(await codeOf(ims.getUserInRecycleBin(new Ims.GetUserInRecycleBinRequest({ userId })))).toBe(
      'EntityNotExist.User',
    );
  });
});

describe('a short list of users', () => {
  const list = async (filter: object = {}) => {
    const { body } = await ims.listUserBasicInfos(new Ims.ListUserBasicInfosRequest(filter));
    return (body?.userBasicInfos?.userBasicInfo ?? []).map(({ displayName }) => displayName);
  };
  it('leaves out who was frozen, unless they are asked for, and takes tags', async () => {
    const tag = { key: 'team', value: 'etl' };
    await createUser('carol', { tag: [new Ims.CreateUserRequestTag(tag)] });
    await createUser('dave');
    world.running.accounts.freezeUser(partnerId, 'dave');
    expect(await list()).toEqual(['alice', 'bob', 'carol']);
    expect(await list({ status: 'freeze' })).toEqual(['dave']);
    expect(await list({ status: 'active,freeze' })).toEqual(['alice', 'bob', 'carol', 'dave']);
    expect(await list({ tag: [new Ims.ListUserBasicInfosRequestTag(tag)] })).toEqual(['carol']);
  });
});

describe('tags of users', () => {
  const resourceType = 'user';
  it('are put on by name or id, listed by user or by tag, and taken off', async () => {
    const resourceId = [await createUser()];
    await createUser('dave');
    const tag = (key: string, value: string) => [new Ims.TagResourcesRequestTag({ key, value })];
    await ims.tagResources(
      new Ims.TagResourcesRequest({ resourceType, resourcePrincipalName: [upn], tag: tag('team', 'etl') }),
    );
    await ims.tagResources(new Ims.TagResourcesRequest({ resourceType, resourceId, tag: tag('cost', '7') }));
    const list = async (more: object) => {
      const { body } = await ims.listTagResources(new Ims.ListTagResourcesRequest({ resourceType, ...more }));
      return (body?.tagResources?.tagResource ?? []).map(
        (one) => `${one.resourceId} ${one.tagKey}=${one.tagValue}`,
      );
    };
    const both = [`${resourceId} team=etl`, `${resourceId} cost=7`];
    expect(await list({ resourcePrincipalName: [upn] })).toEqual(both);
    expect(await list({ tag: [new Ims.ListTagResourcesRequestTag({ key: 'team', value: 'etl' })] })).toEqual(
      both,
    );
    expect(await list({ resourcePrincipalName: [upnOf('dave')] })).toEqual([]);
    await ims.untagResources(new Ims.UntagResourcesRequest({ resourceType, resourceId, tagKey: ['team'] }));
    expect(await list({ resourceId })).toEqual(both.slice(1));
    expect(await codeOf(list({ resourceType: 'role' }))).toBe('InvalidParameter.ResourceType');
  });
});

describe('while a write spreads', () => {
  it('keys and login profiles are not seen by reads, and already stand in the way of their repeat', async () => {
    await createUser();
    world.running.set({ propagationSeconds: 10 });
    await world.clock.advance(10_000);
    await ims.createAccessKey(new Ims.CreateAccessKeyRequest(named));
    await createLogin(good);
    const keys = async () =>
      (await ims.listAccessKeys(new Ims.ListAccessKeysRequest(named))).body?.accessKeys?.accessKey?.length;
    const login = () => codeOf(ims.getLoginProfile(new Ims.GetLoginProfileRequest(named)));
    expect([await keys(), await login()]).toEqual([0, 'EntityNotExist.User.LoginProfile']);
    expect(await codeOf(createLogin(good))).toBe('EntityAlreadyExists.User.LoginProfile');
    await world.clock.advance(10_000);
    expect([await keys(), await login()]).toEqual([1, 'accepted']);
  });
});

describe('the quota of users', () => {
  it('ends creation, and is what the summary says', async () => {
    const small = '3000000000000003';
    const { rootAccessKey } = world.running.accounts.createAccount(small, { usersQuota: 1 });
    const client = imsClient(world.endpoint, rootAccessKey);
    const create = (name: string) =>
      client.createUser(
        new Ims.CreateUserRequest({ userPrincipalName: `${name}@${small}.onaliyun.com`, displayName: name }),
      );
    expect([await codeOf(create('a')), await codeOf(create('b'))]).toEqual([
      'accepted',
      'LimitExceeded.User',
    ]);
    expect((await client.getAccountSummary()).body?.summaryMap).toMatchObject({ users: 1, usersQuota: 1 });
  });
});

describe('names of users that differ in case alone', () => {
  const get = (name: string) => ims.getUser(new Ims.GetUserRequest({ userPrincipalName: upnOf(name) }));

  it('are of two users', async () => {
    await createUser('Etl');
    expect(await codeOf(get('etl'))).toBe('EntityNotExist.User');
    expect(await codeOf(createUser('etl'))).toBe('accepted');
  });

  it('are of one where the cloud is told to take them so, and it is spelled as it was made', async () => {
    world.running.set({ userNamesIgnoreCase: true });
    const id = await createUser('Etl');
    expect((await get('eTL')).body?.user).toMatchObject({ userId: id, userPrincipalName: upnOf('Etl') });
    expect(await codeOf(createUser('etl'))).toBe('EntityAlreadyExists.User');
    await ims.deleteUser(new Ims.DeleteUserRequest({ userPrincipalName: upnOf('ETL') }));
    expect(await codeOf(get('Etl'))).toBe('EntityNotExist.User');
  });
});
