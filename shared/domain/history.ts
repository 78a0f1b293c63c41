/** A contract from the entries of its register: a whole chain, and in an order that somebody of ours can have written. Pure. */
import { type ChainBreak, linkChain } from './chain.js';
import { type Contract, type ContractState, isBeingTakenBack, isLive } from './contract.js';
import type { Fact } from './fact.js';
import { changedBy, foldContract } from './fold-contract.js';
import type { ContractId } from './values.js';

export type History =
  | { readonly ok: true; readonly contract: Contract }
  | { readonly ok: false; readonly break: ChainBreak };

/** As `linkChain`, with what the facts come to. Looks at the first thing that breaks the history only. */
export function readHistory(contractId: ContractId, entries: readonly unknown[]): History {
  const chain = linkChain(contractId, entries);
  if (!chain.ok) return chain;
  let contract = foldContract(contractId, []);
  for (const fact of chain.facts) {
    const after = changedBy(contract, fact);
    const what = troubleBetween(contract, fact, after);
    if (what !== undefined) return { ok: false, break: { seq: fact.seq, what } };
    contract = after;
  }
  return { ok: true, contract: { ...contract, facts: chain.facts } };
}

/**
 * Whoever holds the key of a function can chain what he likes. What nobody of ours would write must not bring to life again what was
 * declined or has ended, nor have an answer count that nothing waits for.
 */
function troubleBetween(before: Contract, fact: Fact, after: Contract): string | undefined {
  const { state } = before;
  switch (fact.kind) {
    case 'requested':
      return MAY_BE_REQUESTED.has(state) ? undefined : `asks anew for what is ${state}`;
    case 'approved':
      return isAwaited(before, fact.data.of) ? undefined : 'approves of what waits for no answer';
    case 'ending': {
      const { reason } = fact.data;
      // What failed may be requested again, so a failure is no reason to end what has come to an end otherwise.
      const isEnd = state === 'ending' ? isBeingTakenBack(before) && reason !== 'failed' : state !== 'ended';
      return isEnd && !(state === 'declined' && reason === 'failed') ? undefined : `ends what is ${state}`;
    }
    default:
      return after.state === state || mayBecome(before, after.state)
        ? undefined
        : `makes ${after.state} what is ${state}`;
  }
}

const MAY_BE_REQUESTED: ReadonlySet<ContractState> = new Set([
  'unknown',
  'rejected',
  'failed',
  'awaiting-approval',
]);

/** Whether the request, or the amendment, that was asked for by the fact numbered `of` may be approved. */
function isAwaited(contract: Contract, of: number): boolean {
  const { state, terms, amendment } = contract;
  if (amendment?.seq === of) return isLive(contract) && amendment.approval === undefined;
  const isAsked = state === 'requested' || state === 'awaiting-approval';
  return terms?.seq === of && isAsked && terms.approval === undefined;
}

function mayBecome(contract: Contract, next: ContractState): boolean {
  switch (contract.state) {
    case 'ending':
      return next === 'ended' || (next === 'failed' && isBeingTakenBack(contract));
    case 'ended':
    case 'declined':
      return false;
    default:
      return true;
  }
}
