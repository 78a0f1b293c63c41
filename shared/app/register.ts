/**
 * The register: an append-only log per contract, one create-once object a fact. Read, decide, append at the sequence that
 * was folded; whoever finds the place taken has lost and must look again.
 */
import type { EvidencePort, Ports } from '../cloud/ports.js';
import { canonicalJson } from '../domain/canonical-json.js';
import type { Contract } from '../domain/contract.js';
import { BrokenPromiseError } from '../domain/errors.js';
import { FACT_KINDS, type Fact, type NewFact } from '../domain/fact.js';
import { applyFact, foldContract } from '../domain/fold-contract.js';
import { sha256Hex } from '../domain/sha256.js';
import type { ContractId } from '../domain/values.js';

export type AppendOutcome =
  | { readonly outcome: 'appended'; readonly contract: Contract }
  /** Another writer was first. `contract` is how things stand now. Nothing was written. */
  | { readonly outcome: 'lost'; readonly contract: Contract };

const keyOf = (contractId: ContractId, seq: number): string =>
  `contracts/${contractId}/${String(seq).padStart(8, '0')}.json`;

/** Hash of everything in a fact but the hash itself. */
export const hashOfFact = (fact: Omit<Fact, 'hash'>): string => {
  const { hash: _, ...rest } = fact as Fact;
  return sha256Hex(canonicalJson(rest));
};

/**
 * The contract as the register tells it; state `unknown` when it tells nothing.
 * @throws {BrokenPromiseError} `REGISTER_BROKEN` when a fact is missing, altered, or of a version or kind unknown here.
 */
export async function loadContract(contractId: ContractId, evidence: EvidencePort): Promise<Contract> {
  return foldContract(contractId, await loadFacts(contractId, evidence));
}

/** The facts of a contract in sequence. Throws as `loadContract`. */
export async function loadFacts(contractId: ContractId, evidence: EvidencePort): Promise<readonly Fact[]> {
  const keys = await evidence.list(`contracts/${contractId}/`);
  const texts = await Promise.all(keys.map((key) => evidence.read(key)));
  const facts: Fact[] = [];
  let prevHash = foldContract(contractId, []).hash;
  for (const [index, text] of texts.entries()) {
    const fact = parseFact(contractId, index + 1, text, prevHash);
    facts.push(fact);
    prevHash = fact.hash;
  }
  return facts;
}

function parseFact(contractId: ContractId, seq: number, text: string | undefined, prevHash: string): Fact {
  const broken = (what: string, cause?: unknown) =>
    new BrokenPromiseError('REGISTER_BROKEN', `fact ${seq} of contract ${contractId} ${what}`, { cause });
  if (text === undefined) throw broken('is listed but cannot be read');
  let fact: Fact;
  try {
    fact = JSON.parse(text);
  } catch (error) {
    throw broken('is not JSON', error);
  }
  if (fact.v !== 1 || !FACT_KINDS.has(fact.kind))
    throw broken('was written by a newer version; upgrade before writing');
  if (fact.seq !== seq || fact.contractId !== contractId) throw broken('is out of place');
  if (fact.prevHash !== prevHash || fact.hash !== hashOfFact(fact))
    throw broken('breaks the chain of hashes');
  return fact;
}

/**
 * Appends `fact` right after what `contract` was folded from. May run twice: each call is a writer of its own, and a lost
 * reply is recognised by the writer's nonce.
 */
export async function appendFact(
  contract: Contract,
  fact: NewFact,
  by: string,
  { evidence, clock, chance }: Pick<Ports, 'evidence' | 'clock' | 'chance'>,
): Promise<AppendOutcome> {
  const unhashed = {
    v: 1,
    seq: contract.seq + 1,
    at: clock.now(),
    contractId: contract.contractId,
    ...fact,
    by,
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
  ports: Pick<Ports, 'evidence' | 'clock' | 'chance'>,
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
