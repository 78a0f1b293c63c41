/** The grantee's side as data: what is wanted of it, what is there, and what the register knows. */
import type {
  GranteePrincipal,
  ObservedGranteePolicy,
  ObservedGranteeRole,
  ObservedUser,
  PasswordPolicy,
  Tags,
} from '../../cloud/ports.js';
import type { ManagedRole, ManagedUser } from '../../domain/request.js';
import { addSeconds, type ContractId, type Instant } from '../../domain/values.js';
import { MOST_SKEW_SECONDS } from '../clock-skew.js';

/** Name of the policy that lets the grantee's users and roles enter; it has the role's name as its stem. */
export const enteringPolicyName = (roleName: string): string => `${roleName}-enter`;

export interface WantedSide {
  readonly contractId: ContractId;
  /** What this request's own things are tagged with, so that a creation whose reply was lost is recognised. */
  readonly tags: Tags;
  readonly policy: { readonly name: string; readonly document: string };
  readonly users: readonly ManagedUser[];
  readonly roles: readonly ManagedRole[];
}

export interface ObservedSide {
  readonly defaultDomain: string;
  readonly passwordPolicy: PasswordPolicy;
  readonly usersLeft: number;
  readonly policy?: ObservedGranteePolicy;
  /** By logon name; absent when there is none of that name. */
  readonly users: ReadonlyMap<string, ObservedUser>;
  readonly roles: ReadonlyMap<string, ObservedGranteeRole>;
}

/** What the register says of one user or role of the grantee's. */
export interface KnownThing {
  /** The cloud's id of the one that a contract of ours made last; unset when none did, or when that was not yet recorded. */
  readonly madeId?: string;
  /** Which contract made it; set with `madeId`. */
  readonly madeBy?: ContractId;
  /** Since when this contract may have made one that is not on record; unset while one is, and where it never was to. */
  readonly intendedAt?: Instant;
  /** Whether what it logs on or signs with has reached the grantee. Until then nobody holds it. */
  readonly isHandedOver: boolean;
  /** Of keys that were handed over. */
  readonly keyIds: readonly string[];
  /** Whether a password was. */
  readonly hasPassword: boolean;
  /** Other contracts that claim it by this very name. */
  readonly otherClaims: readonly ContractId[];
  /** One that claims it too, as far as its register, which is broken, tells. */
  readonly unbelieved?: ContractId;
  /** What other contracts claim by a name that differs in case alone: the same thing, or another. */
  readonly aliases: readonly Alias[];
  /** Whether this contract has it set up, or has to remove it yet. */
  readonly isOnRecord?: true;
  /** Contract that has it on record, and claims it no more: it is about to remove it, or to leave it to whoever claims it. */
  readonly leaving?: ContractId;
}
export interface Alias {
  readonly name: string;
  readonly contractId: ContractId;
  /** Whether that contract takes it for the grantee's own. */
  readonly isTheirOwn: boolean;
}
export const UNKNOWN: KnownThing = {
  isHandedOver: false,
  keyIds: [],
  hasPassword: false,
  otherClaims: [],
  aliases: [],
};

export interface KnownSide {
  readonly users: ReadonlyMap<string, KnownThing>;
  readonly roles: ReadonlyMap<string, KnownThing>;
}

/** One change. The plan is the list of them; `applyGranteeStep` does one. */
export type GranteeStep =
  | { readonly kind: 'createPolicy'; readonly policy: string; readonly document: string; readonly tags: Tags }
  | { readonly kind: 'setPolicyDocument'; readonly policy: string; readonly document: string }
  | { readonly kind: 'deletePolicy'; readonly policy: string }
  | {
      readonly kind: 'createUser';
      readonly user: string;
      readonly displayName: string;
      readonly tags: Tags;
    }
  | { readonly kind: 'deleteUser'; readonly user: string }
  | { readonly kind: 'createLogin'; readonly user: string }
  | { readonly kind: 'deleteLogin'; readonly user: string }
  | { readonly kind: 'disableLogin'; readonly user: string }
  | { readonly kind: 'createKey'; readonly user: string }
  | { readonly kind: 'deleteKey'; readonly user: string; readonly keyId: string }
  | { readonly kind: 'disableKey'; readonly user: string; readonly keyId: string }
  | { readonly kind: 'unbindMfa'; readonly user: string }
  | { readonly kind: 'createRole'; readonly role: string; readonly trust: string; readonly tags: Tags }
  | { readonly kind: 'deleteRole'; readonly role: string }
  | { readonly kind: 'attach'; readonly principal: GranteePrincipal; readonly policy: string }
  | { readonly kind: 'detach'; readonly principal: GranteePrincipal; readonly policy: string };

/** Whether the thing carries every tag of `tags`. */
export const carries = (thing: { readonly tags: Tags }, tags: Tags): boolean =>
  Object.entries(tags).every(([key, value]) => thing.tags[key] === value);

/** What tells a thing that we made from one of the same name. */
export interface Identity {
  readonly id: string;
  readonly createdAt: Instant;
  readonly tags: Tags;
}

/**
 * Ours = a contract of ours recorded that it made the thing of this id; or this request was to make one, and it was made since and
 * has the request's own tags (the reply or the record was lost). Tags alone say nothing: whoever can read them can copy them. A thing
 * of the same name that was made again by hand has another id. The intent was written by our clock, the making by the cloud's.
 */
export const isOurs = (thing: Identity, { madeId, intendedAt }: KnownThing, tags: Tags): boolean =>
  madeId === thing.id ||
  (intendedAt !== undefined &&
    thing.createdAt >= addSeconds(intendedAt, -MOST_SKEW_SECONDS) &&
    carries(thing, tags));

export const holds = (thing: Pick<ObservedUser, 'attachments'>, policy: string): boolean =>
  thing.attachments.some(
    (one) => one.policy.type === 'Custom' && one.policy.name === policy && one.resourceGroupId === undefined,
  );
