import {
  CreateAccessKeyRequest,
  CreateLoginProfileRequest,
  CreateUserRequest,
  CreateUserRequestTag,
  DeleteAccessKeyRequest,
  DeleteLoginProfileRequest,
  DeleteUserRequest,
  GetLoginProfileRequest,
  GetUserRequest,
  ListAccessKeysRequest,
  ListUsersRequest,
  UpdateAccessKeyRequest,
} from '@alicloud/ims20190815';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, imsClient, type Keys, ownerId, partnerId, stsClient } from './identity-clients.js';
import { attachToUser, startWorld, type World } from './identity-world.js';

const upn = `carol@${partnerId}.onaliyun.com`;
const password = 'Correct-Horse-7';

let world: World;
let ims: ReturnType<typeof imsClient>;
beforeEach(async () => {
  world = await startWorld();
  ims = imsClient(world.endpoint, world.partnerRoot);
});
afterEach(() => world.close());

const createCarol = (more: Partial<CreateUserRequest> = {}) =>
  ims.createUser(new CreateUserRequest({ userPrincipalName: upn, displayName: 'Carol', ...more }));
const createKey = async (): Promise<Keys> => {
  const { body } = await ims.createAccessKey(new CreateAccessKeyRequest({ userPrincipalName: upn }));
  return {
    accessKeyId: body?.accessKey?.accessKeyId ?? '',
    accessKeySecret: body?.accessKey?.accessKeySecret ?? '',
  };
};
const whoAmI = (keys: Keys) => stsClient(world.endpoint, keys).getCallerIdentity();

describe('the default domain', () => {
  it('is made of the alias, or of the account id without one', async () => {
    expect((await ims.getDefaultDomain()).body?.defaultDomainName).toBe(`${partnerId}.onaliyun.com`);
    const owner = imsClient(world.endpoint, world.ownerRoot);
    expect((await owner.getDefaultDomain()).body?.defaultDomainName).toBe('enterprise-a.onaliyun.com');
  });

  it('is the one that users are known by: not the account id, once there is an alias', async () => {
    const owner = imsClient(world.endpoint, world.ownerRoot);
    const get = (domain: string) =>
      codeOf(owner.getUser(new GetUserRequest({ userPrincipalName: `admin@${domain}.onaliyun.com` })));
    expect(await get('enterprise-a')).toBe('accepted');
    expect(await get(ownerId)).toBe('InvalidParameter.UserPrincipalName.Format');
  });
});

describe('a user', () => {
  it('is made with tags, read in three ways and deleted', async () => {
    const { body: made } = await createCarol({
      tag: [new CreateUserRequestTag({ key: 'team', value: 'etl' })],
    });
    expect(made?.user?.tags?.tag).toMatchObject([{ tagKey: 'team', tagValue: 'etl' }]);
    const { accessKeyId } = await createKey();
    for (const request of [
      { userPrincipalName: upn },
      { userId: made?.user?.userId ?? '' },
      { userAccessKeyId: accessKeyId },
    ]) {
      expect((await ims.getUser(new GetUserRequest(request))).body?.user?.userName).toBe('carol');
    }
    await ims.deleteAccessKey(
      new DeleteAccessKeyRequest({ userPrincipalName: upn, userAccessKeyId: accessKeyId }),
    );
    await ims.deleteUser(new DeleteUserRequest({ userPrincipalName: upn }));
    expect(await codeOf(ims.getUser(new GetUserRequest({ userPrincipalName: upn })))).toBe(
      'EntityNotExist.User',
    );
  });

  it.each([
    [
      'of another domain',
      { userPrincipalName: 'carol@elsewhere.onaliyun.com' },
      'InvalidParameter.UserPrincipalName.Format',
    ],
    ['without a display name', { displayName: '' }, 'MissingDisplayName'],
    ['of a long display name', { displayName: 'x'.repeat(25) }, 'InvalidParameter.DisplayName.Length'],
    [
      'who is there already',
      { userPrincipalName: `alice@${partnerId}.onaliyun.com` },
      'EntityAlreadyExists.User',
    ],
  ])('%s is refused', async (_case, more, code) => {
    expect(await codeOf(createCarol(more))).toBe(code);
  });

  it('is listed in pages', async () => {
    await createCarol();
    const { body: first } = await ims.listUsers(new ListUsersRequest({ maxItems: 2 }));
    const { body: second } = await ims.listUsers(
      new ListUsersRequest({ maxItems: 2, marker: first?.marker ?? '' }),
    );
    const names = [first, second].flatMap((body) => body?.users?.user?.map(({ displayName }) => displayName));
    expect(names).toEqual(['alice', 'bob', 'Carol']);
    expect([first?.isTruncated, second?.isTruncated]).toEqual([true, false]);
  });

  it('is not deleted while something hangs on it', async () => {
    await createCarol();
    const remove = () => codeOf(ims.deleteUser(new DeleteUserRequest({ userPrincipalName: upn })));
    const { accessKeyId } = await createKey();
    expect(await remove()).toBe('DeleteConflict.User.AccessKey');
    await ims.deleteAccessKey(
      new DeleteAccessKeyRequest({ userPrincipalName: upn, userAccessKeyId: accessKeyId }),
    );
    await ims.createLoginProfile(new CreateLoginProfileRequest({ userPrincipalName: upn, password }));
    expect(await remove()).toBe('DeleteConflict.User.LoginProfile');
    await ims.deleteLoginProfile(new DeleteLoginProfileRequest({ userPrincipalName: upn }));
    await attachToUser(world.running, partnerId, 'carol', 'AliyunSTSAssumeRoleAccess');
    expect(await remove()).toBe('DeleteConflict.User.Policy');
  });
});

describe('an access key', () => {
  it('signs at once, rests while inactive and is gone when deleted', async () => {
    await createCarol();
    const keys = await createKey();
    const setStatus = (status: string) =>
      ims.updateAccessKey(
        new UpdateAccessKeyRequest({ userPrincipalName: upn, userAccessKeyId: keys.accessKeyId, status }),
      );
    expect((await whoAmI(keys)).body?.arn).toBe(`acs:ram::${partnerId}:user/carol`);
    await setStatus('Inactive');
    expect(await codeOf(whoAmI(keys))).toBe('InvalidAccessKeyId.Inactive');
    await setStatus('Active');
    expect(await codeOf(whoAmI(keys))).toBe('accepted');
    await ims.deleteAccessKey(
      new DeleteAccessKeyRequest({ userPrincipalName: upn, userAccessKeyId: keys.accessKeyId }),
    );
    expect(await codeOf(whoAmI(keys))).toBe('InvalidAccessKeyId.NotFound');
  });

  it('is shown without its secret ever after, and there are two a user at most', async () => {
    await createCarol();
    await createKey();
    await createKey();
    expect(await codeOf(createKey())).toBe('LimitExceeded.User.AccessKey');
    const { body } = await ims.listAccessKeys(new ListAccessKeysRequest({ userPrincipalName: upn }));
    expect(body?.accessKeys?.accessKey?.map(({ status }) => status)).toEqual(['Active', 'Active']);
    expect(JSON.stringify(body)).not.toContain('ecret');
  });
});

describe('a login profile', () => {
  it('is made once, with a password within the rules', async () => {
    await createCarol();
    const create = (chosen: string) =>
      codeOf(
        ims.createLoginProfile(
          new CreateLoginProfileRequest({ userPrincipalName: upn, password: chosen, MFABindRequired: true }),
        ),
      );
    const { body } = await ims.getPasswordPolicy();
    expect(body?.passwordPolicy?.minimumPasswordLength).toBe(8);
    expect(await create('short')).toBe('InvalidParameter.Password.TooWeak');
    expect(await create(password)).toBe('accepted');
    expect(await create(password)).toBe('EntityAlreadyExists.User.LoginProfile');
    const profile = () => ims.getLoginProfile(new GetLoginProfileRequest({ userPrincipalName: upn }));
    expect((await profile()).body?.loginProfile).toMatchObject({ MFABindRequired: true, status: 'Active' });
    await ims.deleteLoginProfile(new DeleteLoginProfileRequest({ userPrincipalName: upn }));
    expect(await codeOf(profile())).toBe('EntityNotExist.User.LoginProfile');
  });
});

describe('the account summary', () => {
  it('counts what is there', async () => {
    await createCarol();
    const { body } = await ims.getAccountSummary();
    expect(body?.summaryMap).toMatchObject({ users: 3, usersQuota: 5_000, rolesQuota: 1_000, roles: 0 });
  });
});

describe('a user without rights', () => {
  it('may not touch users, nor those of another account', async () => {
    const asBob = imsClient(world.endpoint, world.bob);
    expect(await codeOf(asBob.getUser(new GetUserRequest({ userPrincipalName: upn })))).toBe('NoPermission');
    const asAdmin = imsClient(world.endpoint, world.admin);
    const alice = new GetUserRequest({ userPrincipalName: `alice@${partnerId}.onaliyun.com` });
    expect(await codeOf(asAdmin.getUser(alice))).toBe('InvalidParameter.UserPrincipalName.Format');
    expect((await whoAmI(world.admin)).body?.accountId).toBe(ownerId);
  });
});
