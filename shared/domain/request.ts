/** The data of `partner.onboarding.requested`, as the schema admits it. */
import type { Grant } from './grant.js';
import type { AccountId, ContractId, Instant } from './values.js';

export interface Accessor {
  readonly type: 'user' | 'role';
  readonly name: string;
  readonly via: 'console' | 'api';
  /** Console only. Default true: the trust statement then demands `acs:MFAPresent`. */
  readonly requireMfa?: boolean;
}

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
    readonly setup: { readonly mode: 'self-service' };
  };
  readonly lease: Lease;
  readonly grants: readonly Grant[];
  readonly restrict: Restrictions;
}
