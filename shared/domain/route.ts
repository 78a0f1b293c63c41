/** Rules of ours that take a grantee events of the owner's bus, in our words. Shapes only. */
import type { AccountId, Region } from './values.js';

/** Where events go. */
export type RouteEnd =
  | {
      readonly kind: 'bus';
      /** The grantee's, never another. */
      readonly accountId: AccountId;
      readonly region: Region;
      readonly eventBus: string;
      /** Role in that account which EventBridge publishes as. */
      readonly roleName: string;
    }
  | { readonly kind: 'https'; readonly url: string };

/** One rule with one target. */
export interface Route {
  readonly region: Region;
  readonly eventBus: string;
  /** `lh-<16 hex>` */
  readonly rule: string;
  readonly description: string;
  /** JSON. */
  readonly pattern: string;
  readonly to: RouteEnd;
  /** ARN of a bus of the owner; none where there is none in the rule's region. */
  readonly deadLetters?: string;
}

export interface ObservedTarget {
  readonly id: string;
  /** `undefined` for anything that is not a whole event, as it is, to an end of ours. */
  readonly to?: RouteEnd;
  readonly deadLetters?: string;
  /** Up to a minute, or a day. */
  readonly retries: 'briefly' | 'for-a-day';
}
/** What there is under the name of one rule, on a bus that exists. */
export interface ObservedRoute {
  readonly rule?: {
    readonly pattern: string;
    readonly isEnabled: boolean;
    readonly targets: readonly ObservedTarget[];
  };
}

/** One call, safe to run twice. */
export type RouteStep =
  /** With its target, and switched off. */
  | { readonly kind: 'createRule' }
  /** `isEnabled`: what the rule is meanwhile; the call says it, since a rule of which it says nothing may be switched on by it. */
  | { readonly kind: 'setPattern'; readonly isEnabled: boolean }
  | { readonly kind: 'putTarget' }
  | { readonly kind: 'setEnabled'; readonly isEnabled: boolean }
  | { readonly kind: 'removeTargets'; readonly ids: readonly string[] }
  | { readonly kind: 'deleteRule' };

/** Id of the one target that a rule of ours has. */
export const ROUTE_TARGET_ID = 'grantee';
