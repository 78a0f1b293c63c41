/** The data of `partner.onboarding.requested`, as the schema admits it. */
import type { Grant } from './grant.js';
import type { PublicKey } from './public-key.js';
import type { AccountId, ContractId, Instant } from './values.js';

export interface Accessor {
  readonly type: 'user' | 'role';
  readonly name: string;
  readonly via: 'console' | 'api';
  /** Console only. Default true: the trust statement then demands `acs:MFAPresent`. */
  readonly requireMfa?: boolean;
}

/** Who sets up the grantee's side. In self-service nothing of the grantee's is touched: its administrator gets a hand-over. */
export type GranteeSetup = { readonly mode: 'self-service' } | ManagedSetup;

/**
 * Leasehold does it, by the role `leasehold-provisioning` that the grantee made for it. Whom A's role lets in is said by
 * `accessors` alone: with none (the whole account, by API) people come and go here with no change in A.
 */
export interface ManagedSetup {
  readonly mode: 'managed';
  readonly users: readonly ManagedUser[];
  readonly roles: readonly ManagedRole[];
}

export type ManagedUser = CreatedUser | ExistingUser;
/** Made for this contract, or shared with another of the grantee's contracts that made it. Removed by the last one out. */
export interface CreatedUser {
  /** The part before `@`: 1 to 64 letters, digits, `.`, `-`, `_`. */
  readonly logonName: string;
  /** At most 128 characters; unset: the logon name. */
  readonly displayName?: string;
  /** One of the two is the recommended practice; `both` needs `acceptsBothAccessModes`. */
  readonly access: 'console' | 'programmatic' | 'both';
  readonly acceptsBothAccessModes?: true;
  readonly tags?: Readonly<Record<string, string>>;
}
/** The grantee's own: gets the policy, and is never reset, disabled or deleted. */
export interface ExistingUser {
  readonly logonName: string;
  readonly existing: true;
}

export type ManagedRole = CreatedRole | ExistingRole;
/** For ECS instances, so that programs on them need no key. */
export interface CreatedRole {
  readonly name: string;
  readonly trusts: 'ecs.aliyuncs.com';
}
export interface ExistingRole {
  readonly name: string;
  readonly existing: true;
}

export const isExisting = (one: ManagedUser | ManagedRole): one is ExistingUser | ExistingRole =>
  'existing' in one;

export interface Lease {
  readonly startsAt: Instant;
  readonly expiresAt: Instant;
}

export interface Restrictions {
  /** IPv4 addresses or CIDR blocks. */
  readonly sourceIps?: readonly string[];
  /** 3,600–43,200. */
  readonly maxSessionSeconds?: number;
}

export interface OnboardingRequest {
  readonly contractId: ContractId;
  readonly requestedBy: string;
  readonly grantee: {
    readonly name: string;
    readonly accountId: AccountId;
    /** None: the whole account, by API with ExternalId only. */
    readonly accessors: readonly Accessor[];
    readonly setup: GranteeSetup;
    /** What the grantee gets is sealed to it; without it no user with a password or an AccessKey is made. */
    readonly publicKey?: PublicKey;
  };
  readonly lease: Lease;
  readonly grants: readonly Grant[];
  readonly restrict: Restrictions;
}
