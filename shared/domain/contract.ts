/** A contract is the fold of its facts. Pure. */
import type { EventKey, Fact, FactData } from './fact.js';
import type { ContractId, Instant } from './values.js';

export type ContractState =
  | 'unknown'
  | 'requested'
  | 'granting'
  | 'active'
  | 'ending'
  | 'ended'
  | 'rejected'
  | 'failed';

export interface Contract {
  readonly contractId: ContractId;
  readonly state: ContractState;
  /** Sequence and hash of the last fact: what the next one is appended to, and what outbound events are anchored by. */
  readonly seq: number;
  readonly hash: string;
  /** Sequence of the request that is being, or was last, worked on: a later request has another epoch. */
  readonly epoch: number;
  readonly requested?: FactData['requested'];
  readonly granting?: FactData['granting'];
  readonly created?: FactData['role-created'];
  readonly verified?: FactData['verified'];
  readonly activated?: FactData['activated'] & { readonly at: Instant };
  readonly ending?: FactData['ending'] & { readonly seq: number; readonly at: Instant };
  readonly cut?: FactData['cut'] & { readonly at: Instant };
  readonly removed?: FactData['removed'] & { readonly at: Instant };
  readonly ended?: FactData['ended'] & { readonly at: Instant };
  readonly rejected?: FactData['rejected'];
  readonly failed?: FactData['failed'];
  /** Every event that a fact was written for. */
  readonly events: readonly EventKey[];
}

export const GENESIS_HASH = '0'.repeat(64);

/** The contract that `facts` (in sequence, from 1) describe; state `unknown` when there are none. */
export function foldContract(contractId: ContractId, facts: readonly Fact[]): Contract {
  const none: Contract = { contractId, state: 'unknown', seq: 0, hash: GENESIS_HASH, epoch: 0, events: [] };
  return facts.reduce(applyFact, none);
}

/** `contract` one fact later. */
export function applyFact(contract: Contract, fact: Fact): Contract {
  const next = { ...contract, seq: fact.seq, hash: fact.hash };
  switch (fact.kind) {
    case 'requested':
      // A new request starts afresh: what an earlier, failed one made is gone and must not be taken for ours.
      return {
        contractId: contract.contractId,
        state: 'requested',
        seq: fact.seq,
        hash: fact.hash,
        epoch: fact.seq,
        requested: fact.data,
        events: [...contract.events, fact.data.event],
      };
    case 'rejected':
      return {
        ...next,
        state: 'rejected',
        rejected: fact.data,
        events: [...contract.events, fact.data.event],
      };
    case 'approved':
      return next;
    case 'granting':
      return { ...next, state: 'granting', granting: fact.data };
    case 'role-created':
      return { ...next, created: fact.data };
    case 'verified':
      return { ...next, verified: fact.data };
    case 'activated':
      return { ...next, state: 'active', activated: { ...fact.data, at: fact.at } };
    case 'ending':
      return {
        ...next,
        state: 'ending',
        ending: { ...fact.data, seq: fact.seq, at: fact.at },
        events: fact.data.event === undefined ? contract.events : [...contract.events, fact.data.event],
      };
    case 'cut':
      return { ...next, cut: { ...fact.data, at: fact.at } };
    case 'removed':
      return { ...next, removed: { ...fact.data, at: fact.at } };
    case 'ended':
      return { ...next, state: 'ended', ended: { ...fact.data, at: fact.at } };
    case 'failed':
      return { ...next, state: 'failed', failed: fact.data };
  }
}

/** Whether something of this contract may still be in the cloud, or come to be. */
export const isOver = (contract: Contract): boolean => contract.state === 'ended';
