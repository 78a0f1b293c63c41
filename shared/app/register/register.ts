/**
 * The register: an append-only log per contract, one create-once object a fact. Read, decide, append at the sequence that
 * was folded; whoever finds the place taken has lost and must look again.
 */
import type { EvidencePort, ListedObject, Ports } from '../../cloud/ports.js';
import { hashOfFact } from '../../domain/chain.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { Fact, NewFact } from '../../domain/fact.js';
import { applyFact } from '../../domain/fold-contract.js';
import { readHistory } from '../../domain/history.js';
import type { ContractId } from '../../domain/values.js';
import { objectText, pageBefore, parseEntry, toldBy } from './fact-object.js';

export type AppendOutcome =
  | { readonly outcome: 'appended'; readonly contract: Contract }
  /** Another writer was first. `contract` is how things stand now. Nothing was written. */
  | { readonly outcome: 'lost'; readonly contract: Contract };

const keyOf = (contractId: ContractId, seq: number): string =>
  `contracts/${contractId}/${String(seq).padStart(8, '0')}.json`;

/** `undefined` for what is no key of a fact of the contract. */
function seqOf(key: string, contractId: ContractId): number | undefined {
  const seq = Number.parseInt(key.slice(`contracts/${contractId}/`.length), 10);
  return seq > 0 && keyOf(contractId, seq) === key ? seq : undefined;
}

/**
 * The contract as the register tells it; state `unknown` when it tells nothing.
 * @throws {BrokenPromiseError} `REGISTER_BROKEN` when a fact is missing, altered, of a version or kind unknown here, or where none like it can be.
 */
export async function loadContract(contractId: ContractId, evidence: EvidencePort): Promise<Contract> {
  return contractOf(contractId, await loadEntries(contractId, evidence));
}

/** As `loadContract`; or why that cannot be believed, which stops no look at another. */
export async function contractOrBroken(
  contractId: ContractId,
  evidence: EvidencePort,
): Promise<{ readonly contract: Contract } | { readonly broken: string }> {
  try {
    return { contract: await loadContract(contractId, evidence) };
  } catch (error) {
    if (error instanceof BrokenPromiseError) return { broken: error.message };
    throw error;
  }
}

/** The contract as the register tells it; `undefined` where that is broken, which is told by whoever has to do with it. */
export async function believedContract(
  contractId: ContractId,
  evidence: EvidencePort,
): Promise<Contract | undefined> {
  const told = await contractOrBroken(contractId, evidence);
  return 'contract' in told ? told.contract : undefined;
}

/** The facts of a contract in sequence. Throws as `loadContract`. */
export const loadFacts = async (contractId: ContractId, evidence: EvidencePort): Promise<readonly Fact[]> =>
  (await loadContract(contractId, evidence)).facts;

/** What `entries`, as `loadEntries` gives them, tell of a contract. Throws as `loadContract`. */
export function contractOf(contractId: ContractId, entries: readonly string[]): Contract {
  const history = readHistory(contractId, entries.map(parseEntry));
  if (history.ok) return history.contract;
  const { seq, what } = history.break;
  throw new BrokenPromiseError('REGISTER_BROKEN', `fact ${seq} of contract ${contractId} ${what}`);
}

/**
 * What stands in the register for a contract, in sequence and unjudged: the text of each fact, as it was written. Takes three calls for a
 * page of facts, since the last object tells them all; of the others only those are read of which the listing does not say that they
 * hold what is told of them.
 */
export async function loadEntries(
  contractId: ContractId,
  evidence: EvidencePort,
): Promise<readonly string[]> {
  const folder = `contracts/${contractId}/`;
  // Consoles, and tools that copy buckets, put an empty object of the folder's own name there: it says nothing.
  const objects = (await evidence.objects(folder)).filter(({ key }) => key !== folder);
  const shelf: Shelf = { contractId, listed: new Map(objects.map((one) => [one.key, one])), evidence };
  const last = Math.max(0, ...seqsIn(shelf));
  const [listed, unlisted, others] = await Promise.all([
    last === 0 ? [] : readAt(last, shelf).then((text) => [text]),
    readOn(contractId, last + 1, evidence),
    // What has no place in a sequence is no fact, and yet stands there.
    Promise.all(
      objects.flatMap(({ key }) => (seqOf(key, contractId) === undefined ? [evidence.read(key)] : [])),
    ),
  ]);
  const texts = [...listed, ...unlisted];
  return [
    ...(await entriesUpTo(last + unlisted.length, texts.at(-1) ?? '', shelf)),
    ...others.map((text) => text ?? ''),
  ];
}

interface Shelf {
  readonly contractId: ContractId;
  readonly listed: ReadonlyMap<string, ListedObject>;
  readonly evidence: EvidencePort;
}

/** All entries up to that of `seq`, whose object holds `text`; 0 for none. */
async function entriesUpTo(seq: number, text: string, shelf: Shelf): Promise<readonly string[]> {
  if (seq === 0) return [];
  const { own, before } = toldBy(text);
  const told = before.slice(0, seq - 1);
  const first = seq - told.length;
  const [earlier, between] = await Promise.all([
    entriesBefore(first, shelf),
    Promise.all(told.map((one, index) => entryAt(first + index, one, told.slice(0, index), shelf))),
  ]);
  return [...earlier, ...between, own];
}

/** A gap is one entry, however wide: whoever put an object far beyond the others must not have all between asked for. */
async function entriesBefore(seq: number, shelf: Shelf): Promise<readonly string[]> {
  if (seq === 1) return [];
  const text = await shelf.evidence.read(keyOf(shelf.contractId, seq - 1));
  if (text !== undefined) return entriesUpTo(seq - 1, text, shelf);
  const below = Math.max(0, ...seqsIn(shelf).filter((one) => one < seq - 1));
  return [...(await entriesBefore(below + 1, shelf)), ''];
}

const seqsIn = ({ contractId, listed }: Shelf): readonly number[] =>
  [...listed.keys()].map((key) => seqOf(key, contractId) ?? 0);

/** What stands at `seq`, where `told` is said to stand, written after `before`. */
async function entryAt(seq: number, told: string, before: readonly string[], shelf: Shelf): Promise<string> {
  const object = shelf.listed.get(keyOf(shelf.contractId, seq));
  return object?.holds(objectText(told, before)) ? told : toldBy(await readAt(seq, shelf)).own;
}

/** What is not there, listed or not, is no fact either. */
const readAt = async (seq: number, { contractId, evidence }: Shelf): Promise<string> =>
  (await evidence.read(keyOf(contractId, seq))) ?? '';

/** No page says that a listing shows what was put just before, as a read does: what follows is asked for by its key. */
async function readOn(
  contractId: ContractId,
  seq: number,
  evidence: EvidencePort,
): Promise<readonly string[]> {
  const text = await evidence.read(keyOf(contractId, seq));
  return text === undefined ? [] : [text, ...(await readOn(contractId, seq + 1, evidence))];
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
  const before = pageBefore(contract.facts).map((one) => JSON.stringify(one));
  if ((await evidence.create(key, objectText(JSON.stringify(written), before))) === 'exists') {
    // Whatever stands there; what is no fact the register is broken by.
    const there = parseEntry((await evidence.read(key)) ?? '') as Partial<Fact> | null | undefined;
    if (there?.nonce !== written.nonce)
      return { outcome: 'lost', contract: await loadContract(contract.contractId, evidence) };
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
