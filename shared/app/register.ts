/**
 * The register: an append-only log per contract, one create-once object a fact. Read, decide, append at the sequence that
 * was folded; whoever finds the place taken has lost and must look again.
 */
import type { EvidencePort, Ports } from '../cloud/ports.js';
import { hashOfFact, linkChain } from '../domain/chain.js';
import type { Contract } from '../domain/contract.js';
import { BrokenPromiseError } from '../domain/errors.js';
import type { Fact, NewFact } from '../domain/fact.js';
import { applyFact, foldContract } from '../domain/fold-contract.js';
import type { ContractId } from '../domain/values.js';

export type AppendOutcome =
  | { readonly outcome: 'appended'; readonly contract: Contract }
  /** Another writer was first. `contract` is how things stand now. Nothing was written. */
  | { readonly outcome: 'lost'; readonly contract: Contract };

const keyOf = (contractId: ContractId, seq: number): string =>
  `contracts/${contractId}/${String(seq).padStart(8, '0')}.json`;

/**
 * The contract as the register tells it; state `unknown` when it tells nothing.
 * @throws {BrokenPromiseError} `REGISTER_BROKEN` when a fact is missing, altered, or of a version or kind unknown here.
 */
export async function loadContract(contractId: ContractId, evidence: EvidencePort): Promise<Contract> {
  return foldContract(contractId, await loadFacts(contractId, evidence));
}

/** The facts of a contract in sequence. Throws as `loadContract`. */
export async function loadFacts(contractId: ContractId, evidence: EvidencePort): Promise<readonly Fact[]> {
  const entries = await loadEntries(contractId, evidence);
  const chain = linkChain(
    contractId,
    entries.map((text) => parseEntry(text)),
  );
  if (chain.ok) return chain.facts;
  const { seq, what } = chain.break;
  throw new BrokenPromiseError('REGISTER_BROKEN', `fact ${seq} of contract ${contractId} ${what}`);
}

/** What stands in the register for a contract, in sequence and unjudged: the text of each entry, as it was written. */
export async function loadEntries(
  contractId: ContractId,
  evidence: EvidencePort,
): Promise<readonly string[]> {
  const keys = await evidence.list(`contracts/${contractId}/`);
  const [listed, unlisted] = await Promise.all([
    // What is listed and cannot be read is no fact either.
    Promise.all(keys.map(async (key) => (await evidence.read(key)) ?? '')),
    readOn(contractId, keys.length + 1, keys, evidence),
  ]);
  return [...listed, ...unlisted];
}

/** No page says that a listing shows what was put just before, as a read does: what follows is asked for by its key. */
async function readOn(
  contractId: ContractId,
  seq: number,
  listed: readonly string[],
  evidence: EvidencePort,
): Promise<readonly string[]> {
  const key = keyOf(contractId, seq);
  const text = listed.includes(key) ? undefined : await evidence.read(key);
  return text === undefined ? [] : [text, ...(await readOn(contractId, seq + 1, listed, evidence))];
}

/** `undefined` for what is not JSON, which no chain holds. */
export function parseEntry(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type WriterPorts = Pick<Ports, 'evidence' | 'clock' | 'chance' | 'trail'>;

/**
 * Appends `fact` right after what `contract` was folded from. May run twice: each call is a writer of its own, and a lost
 * reply is recognised by the writer's nonce. What was done in the cloud since the last fact is recorded with it.
 */
export async function appendFact(
  contract: Contract,
  fact: NewFact,
  by: string,
  { evidence, clock, chance, trail }: WriterPorts,
): Promise<AppendOutcome> {
  const calls = trail.calls();
  const unhashed = {
    v: 1,
    seq: contract.seq + 1,
    at: clock.now(),
    contractId: contract.contractId,
    ...fact,
    by,
    ...(calls.length === 0 ? {} : { calls }),
    nonce: chance.nonce(),
    prevHash: contract.hash,
  } as Omit<Fact, 'hash'>;
  const written = { ...unhashed, hash: hashOfFact(unhashed) } as Fact;
  const key = keyOf(contract.contractId, written.seq);
  if ((await evidence.create(key, JSON.stringify(written))) === 'exists') {
    const there = await evidence.read(key);
    const isOurs = there !== undefined && JSON.parse(there).nonce === written.nonce;
    if (!isOurs) return { outcome: 'lost', contract: await loadContract(contract.contractId, evidence) };
  }
  trail.recorded(calls.length);
  return { outcome: 'appended', contract: applyFact(contract, written) };
}

/**
 * Appends `fact` wherever the log ends now, as long as `mayAppend` holds of what is there. For endings, which nobody may
 * outrun: everyone who widens loses to them instead.
 */
export async function appendWhenever(
  contract: Contract,
  fact: NewFact,
  by: string,
  ports: WriterPorts,
  mayAppend: (current: Contract) => boolean,
): Promise<Contract> {
  let current = contract;
  while (mayAppend(current)) {
    const result = await appendFact(current, fact, by, ports);
    if (result.outcome === 'appended') return result.contract;
    current = result.contract;
  }
  return current;
}
