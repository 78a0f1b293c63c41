/** What is done to the embedded cloud from outside, not by a call: opening accounts, first keys, logging on at the console. */
import { ApiError, type Caller, type ServiceSession } from '../kernel.js';
import { denial } from './denial.js';
import type { IdentityCore } from './identity.js';
import { openSession } from './sessions.js';
import { withEntry } from './shared-map.js';
import {
  type AccessKeyState,
  type AccountState,
  keyOf,
  type PasswordPolicyState,
  roleArn,
  rootArn,
  type UserState,
  userArn,
} from './state.js';
import { newAccessKeyId, newEntityId, newSecret } from './store.js';
import { MAX_USERS } from './users.js';

export interface AccessKeyPair {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

export interface AccountAdmin {
  /** Opens an account with a key of its owner. Account ids are 16 digits. @throws {Error} when it is open already. */
  createAccount(
    accountId: string,
    options?: {
      readonly alias?: string;
      readonly sourceIp?: string;
      /** Default: what "Limits" says. Smaller ones show what happens at the limit. */
      readonly usersQuota?: number;
    },
  ): { readonly rootAccessKey: AccessKeyPair };
  /** Adds a RAM user with an access key; IMS `CreateUser` does the same from the wire. */
  createUser(accountId: string, name: string, options?: { readonly sourceIp?: string }): AccessKeyPair;
  /** A key of the owner, or of a RAM user of that name; `undefined` when there is none. */
  keyOf(accountId: string, userName?: string): AccessKeyPair | undefined;
  /** As somebody does in the console; no API does. */
  freezeUser(accountId: string, name: string): void;
  /** Binds an MFA device, as a person does at the first logon. */
  bindMfaDevice(accountId: string, name: string): void;
  /** Whether this password opens a console logon: there is an active login profile, and it is the one. */
  canLogOn(accountId: string, name: string, password: string): boolean;
  /** Adds a resource group, such as `rg-orders`. */
  createResourceGroup(accountId: string, resourceGroupId: string): void;
  /** Sets rules for passwords, also such as IMS SetPasswordPolicy would refuse: what clients do with a policy that nobody can meet. */
  setPasswordPolicy(accountId: string, rules: Partial<PasswordPolicyState>): void;
  /** Moves an access key to another address. */
  setSourceIp(accessKeyId: string, sourceIp: string): void;
  /** The account's owner as a caller, for `Cloud.call`. */
  rootOf(accountId: string): Caller;
  /** The RAM user as a caller, for `Cloud.call`. The user needs no access key for it. */
  userOf(accountId: string, name: string): Caller;
  /**
   * Logs `user` on at the console and switches to a role, as a person would: no ExternalId, and `acs:MFAPresent` if the logon
   * was with MFA. The session lasts as long as the role allows, at most the six hours of a console logon.
   * A user without a login profile is taken to have one.
   * @throws {ApiError} `EntityNotExist.Role`, `LoginProfileInactive` or `NoPermission`.
   */
  switchRole(
    user: {
      readonly accountId: string;
      readonly name: string;
      readonly mfa: boolean;
      readonly sourceIp?: string;
    },
    role: { readonly accountId: string; readonly name: string },
  ): ServiceSession;
  accountIds(): readonly string[];
}

/** Documentation address (RFC 5737): where keys come from unless told otherwise. */
const DEFAULT_SOURCE_IP = '192.0.2.1';
const CONSOLE_LOGON_SECONDS = 6 * 3_600;
/** What a new account has; ranges and names as of IMS SetPasswordPolicy. */
const DEFAULT_PASSWORD_POLICY: PasswordPolicyState = {
  minimumLength: 8,
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
  requireSymbols: true,
  hardExpire: false,
  maxAgeDays: 0,
  reusePrevention: 0,
  maxLoginAttempts: 5,
  differentCharacters: 0,
  notContainUserName: false,
};

export function makeAccountAdmin({ store, sessions, verdicts }: IdentityCore): AccountAdmin {
  const accountOf = (accountId: string): AccountState => {
    const account = store.latest(accountId);
    if (account === undefined) throw new Error(`no account ${accountId} in the embedded cloud`);
    return account;
  };
  const userOf = (accountId: string, name: string): UserState => {
    const user = accountOf(accountId).users.get(name);
    if (user === undefined) throw new Error(`no user ${name} in account ${accountId}`);
    return user;
  };
  const userCaller = (accountId: string, user: UserState, sourceIp: string): Caller => ({
    accountId,
    kind: 'user',
    arn: userArn(accountId, user.name),
    accessKeyId: 'console',
    sourceIp,
    userName: user.name,
    userId: user.id,
  });

  return {
    createAccount: (accountId, { alias, sourceIp = DEFAULT_SOURCE_IP, usersQuota = MAX_USERS } = {}) => {
      if (!/^\d{16}$/.test(accountId)) throw new Error(`"${accountId}" is not a 16-digit account id`);
      if (store.latest(accountId) !== undefined) throw new Error(`account ${accountId} is open already`);
      const key = newAccessKey(sessions.clock.now(), sourceIp);
      store.addAccount({
        id: accountId,
        rootKeys: new Map([[key.id, key]]),
        users: new Map(),
        usersQuota,
        recycleBin: new Map(),
        groups: new Map(),
        passwordPolicy: DEFAULT_PASSWORD_POLICY,
        roles: new Map(),
        policies: new Map(),
        attachments: new Map(),
        resourceGroups: new Map(),
        ...(alias === undefined ? {} : { alias }),
      });
      store.keyOwners.set(key.id, { accountId });
      return { rootAccessKey: { accessKeyId: key.id, accessKeySecret: key.secret } };
    },
    createUser: (accountId, name, { sourceIp = DEFAULT_SOURCE_IP } = {}) => {
      const now = sessions.clock.now();
      const key = newAccessKey(now, sourceIp);
      store.update(accountId, (account) => ({
        ...account,
        users: withEntry(account.users, name, {
          id: newEntityId(),
          name,
          displayName: name,
          createdAt: now,
          updatedAt: now,
          accessKeys: new Map([[key.id, key]]),
          tags: new Map(),
        }),
      }));
      store.keyOwners.set(key.id, { accountId, userName: name });
      return { accessKeyId: key.id, accessKeySecret: key.secret };
    },
    keyOf: (accountId, userName) => {
      const account = store.latest(accountId);
      const keys = userName === undefined ? account?.rootKeys : account?.users.get(userName)?.accessKeys;
      const [key] = keys?.values() ?? [];
      return key === undefined ? undefined : { accessKeyId: key.id, accessKeySecret: key.secret };
    },
    freezeUser: (accountId, name) => {
      const user = userOf(accountId, name);
      store.update(accountId, (account) => ({
        ...account,
        users: withEntry(account.users, name, { ...user, isFrozen: true }),
      }));
    },
    bindMfaDevice: (accountId, name) => {
      const user = userOf(accountId, name);
      const mfaDevice = `acs:ram::${accountId}:mfa/${name}`;
      store.update(accountId, (account) => ({
        ...account,
        users: withEntry(account.users, name, { ...user, mfaDevice }),
      }));
    },
    canLogOn: (accountId, name, password) => {
      const profile = store.seen(accountId)?.users.get(name)?.loginProfile;
      return profile?.status === 'Active' && profile.password === password;
    },
    createResourceGroup: (accountId, resourceGroupId) =>
      store.update(accountId, (account) => ({
        ...account,
        resourceGroups: withEntry(account.resourceGroups, resourceGroupId, {
          id: resourceGroupId,
          name: resourceGroupId,
          displayName: resourceGroupId,
          createdAt: sessions.clock.now(),
        }),
      })),
    setPasswordPolicy: (accountId, rules) =>
      store.update(accountId, (account) => ({
        ...account,
        passwordPolicy: { ...account.passwordPolicy, ...rules },
      })),
    setSourceIp: (accessKeyId, sourceIp) => {
      const owner = store.keyOwners.get(accessKeyId);
      if (owner === undefined) throw new Error(`no access key ${accessKeyId}`);
      const moved = (keys: ReadonlyMap<string, AccessKeyState>): ReadonlyMap<string, AccessKeyState> =>
        new Map([...keys].map(([id, key]) => [id, id === accessKeyId ? { ...key, sourceIp } : key]));
      store.update(owner.accountId, (account) => {
        const user = owner.userName === undefined ? undefined : account.users.get(owner.userName);
        return user === undefined
          ? { ...account, rootKeys: moved(account.rootKeys) }
          : {
              ...account,
              users: withEntry(account.users, user.name, { ...user, accessKeys: moved(user.accessKeys) }),
            };
      });
    },
    rootOf: (accountId) => ({
      accountId: accountOf(accountId).id,
      kind: 'root',
      arn: rootArn(accountId),
      accessKeyId: 'console',
      sourceIp: DEFAULT_SOURCE_IP,
    }),
    userOf: (accountId, name) => userCaller(accountId, userOf(accountId, name), DEFAULT_SOURCE_IP),
    switchRole: (user, { accountId, name }) => {
      const role = store.seen(accountId)?.roles.get(keyOf(name));
      if (role === undefined)
        throw new ApiError(404, 'EntityNotExist.Role', 'The specified Role not exists .');
      const sourceIp = user.sourceIp ?? DEFAULT_SOURCE_IP;
      // The code is ours: a console shows a page, not a code.
      if (userOf(user.accountId, user.name).loginProfile?.status === 'Inactive')
        throw new ApiError(403, 'LoginProfileInactive', 'Console logon is disabled for this user.');
      const person: Caller = {
        ...userCaller(user.accountId, userOf(user.accountId, user.name), sourceIp),
        mfaPresent: user.mfa,
      };
      const decision = verdicts.judgeEntry(person, { roleArn: roleArn(accountId, role.name), role });
      if (decision.effect === 'deny') throw denial(person, 'sts:AssumeRole', decision, 'NoPermission');
      return openSession(sessions, {
        accountId,
        role,
        sessionName: user.name,
        seconds: Math.min(role.maxSessionSeconds, CONSOLE_LOGON_SECONDS),
        sourceIp,
        mfaPresent: user.mfa,
      });
    },
    accountIds: () => store.accountIds(),
  };
}

export function newAccessKey(now: number, sourceIp: string): AccessKeyState {
  return {
    id: newAccessKeyId(),
    secret: newSecret(),
    status: 'Active',
    createdAt: now,
    updatedAt: now,
    sourceIp,
  };
}
