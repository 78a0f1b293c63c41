/**
 * Facts that are gone without a break in any chain: a register that was put back to how it was before, from a backup perhaps, and
 * contracts of which nothing is left but what the index and the cloud say. Told, and nobody healed to more than he has; the rest is a
 * person's to decide.
 */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { DriftFinding } from '../../domain/fact.js';
import { roleNameOf } from '../../domain/role-name.js';
import { sha256Hex } from '../../domain/sha256.js';
import { addSeconds, type Instant, parseInstant } from '../../domain/values.js';
import { objectIn } from '../inbound/step-input.js';
import { isOrphan } from '../ours.js';
import { unlessStrange } from '../register/strange-keys.js';
import { announceUnanchored } from '../telling/outbound.js';

/** In the evidence: one for each round, so that whoever knows of a later one than is there knows that something was lost. */
const ROUNDS = 'rounds/';
/** In the index, until a person takes it away. */
const PUT_BACK_KEY = 'drift/put-back';
/** How far back it is looked for what a register was put back to. */
const LOOK_BACK_SECONDS = 31 * 86_400;

export interface PutBack {
  /** When the last round was that the index knows of and the register does not. */
  readonly seen: Instant;
  /** When the last round was that the register knows of; absent when it is longer ago than that is looked for. */
  readonly from?: Instant;
}

export type RegisterStanding = 'alike' | 'register-behind' | 'index-behind';

const roundKey = (at: Instant): string => `${ROUNDS}${at}`;

/** A round that an index knows of as the last, and the register that it was of. */
export interface Round {
  readonly at: Instant;
  readonly register: string;
}

/** How register and index stand to each other, when the index knows of `seen` as the last round. Reads only. */
export async function registerStandingOf(
  seen: Round | undefined,
  { evidence, settings }: Pick<Ports, 'evidence' | 'settings'>,
): Promise<RegisterStanding> {
  if (seen === undefined) return 'alike';
  // What came about in this register meanwhile the index was not told of.
  if (seen.register !== settings.deployment.register) return 'index-behind';
  if ((await evidence.read(roundKey(seen.at))) === undefined) return 'register-behind';
  return (await evidence.list(ROUNDS, roundKey(seen.at))).length === 0 ? 'alike' : 'index-behind';
}

/** To be called before the index says so. May run twice. */
export async function markRound(at: Instant, { evidence }: Pick<Ports, 'evidence'>): Promise<void> {
  await evidence.create(roundKey(at), '{}');
}

/** Has it told, and kept in mind. May run twice. */
export async function notePutBack(
  seen: Instant,
  { evidence, index }: Pick<Ports, 'evidence' | 'index'>,
): Promise<void> {
  const rounds = await evidence.list(ROUNDS, roundKey(addSeconds(seen, -LOOK_BACK_SECONDS)));
  const last = rounds.findLast((key) => key < roundKey(seen))?.slice(ROUNDS.length);
  const known = await readPutBack(index);
  // What was put back twice lacks what came since the earlier of both.
  const from = known === undefined ? last : [known.from ?? '', last ?? ''].sort()[0];
  await index.put(PUT_BACK_KEY, JSON.stringify({ seen, from }));
}

/** `undefined` when nobody has to see to such a thing. */
export async function readPutBack(index: Pick<Ports['index'], 'read'>): Promise<PutBack | undefined> {
  const text = await index.read(PUT_BACK_KEY);
  const { seen, from } = objectIn(text) ?? {};
  const since = instantIn(seen);
  if (since === undefined) return undefined;
  const earlier = instantIn(from);
  return earlier === undefined ? { seen: since } : { seen: since, from: earlier };
}

/** `undefined` for what is none. */
export const instantIn = (value: unknown): Instant | undefined =>
  unlessStrange(() => parseInstant(String(value)));

/** What the doctor says too. */
export const putBackText = ({ seen, from }: PutBack): string =>
  `the register lacks what it had at ${seen}: it was put back to how it was ${from === undefined ? 'long before' : `at ${from} or within the hour after`}, or is another one; ends, suspensions, amendments and contracts that came later are lost`;
export const PUT_BACK_NEXT = `post again the terminations, suspensions and amendments that came since, as the events of those hours tell them; then delete ${PUT_BACK_KEY} from the index bucket: until then no role is healed to more than it gives`;

/** Once a day, as long as nobody has seen to it, and what is lacking is lacking. May run twice: what is told of one day has one id. */
export async function tellPutBack(ports: Ports): Promise<void> {
  const { evidence, index } = ports;
  const putBack = await readPutBack(index);
  if (putBack === undefined) return;
  if ((await evidence.read(roundKey(putBack.seen))) !== undefined) return index.put(PUT_BACK_KEY, '{}');
  await tellDaily(
    'register',
    [{ code: 'REGISTER_PUT_BACK', message: putBackText(putBack) }],
    PUT_BACK_NEXT,
    ports,
  );
}

/** Tells of a contract that the index knows and the register does not, if its role is there. May run twice. */
export async function tellUnknown(contract: Contract, ports: Ports): Promise<void> {
  const { contractId } = contract;
  const name = roleNameOf(contractId);
  const role = await ports.ram.observeRole(name);
  if (role === undefined || !(await isOrphan(role, contract, ports))) return;
  const message = `role ${name} says by its tags that it is of contract ${contractId}, of which the register knows nothing: its facts were deleted. It lets in whom it let in, until its lease ends; accounts and rules that were made for it have no end`;
  const next = `put its facts back from a copy, or end it: leasehold revoke ${contractId} --close-unknown --reason "…"; then delete the role, and what bears lh-… on what was granted, by hand`;
  await tellDaily(contractId, [{ code: 'REGISTER_LOST', message }], next, ports);
}

async function tellDaily(
  subject: string,
  findings: readonly DriftFinding[],
  next: string,
  ports: Ports,
): Promise<void> {
  const { clock, evidence, log } = ports;
  const at = clock.now();
  const codes = findings.map(({ code }) => code);
  const key = `${subject} ${JSON.stringify(findings)} ${at.slice(0, 10)}`;
  const record = `strays/${sha256Hex(key)}.json`;
  if ((await evidence.read(record)) !== undefined) return;
  const about = subject === 'register' ? {} : { contractId: subject };
  const data = { ...about, findings, action: 'reported', next };
  await announceUnanchored('partner.access.drift-found', { key, subject }, data, ports);
  await evidence.create(record, JSON.stringify({ at, subject, ...data }));
  log.warn({ subject, codes }, 'facts are lost');
}
