/** The index of what must be looked at when, and of who has what. Written before the fact it serves, dropped last. */
import type { Ports } from '../../cloud/ports.js';
import { allTermsOf, type Contract } from '../../domain/contract.js';
import { InvalidRequestError } from '../../domain/errors.js';
import type { OnboardingRequest } from '../../domain/request.js';
import {
  addSeconds,
  type ContractId,
  type Instant,
  parseContractId,
  parseInstant,
} from '../../domain/values.js';

const KINDS = ['start', 'expiry', 'approval-timeout', 'progress', 'closing-watch', 'change-watch'] as const;
const OUTCOMES = [
  ...(['question', 'decline', 'rejection', 'failure'] as const),
  ...(['suspension', 'end', 'tidying'] as const),
];
/**
 * What stands in the register and is to be told; each has an entry of its own, which goes once it is told. Of changes that failed each
 * has one, by the sequence of the fact that says so.
 */
export type Outcome = (typeof OUTCOMES)[number] | `setback-${number}`;

/**
 * What is due: the lease's start and end, a warning so many days before its end, the end of a question's time, a look at
 * work that should be finished by then, a look at what has ended or at what a change that failed may have left, and what may not have
 * been told.
 */
export type DueKind = (typeof KINDS)[number] | `warning-${number}` | `untold-${Outcome}`;

export interface DueEntry {
  readonly at: Instant;
  readonly contractId: ContractId;
  readonly what: DueKind;
}

export const DUE_PREFIX = 'due/';
export const GRANTEES_PREFIX = 'grantees/';

/** How long a flow may take at most before somebody looks whether it is still at work; 20 minutes at least. */
const PROGRESS_SECONDS = 25 * 60;
/** How far apart looks at what is under way are. */
const SLOT_SECONDS = 5 * 60;
/** When a contract that is over is looked at again: a write that was given up may be applied late. */
const WATCH_SECONDS = [10 * 60, 2 * 3600, 24 * 3600];

export const dueKey = ({ at, contractId, what }: DueEntry): string =>
  `${DUE_PREFIX}${at}/${contractId}/${what}`;

const KNOWN = [
  ...KINDS,
  ...OUTCOMES.map((outcome) => `untold-${outcome}`),
  'warning-\\d+',
  'untold-setback-\\d+',
];
const DUE_KEY = new RegExp(`^${DUE_PREFIX}([^/]+)/([^/]+)/(${KNOWN.join('|')})$`);

/** @throws {InvalidRequestError} for what is no key of a due entry */
export function parseDueKey(key: string): DueEntry {
  const [, at = '', contractId = '', what = ''] = DUE_KEY.exec(key) ?? [];
  if (what === '') throw new InvalidRequestError('BAD_EVENT', `"${key}" names nothing that can be due`);
  return { at: parseInstant(at), contractId: parseContractId(contractId), what: what as DueKind };
}

/** As `parseDueKey`; `undefined` for a key that says nothing to this version: another may have put it there, and will know it. */
export function dueEntryOf(key: string): DueEntry | undefined {
  try {
    return parseDueKey(key);
  } catch (error) {
    if (error instanceof InvalidRequestError) return undefined;
    throw error;
  }
}

/** Which contracts a partner has. */
export const granteeKey = ({ grantee, contractId }: OnboardingRequest): string =>
  `${GRANTEES_PREFIX}${grantee.accountId}/${contractId}`;

/** A warning that would come before the lease begins is none. */
export const warningEntries = (
  { contractId, lease }: OnboardingRequest,
  { warningDays }: Pick<Ports['settings'], 'warningDays'>,
): readonly DueEntry[] =>
  warningDays
    .map((days) => ({
      at: addSeconds(lease.expiresAt, -days * 86_400),
      contractId,
      what: `warning-${days}` as const,
    }))
    .filter(({ at }) => at > lease.startsAt);

/** What the lease makes due. */
const leaseEntries = (
  request: OnboardingRequest,
  settings: Pick<Ports['settings'], 'warningDays'>,
): readonly DueEntry[] => [
  { at: request.lease.startsAt, contractId: request.contractId, what: 'start' },
  ...warningEntries(request, settings),
  { at: request.lease.expiresAt, contractId: request.contractId, what: 'expiry' },
];

type IndexPorts = Pick<Ports, 'index' | 'clock' | 'settings'>;

/** What a request or an amendment needs looked at; what is past already is left out, but for an end. May run twice. */
export async function writeIndex(
  request: OnboardingRequest,
  { index, clock, settings }: IndexPorts,
): Promise<void> {
  const now = clock.now();
  const due = leaseEntries(request, settings).filter(({ at, what }) => at > now || what === 'expiry');
  await Promise.all([...due.map(dueKey), granteeKey(request)].map((key) => index.put(key, '{}')));
}

/** May run twice; an entry that stays behind only costs a look. */
export async function dropIndex(contract: Contract, { index, settings }: IndexPorts): Promise<void> {
  const keys = allTermsOf(contract).flatMap(({ request }) => [
    ...leaseEntries(request, settings).map(dueKey),
    granteeKey(request),
  ]);
  await index.removeAll(keys);
}

/** Drops what `before` made due and `after` does not. May run twice. */
export async function dropOvertaken(
  before: OnboardingRequest,
  after: OnboardingRequest,
  { index, settings }: IndexPorts,
): Promise<void> {
  const still = new Set(leaseEntries(after, settings).map(dueKey));
  const gone = leaseEntries(before, settings)
    .map(dueKey)
    .filter((key) => !still.has(key));
  await index.removeAll(gone);
}

/**
 * Where looks for around `at` are gathered, less than `SLOT_SECONDS` before it: those at one contract are one entry then. Each try of a
 * step that fails for hours asks for a look, and each look has it tried again; without slots they would become ever more.
 */
export const slotBefore = (at: Instant): Instant => addSeconds(at, -((Date.parse(at) / 1000) % SLOT_SECONDS));

/** When what begins at `begun` should be finished. */
export const whenFinished = (begun: Instant): Instant => slotBefore(addSeconds(begun, PROGRESS_SECONDS));

/** Has somebody look whether what begins now was finished. May run twice. */
export async function watchProgress(contractId: ContractId, { index, clock }: IndexPorts): Promise<void> {
  await index.put(dueKey({ at: whenFinished(clock.now()), contractId, what: 'progress' }), '{}');
}

/** Has the role looked at once more when nothing that a change has written can still be on its way. May run twice. */
export const watchChange = (contractId: ContractId, ports: IndexPorts): Promise<void> =>
  watchLater(contractId, 'change-watch', ports);

/** As `watchChange`, of a look at what is over that came to nothing. May run twice. */
export const watchClosedLater = (contractId: ContractId, ports: IndexPorts): Promise<void> =>
  watchLater(contractId, 'closing-watch', ports);

async function watchLater(
  contractId: ContractId,
  what: 'change-watch' | 'closing-watch',
  { index, clock }: IndexPorts,
): Promise<void> {
  await index.put(dueKey({ at: whenFinished(clock.now()), contractId, what }), '{}');
}

/**
 * Has the sweep tell `outcome` from `at` on until the entry with the key that this gives is removed: a bus may be down for longer than a
 * step is tried. May run twice.
 */
export async function watchUntold(
  { contractId }: Pick<Contract, 'contractId'>,
  outcome: Outcome,
  at: Instant,
  { index }: Pick<IndexPorts, 'index'>,
): Promise<string> {
  const key = dueKey({ at, contractId, what: `untold-${outcome}` });
  await index.put(key, '{}');
  return key;
}

/**
 * Has `tell` done, which should be finished some time after `begun`, or else the sweep tell the outcome; it may record it first. May run
 * twice.
 */
export async function tellWatched(
  contract: Contract,
  { outcome, begun }: { readonly outcome: Outcome; readonly begun: Instant },
  tell: () => Promise<void>,
  { index }: Pick<IndexPorts, 'index'>,
): Promise<void> {
  const untold = await watchUntold(contract, outcome, whenFinished(begun), { index });
  await tell();
  await index.remove(untold);
}

/** Has a contract that is over since `at` looked at again. May run twice. */
export async function watchClosed(
  contract: Contract,
  at: Instant,
  { index }: Pick<IndexPorts, 'index'>,
): Promise<void> {
  await Promise.all(closingWatches(contract, at).map((entry) => index.put(dueKey(entry), '{}')));
}

/** As `watchClosed`, but for the looks that are past. */
export async function watchClosedYet(
  contract: Contract,
  { index, clock }: Pick<IndexPorts, 'index' | 'clock'>,
): Promise<void> {
  const closed = contract.ended ?? contract.failed;
  const watches = closed === undefined ? [] : closingWatches(contract, closed.at);
  const yet = watches.filter(({ at }) => at > clock.now());
  await Promise.all(yet.map((entry) => index.put(dueKey(entry), '{}')));
}

const closingWatches = ({ contractId }: Contract, at: Instant): readonly DueEntry[] =>
  WATCH_SECONDS.map((seconds) => ({ at: addSeconds(at, seconds), contractId, what: 'closing-watch' }));
