/**
 * What an account holds, as immutable values: a write makes a new `AccountState`, so an older one can still be shown to
 * readers that the write has not reached yet (RAM is eventually consistent).
 */
import type { PolicyDocument, TrustDocument } from '../../policy/index.js';

export type Tags = ReadonlyMap<string, string>;

export interface AccessKeyState {
  readonly id: string;
  readonly secret: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Where calls signed with this key are taken to come from. */
  readonly sourceIp: string;
}

export interface LoginProfileState {
  readonly mfaBindRequired: boolean;
  readonly passwordResetRequired: boolean;
  readonly status: 'Active' | 'Inactive';
  /** Absent when the profile was made without one; then nobody logs on with it. */
  readonly password?: string;
  readonly updatedAt: number;
}

/** Rules for the passwords of an account's users, in the vendor's words and ranges. */
export interface PasswordPolicyState {
  readonly minimumLength: number;
  readonly requireLowercase: boolean;
  readonly requireUppercase: boolean;
  readonly requireNumbers: boolean;
  readonly requireSymbols: boolean;
  readonly hardExpire: boolean;
  readonly maxAgeDays: number;
  readonly reusePrevention: number;
  readonly maxLoginAttempts: number;
  readonly differentCharacters: number;
  readonly notContainUserName: boolean;
}

export interface UserState {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly comments?: string;
  readonly email?: string;
  readonly mobilePhone?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly accessKeys: ReadonlyMap<string, AccessKeyState>;
  readonly loginProfile?: LoginProfileState;
  /** Serial number of the MFA device that is bound. */
  readonly mfaDevice?: string;
  /** By the console; what a frozen user may still do is not modelled. */
  readonly isFrozen?: boolean;
  readonly tags: Tags;
}

/** Groups have members only: no policy can be attached to one here. */
export interface GroupState {
  readonly id: string;
  readonly name: string;
  readonly comments: string;
  readonly createdAt: number;
  /** Ids of users, and when each joined. */
  readonly members: ReadonlyMap<string, number>;
}

export interface RecycledUser {
  readonly user: UserState;
  readonly recycledAt: number;
}

export interface RoleState {
  readonly id: string;
  readonly name: string;
  /** As it was sent; shown again as it was sent. */
  readonly trustText: string;
  readonly trust: TrustDocument;
  /** Ids of the users and roles it names, by ARN, as of then. Absent in folders of before. */
  readonly trustedIds?: ReadonlyMap<string, string>;
  readonly trustUpdatedAt: number;
  readonly description: string;
  readonly maxSessionSeconds: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: Tags;
}

export interface PolicyVersionState {
  readonly id: string;
  readonly text: string;
  readonly document: PolicyDocument;
  readonly createdAt: number;
}

export type PolicyType = 'System' | 'Custom';

export interface PolicyState {
  readonly name: string;
  readonly type: PolicyType;
  readonly description: string;
  readonly versions: readonly PolicyVersionState[];
  readonly defaultVersionId: string;
  /** Numbers are never used again, also after a version was deleted. */
  readonly lastVersionNumber: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: Tags;
}

export interface Attachment {
  /** `account`, or a resource group's id. */
  readonly scope: string;
  readonly policyType: PolicyType;
  readonly policyName: string;
  /** Bound to the id: a role or user made again under the old name starts with nothing. */
  readonly principal: { readonly kind: 'user' | 'role'; readonly id: string };
  readonly attachedAt: number;
}

export interface ResourceGroupState {
  /** `rg-…` */
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly createdAt: number;
}

export interface AccountState {
  readonly id: string;
  readonly alias?: string;
  readonly rootKeys: ReadonlyMap<string, AccessKeyState>;
  /** By name as written. */
  readonly users: ReadonlyMap<string, UserState>;
  readonly usersQuota: number;
  /** Deleted users by id, oldest first. */
  readonly recycleBin: ReadonlyMap<string, RecycledUser>;
  readonly groups: ReadonlyMap<string, GroupState>;
  readonly passwordPolicy: PasswordPolicyState;
  /** By `keyOf(name)`. */
  readonly roles: ReadonlyMap<string, RoleState>;
  /** Custom policies by `keyOf(name)`. */
  readonly policies: ReadonlyMap<string, PolicyState>;
  /** By the id of the user or role, in the order in which they were attached; none for who has none. */
  readonly attachments: ReadonlyMap<string, readonly Attachment[]>;
  /** By id. */
  readonly resourceGroups: ReadonlyMap<string, ResourceGroupState>;
}

/** Names of roles and policies are found without regard to case. */
export const keyOf = (name: string): string => name.toLowerCase();

export const roleArn = (accountId: string, name: string): string =>
  `acs:ram::${accountId}:role/${name.toLowerCase()}`;
export const rootArn = (accountId: string): string => `acs:ram::${accountId}:root`;
export const userArn = (accountId: string, name: string): string => `acs:ram::${accountId}:user/${name}`;

export const roleById = (account: AccountState, id: string): RoleState | undefined =>
  [...account.roles.values()].find((role) => role.id === id);
export const userById = (account: AccountState, id: string): UserState | undefined =>
  [...account.users.values()].find((user) => user.id === id);

export const defaultVersion = (policy: PolicyState): PolicyVersionState | undefined =>
  policy.versions.find((version) => version.id === policy.defaultVersionId);

/** Times in replies and conditions: UTC to the second. */
export const stamp = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
