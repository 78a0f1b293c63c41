/** What the register holds: facts, past tense, one object each, chained by hash. Shapes only; writing is `shared/app/register.ts`. */
import type { OnboardingRequest } from './request.js';
import type { AccountId, ContractId, Instant, RoleName } from './values.js';

/** An event as the register knows it: by source, id *and* content. */
export interface EventKey {
  readonly source: string;
  readonly id: string;
  /** SHA-256 of the event's type, subject and data in canonical JSON. */
  readonly contentHash: string;
}

export interface Reason {
  readonly code: string;
  /** JSON pointer into the event, '' for the whole. */
  readonly pointer: string;
  readonly message: string;
}

/** What one probe showed: `proven` by calls, or `unprovable` with the reason why no read call can show it. */
export interface Proof {
  readonly right: string;
  readonly verdict: 'proven' | 'judged' | 'unprovable';
  readonly how: string;
}

export type EndReason = 'terminated' | 'expired' | 'failed';

export interface FactData {
  readonly requested: {
    readonly event: EventKey;
    readonly request: OnboardingRequest;
    readonly owner: AccountId;
    readonly roleName: RoleName;
    readonly planHash: string;
  };
  readonly rejected: { readonly event: EventKey; readonly reasons: readonly Reason[] };
  readonly approved: { readonly by: string; readonly planHash: string };
  /** Intent: names and ids that an effect whose reply was lost is recognised by. */
  readonly granting: {
    readonly nonce: string;
    readonly externalId: string;
    readonly verifierExternalId: string;
  };
  readonly 'role-created': { readonly roleId: string; readonly policies: readonly string[] };
  readonly verified: { readonly proofs: readonly Proof[] };
  readonly activated: { readonly roleArn: string; readonly proofs: readonly Proof[] };
  readonly ending: { readonly reason: EndReason; readonly detail: string; readonly event?: EventKey };
  readonly cut: {
    /** Seconds from the cut to the first of a run of refusals; absent with `witness` saying why. */
    readonly timeToDenySeconds?: number;
    readonly witness: string;
    readonly unseen: readonly string[];
  };
  readonly removed: { readonly tokenDeath: string; readonly foreign: readonly string[] };
  readonly ended: { readonly reason: EndReason; readonly detail: string };
  readonly failed: { readonly step: string; readonly code: string; readonly next: string };
}
export type FactKind = keyof FactData;

interface FactOf<K extends FactKind> {
  readonly v: 1;
  /** Counts from 1. */
  readonly seq: number;
  readonly at: Instant;
  readonly contractId: ContractId;
  readonly kind: K;
  /** Who wrote it: the step. */
  readonly by: string;
  readonly data: FactData[K];
  /** The writer's own, to recognise its own object when the reply was lost. */
  readonly nonce: string;
  readonly prevHash: string;
  readonly hash: string;
}
export type Fact = { readonly [K in FactKind]: FactOf<K> }[FactKind];
export type NewFact = {
  readonly [K in FactKind]: { readonly kind: K; readonly data: FactData[K] };
}[FactKind];

export const FACT_KINDS: ReadonlySet<string> = new Set<FactKind>([
  'requested',
  'rejected',
  'approved',
  'granting',
  'role-created',
  'verified',
  'activated',
  'ending',
  'cut',
  'removed',
  'ended',
  'failed',
]);
