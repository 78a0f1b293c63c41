/** Accounts in data planes that RAM does not govern, in our words. Shapes only: plans are made in `shared/services`. */
import type { Region } from './values.js';

/** An instance of a product whose data plane has accounts and ACLs of its own. */
export interface DataPlaneInstance {
  readonly product: 'kafka' | 'rocketmq5' | 'rabbitmq';
  readonly region: Region;
  readonly instanceId: string;
}

/** One entry of an instance's ACL. Types and operations are in the product's own words. */
export interface AclEntry {
  /**
   * `Topic` or `Group`; Kafka also has `Cluster` and `TransactionalId`. RabbitMQ has no ACL of its own: there it is a `RAM policy`
   * on the RAM user behind the account, or an `AccessKey` of it that is not the account's.
   */
  readonly resourceType: string;
  readonly resourceName: string;
  readonly match: 'exact' | 'prefix';
  /** Kafka: `Write`, `Read`, …, one an entry. RocketMQ 5.x: `Pub`, `Sub` or `Pub|Sub`, all of a resource in one. RabbitMQ: `Use`. */
  readonly operation: string;
  readonly effect: 'allow' | 'deny';
  /** Addresses that it is limited to; none of ours is. */
  readonly from: readonly string[];
}

/** One account that a contract needs. */
export interface DataPlaneAccount {
  readonly instance: DataPlaneInstance;
  /** `lh-<16 hex>` */
  readonly account: string;
  /** Sorted, each once. */
  readonly entries: readonly AclEntry[];
  /**
   * How access pauses: `disabling` keeps the account and its password; where there is no documented call that switches an
   * account off it is deleted, and a new password is handed over when access resumes.
   */
  readonly pausesBy: 'disabling' | 'deletion';
  /** What no ACL of ours can keep out, in plain words; for plan, hand-over and proof. */
  readonly caveat: string;
}

/** One account of one instance, and nothing of any other. */
export interface ObservedDataPlane {
  /** The instance does not exist any more, but what an account of it had elsewhere does. */
  readonly isInstanceGone?: true;
  /** False also when the instance does not say. While it is off, ACLs bind nobody and cannot be read. */
  readonly isAclOn: boolean;
  /** `undefined` when there is no account of the name. */
  readonly account?: {
    readonly isEnabled: boolean;
    /** Whether a part of it is missing that cannot be made again without a new password. */
    readonly isBroken?: true;
  };
  /** Entries for this account; there may be some without an account. */
  readonly entries: readonly AclEntry[];
  /** Entries that hold for every account of the instance, on the resources that were looked at. */
  readonly forEveryone: readonly AclEntry[];
}

/** One call, safe to run twice but for `createAccount`. */
export type DataPlaneStep =
  /** Under a new password. Where the name is there already it is not known whose: never planned then. */
  | { readonly kind: 'createAccount' }
  | { readonly kind: 'setEnabled'; readonly isEnabled: boolean }
  | { readonly kind: 'deleteAccount' }
  | { readonly kind: 'addEntry'; readonly entry: AclEntry }
  | { readonly kind: 'removeEntry'; readonly entry: AclEntry };
