/** The part of `GranteePort` that is about users: IMS 2019-08-15, which knows them by their full logon name. */
import ImsPackage, * as Ims from '@alicloud/ims20190815';
import RamPackage, * as Ram from '@alicloud/ram20150501';
import { TryLaterError } from '../../domain/errors.js';
import type { GranteePort, ObservedUser, Status, Tags } from '../ports.js';
import type { Trail } from '../trail.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { createdAtOf } from './created-at.js';
import { answered, creating, doing, unlessMissing } from './failures.js';
import { makeGroupPolicies } from './group-policies.js';
import { noting } from './noting.js';
import { once } from './once.js';
import { refOf } from './policy-ref.js';

const ImsClient = clientClass(ImsPackage);
const RamClient = clientClass(RamPackage);

type UserMethods = Pick<
  GranteePort,
  | 'defaultDomain'
  | 'passwordPolicy'
  | 'usersLeft'
  | 'observeUser'
  | 'usersTagged'
  | 'createUser'
  | 'deleteUser'
  | 'createLogin'
  | 'setLogin'
  | 'deleteLogin'
  | 'createKey'
  | 'setKey'
  | 'deleteKey'
  | 'unbindMfa'
>;

/** What is asked of the owner's own users besides, who stand behind accounts in data planes. */
interface OwnUserMethods {
  /** Logon names that begin with `prefix`. */
  usersNamed(prefix: string): Promise<readonly string[]>;
}

export function granteeUsers(
  connection: Connection,
  trail: Pick<Trail, 'note'>,
): UserMethods & OwnUserMethods {
  const ims = noting(new ImsClient(sdkConfig(connection, 'ims.aliyuncs.com')), 'ims', trail);
  const ram = new RamClient(sdkConfig(connection, 'ram.aliyuncs.com'));
  const defaultDomain = once(async () => {
    const { body } = await doing('reading the default domain', () => ims.getDefaultDomain());
    if (!body?.defaultDomainName)
      throw new TryLaterError('UNAVAILABLE', 'IMS answered without a default domain');
    return body.defaultDomainName;
  });
  const principalName = async (logonName: string): Promise<string> => `${logonName}@${await defaultDomain()}`;
  const named = async (logonName: string) => ({ userPrincipalName: await principalName(logonName) });

  async function keysOf(logonName: string): Promise<ObservedUser['keys']> {
    const reply = await unlessMissing(`listing keys of ${logonName}`, async () =>
      ims.listAccessKeys(new Ims.ListAccessKeysRequest(await named(logonName))),
    );
    return (reply?.body?.accessKeys?.accessKey ?? []).map(({ accessKeyId, status }) => ({
      id: accessKeyId ?? '',
      status: statusOf(status),
    }));
  }

  async function setKey(logonName: string, keyId: string, status: Status): Promise<void> {
    await doing(`setting a key of ${logonName} ${status}`, async () =>
      ims.updateAccessKey(
        new Ims.UpdateAccessKeyRequest({ ...(await named(logonName)), userAccessKeyId: keyId, status }),
      ),
    );
  }

  async function loginOf(logonName: string): Promise<Pick<ObservedUser, 'login'>> {
    const reply = await unlessMissing(`reading the login profile of ${logonName}`, async () =>
      ims.getLoginProfile(new Ims.GetLoginProfileRequest(await named(logonName))),
    );
    const profile = reply?.body?.loginProfile;
    return profile === undefined ? {} : { login: { status: statusOf(profile.status) } };
  }

  async function hasMfaDevice(logonName: string): Promise<boolean> {
    const reply = await unlessMissing(`reading the MFA device of ${logonName}`, async () =>
      ims.getUserMFAInfo(new Ims.GetUserMFAInfoRequest(await named(logonName))),
    );
    return reply?.body?.isMFAEnable === true || reply?.body?.MFADevice?.serialNumber !== undefined;
  }

  async function groupsOf(logonName: string): Promise<readonly string[]> {
    const reply = await unlessMissing(`listing groups of ${logonName}`, async () =>
      ims.listGroupsForUser(new Ims.ListGroupsForUserRequest(await named(logonName))),
    );
    return (reply?.body?.groups?.group ?? []).map(({ groupName }) => groupName ?? '');
  }

  async function attachmentsOf(logonName: string): Promise<ObservedUser['attachments']> {
    const reply = await unlessMissing(`listing policies of ${logonName}`, () =>
      ram.listPoliciesForUser(new Ram.ListPoliciesForUserRequest({ userName: logonName })),
    );
    const account = (reply?.body?.policies?.policy ?? []).map((policy) => ({ policy: refOf(policy) }));
    const principal = { type: 'IMSUser', name: await principalName(logonName) } as const;
    return [...account, ...(await makeGroupPolicies(connection).list(principal))];
  }

  /** Logon names, of all pages. */
  async function listUsers(
    filter: { readonly tag: Ims.ListUsersRequestTag[] } | { readonly status: string },
  ): Promise<readonly string[]> {
    const names: string[] = [];
    let marker: string | undefined;
    do {
      const page = marker === undefined ? {} : { marker };
      const { body } = await doing('listing users', () =>
        ims.listUsers(new Ims.ListUsersRequest({ ...filter, maxItems: 1000, ...page })),
      );
      names.push(
        ...(body?.users?.user ?? []).map((user) => (user.userPrincipalName ?? '').split('@')[0] ?? ''),
      );
      marker = body?.isTruncated === true ? body.marker : undefined;
    } while (marker !== undefined);
    return names;
  }

  return {
    defaultDomain,

    async passwordPolicy() {
      const { body } = await doing('reading the password policy', () => ims.getPasswordPolicy());
      const policy = body?.passwordPolicy;
      if (policy === undefined)
        throw new TryLaterError('UNAVAILABLE', 'IMS answered without a password policy');
      return {
        minimumLength: policy.minimumPasswordLength ?? 0,
        requireLowercase: policy.requireLowercaseCharacters === true,
        requireUppercase: policy.requireUppercaseCharacters === true,
        requireNumbers: policy.requireNumbers === true,
        requireSymbols: policy.requireSymbols === true,
        differentCharacters: policy.minimumPasswordDifferentCharacter ?? 0,
        notContainUserName: policy.passwordNotContainUserName === true,
      };
    },

    async usersLeft() {
      const { body } = await doing('reading quotas', () => ims.getAccountSummary());
      const { users = 0, usersQuota = Number.POSITIVE_INFINITY } = body?.summaryMap ?? {};
      return Math.max(0, usersQuota - users);
    },

    async observeUser(logonName) {
      const reply = await unlessMissing(`reading user ${logonName}`, async () =>
        ims.getUser(new Ims.GetUserRequest(await named(logonName))),
      );
      if (reply === undefined) return undefined;
      const user = answered(`reading user ${logonName}`, reply.body?.user);
      return {
        id: user.userId ?? '',
        createdAt: createdAtOf(`user ${logonName}`, user.createDate),
        tags: tagsIn(user.tags?.tag),
        ...(await loginOf(logonName)),
        keys: await keysOf(logonName),
        hasMfaDevice: await hasMfaDevice(logonName),
        groups: await groupsOf(logonName),
        attachments: await attachmentsOf(logonName),
      };
    },

    usersTagged: (key, value) => listUsers({ tag: [new Ims.ListUsersRequestTag({ key, value })] }),

    // Without a status or a tag, those who were frozen are left out.
    usersNamed: async (prefix) =>
      (await listUsers({ status: 'active,freeze' })).filter((name) => name.startsWith(prefix)),

    async createUser({ logonName, displayName, comments, tags }) {
      const made = await creating(`creating user ${logonName}`, async () =>
        ims.createUser(
          new Ims.CreateUserRequest({
            ...(await named(logonName)),
            displayName,
            ...(comments === undefined ? {} : { comments }),
            tag: Object.entries(tags).map(([key, value]) => new Ims.CreateUserRequestTag({ key, value })),
          }),
        ),
      );
      return made === 'exists'
        ? { outcome: 'exists' }
        : { outcome: 'created', id: made.body?.user?.userId ?? '' };
    },

    async deleteUser(logonName) {
      await unlessMissing(`deleting user ${logonName}`, async () =>
        ims.deleteUser(new Ims.DeleteUserRequest(await named(logonName))),
      );
    },

    async createLogin(logonName, password) {
      const made = await creating(`creating the login profile of ${logonName}`, async () =>
        ims.createLoginProfile(
          new Ims.CreateLoginProfileRequest({
            ...(await named(logonName)),
            password,
            passwordResetRequired: true,
            MFABindRequired: true,
            status: 'Active',
          }),
        ),
      );
      return made === 'exists' ? 'exists' : 'created';
    },

    async setLogin(logonName, status) {
      await unlessMissing(`setting the login profile of ${logonName} ${status}`, async () =>
        ims.updateLoginProfile(new Ims.UpdateLoginProfileRequest({ ...(await named(logonName)), status })),
      );
    },

    async deleteLogin(logonName) {
      await unlessMissing(`deleting the login profile of ${logonName}`, async () =>
        ims.deleteLoginProfile(new Ims.DeleteLoginProfileRequest(await named(logonName))),
      );
    },

    async createKey(logonName) {
      const made = await creating(`creating a key of ${logonName}`, async () =>
        ims.createAccessKey(new Ims.CreateAccessKeyRequest(await named(logonName))),
      );
      const key = made === 'exists' ? undefined : made.body?.accessKey;
      if (key?.accessKeyId === undefined || key.accessKeySecret === undefined)
        throw new TryLaterError('UNAVAILABLE', `IMS answered without the key that it made for ${logonName}`);
      return { id: key.accessKeyId, secret: key.accessKeySecret };
    },

    setKey,

    async deleteKey(logonName, keyId) {
      await unlessMissing(`deleting a key of ${logonName}`, async () => {
        await setKey(logonName, keyId, 'Inactive');
        await ims.deleteAccessKey(
          new Ims.DeleteAccessKeyRequest({ ...(await named(logonName)), userAccessKeyId: keyId }),
        );
      });
    },

    async unbindMfa(logonName) {
      await unlessMissing(`unbinding the MFA device of ${logonName}`, async () =>
        ims.disableVirtualMFA(new Ims.DisableVirtualMFARequest(await named(logonName))),
      );
    },
  };
}

const statusOf = (text: string | undefined): Status => (text === 'Active' ? 'Active' : 'Inactive');

const tagsIn = (
  list: readonly { readonly tagKey?: string; readonly tagValue?: string }[] | undefined,
): Tags =>
  Object.fromEntries(
    (list ?? []).flatMap(({ tagKey, tagValue }) => (tagKey === undefined ? [] : [[tagKey, tagValue ?? '']])),
  );
