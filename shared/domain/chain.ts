/** The chain of hashes that a contract's facts form: what breaks it, and where. Pure. */
import { canonicalJson } from './canonical-json.js';
import { FACT_KINDS, type Fact } from './fact.js';
import { GENESIS_HASH } from './fold-contract.js';
import { sha256Hex } from './sha256.js';
import type { ContractId } from './values.js';

/** Hash of everything in a fact but the hash itself. */
export const hashOfFact = (fact: Omit<Fact, 'hash'>): string => {
  const { hash: _, ...rest } = fact as Fact;
  return sha256Hex(canonicalJson(rest));
};

export interface ChainBreak {
  /** Where the chain breaks, counted from 1: this entry is not what was written after the one before it. */
  readonly seq: number;
  /** Follows upon "fact 7 of contract C-1 …". */
  readonly what: string;
}
export type Chain =
  | { readonly ok: true; readonly facts: readonly Fact[] }
  | { readonly ok: false; readonly break: ChainBreak };

/** Links what should be all facts of a contract, from its first on. Looks at the first thing that breaks the chain only. */
export function linkChain(contractId: ContractId, entries: readonly unknown[]): Chain {
  const facts: Fact[] = [];
  let prevHash = GENESIS_HASH;
  for (const [index, entry] of entries.entries()) {
    const seq = index + 1;
    const what = troubleWith(entry, { contractId, seq, prevHash });
    if (what !== undefined) return { ok: false, break: { seq, what } };
    const fact = entry as Fact;
    facts.push(fact);
    prevHash = fact.hash;
  }
  return { ok: true, facts };
}

interface Place {
  readonly contractId: ContractId;
  readonly seq: number;
  readonly prevHash: string;
}

function troubleWith(entry: unknown, { contractId, seq, prevHash }: Place): string | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'is no fact';
  const fact = entry as Fact;
  if (fact.v !== 1 || !FACT_KINDS.has(fact.kind))
    return 'was written by a newer version; upgrade before writing';
  if (fact.seq !== seq || fact.contractId !== contractId) return 'is out of place';
  if (fact.hash !== hashOfFact(fact))
    return 'breaks the chain of hashes: it is not what its hash was made of';
  if (fact.prevHash !== prevHash)
    return 'breaks the chain of hashes: it was not written after the fact that stands before it';
  return undefined;
}
