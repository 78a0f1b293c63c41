/** Step AttendContract: does, or has a flow do, what one due entry calls for. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { NewFact, Reason } from '../../domain/fact.js';
import { sha256Hex } from '../../domain/sha256.js';
import { TIMED_OUT } from '../../domain/undone-codes.js';
import { addSeconds, secondsBetween } from '../../domain/values.js';
import { openMatter } from '../approval/open-matter.js';
import { dropClaims } from '../grantee/drop-claims.js';
import { restSeconds } from '../hand-over/rest.js';
import { parseObject } from '../inbound/step-input.js';
import { type DueEntry, dropIndex, dueKey, parseDueKey, slotBefore } from '../register/index-entries.js';
import { appendFact, loadContract } from '../register/register.js';
import { type Duty, dutyOf, type FlowName } from './duty.js';
import { tellDue } from './tell-due.js';

export interface AttendOutput {
  readonly contractId: string;
  readonly next: FlowName | 'open' | 'nothing';
  /** Of the flow to start; the same for all that is due of the contract within a quarter of an hour, so that they start one. */
  readonly executionName: string;
}

/** When work that was started is looked at again, at most: a failed start is tried anew, a finished one found done. */
const AGAIN_SECONDS = 15 * 60;
/** A register that can't be believed wants a person, and tells him so once an hour. */
const BROKEN_AGAIN_SECONDS = 3600;
/** So long is left what is due of a contract that this register does not know. */
const STRANGE_SECONDS = 7 * 86_400;

/** @throws {InvalidRequestError} */
export const parseDueItem = (event: Buffer): string => String(parseObject(event)['key']);

/**
 * Looks at the contract of the entry with `key` (`due/<instant>/<contractId>/<what>`). May run twice.
 * @throws {BrokenPromiseError} `REGISTER_BROKEN`
 */
export async function attendContract(key: string, ports: Ports): Promise<AttendOutput> {
  const entry = parseDueKey(key);
  // By a clock that is behind that of whoever found it nothing is due yet, and what calls for nothing is removed: the next tick looks again.
  if (entry.at > ports.clock.now())
    return { contractId: entry.contractId, next: 'nothing', executionName: '' };
  const { contract, duty } = await recorded(await load(entry, ports), entry, ports);
  const output = {
    contractId: contract.contractId,
    executionName: executionNameOf(contract, ports),
  };
  ports.log.info({ contractId: contract.contractId, what: entry.what, duty: duty.kind }, 'attended');
  switch (duty.kind) {
    case 'start':
      if (entry.what === 'closing-watch' || entry.what === 'change-watch')
        await finishWatch(contract, key, ports);
      else await putOff(entry, AGAIN_SECONDS, ports);
      return { ...output, next: duty.flow };
    case 'open':
      await putOff(entry, secondsUntilNextLook(contract, ports), ports);
      return { ...output, next: 'open' };
    case 'wait': {
      const seconds = secondsBetween(ports.clock.now(), duty.until);
      await putOff(entry, Math.max(seconds, AGAIN_SECONDS), ports);
      return { ...output, next: 'nothing' };
    }
    case 'none':
      if (isOfAnother(contract, entry, ports))
        ports.log.warn({ key }, 'left: the register does not know the contract, another one may');
      else await ports.index.remove(key);
      return { ...output, next: 'nothing' };
    default: {
      const untold = await putOff(entry, AGAIN_SECONDS, ports);
      // Should the bus not take it, this throws, and what was put off is tried then.
      await tellDue(contract, duty, ports);
      await ports.index.remove(untold);
      return { ...output, next: 'nothing' };
    }
  }
}

/**
 * A register that was named by mistake, or another stage with the same index, must not take away what the right one needs. It is left at
 * its instant, so that nothing comes late there; but not for ever, since a request that could not be recorded leaves an entry as well.
 */
const isOfAnother = ({ state }: Contract, { at }: DueEntry, { clock }: Pick<Ports, 'clock'>): boolean =>
  state === 'unknown' && secondsBetween(at, clock.now()) < STRANGE_SECONDS;

/** Each look at what does not work takes minutes, and is told: they become fewer the longer it has not. */
function secondsUntilNextLook({ terms }: Contract, { clock }: Pick<Ports, 'clock'>): number {
  const now = clock.now();
  const { startsAt = now } = terms?.request.lease ?? {};
  return Math.max(restSeconds(secondsBetween(startsAt, now)), AGAIN_SECONDS);
}

async function load(entry: DueEntry, ports: Ports): Promise<Contract> {
  try {
    return await loadContract(entry.contractId, ports.evidence);
  } catch (error) {
    if (error instanceof BrokenPromiseError) await putOff(entry, BROKEN_AGAIN_SECONDS, ports);
    throw error;
  }
}

/**
 * A look is one look, whereas what is to be done stays due until it is found done. What an onboarding that the end overtook has
 * written into the index since is dropped with it; of a contract that may be requested again it may be the new request's.
 */
async function finishWatch(contract: Contract, key: string, ports: Ports): Promise<void> {
  if (contract.state === 'ended')
    await Promise.all([dropIndex(contract, ports), dropClaims(contract, ports)]);
  await ports.index.remove(key);
}

/** The later entry is written before the earlier one goes: a crash between leaves two, which costs a look. */
async function putOff(entry: DueEntry, seconds: number, { index, clock }: Ports): Promise<string> {
  const key = dueKey({ ...entry, at: slotBefore(addSeconds(clock.now(), seconds)) });
  await index.put(key, '{}');
  await index.remove(dueKey(entry));
  return key;
}

/** A change of the contract in between is a reason to start another. */
function executionNameOf({ contractId, seq }: Contract, { clock }: Pick<Ports, 'clock'>): string {
  const quarter = Math.floor(Date.parse(clock.now()) / 1000 / AGAIN_SECONDS);
  return `sweep-${sha256Hex(`${contractId} ${seq} ${quarter}`).slice(0, 32)}`;
}

/** What the register is to say before it is told. */
type Unrecorded = Extract<Duty, { readonly kind: 'warn' | 'time-out' }>;

interface Recorded {
  readonly contract: Contract;
  readonly duty: Exclude<Duty, Unrecorded>;
}

/** The contract once it says what is to be told of it; what somebody else wrote first is looked at anew. */
async function recorded(contract: Contract, entry: DueEntry, ports: Ports): Promise<Recorded> {
  const duty = dutyOf(contract, entry, ports.clock.now(), ports.settings);
  if (duty.kind !== 'warn' && duty.kind !== 'time-out') return { contract, duty };
  const appended = await appendFact(contract, factOf(duty, contract), 'attend-contract', ports);
  return recorded(appended.contract, entry, ports);
}

function factOf(duty: Unrecorded, contract: Contract): NewFact {
  if (duty.kind === 'warn') {
    const { days, expiresAt } = duty;
    return { kind: 'warned', data: { days, expiresAt } };
  }
  const { terms, question } = openMatter(contract) ?? {};
  const reasons: readonly Reason[] = [
    { code: TIMED_OUT, pointer: '', message: `nobody answered until ${question?.until}` },
  ];
  const { state, requested } = contract;
  return state === 'awaiting-approval' && requested !== undefined
    ? { kind: 'rejected', data: { event: requested.event, reasons } }
    : { kind: 'amendment-dropped', data: { revision: terms?.revision ?? 0, reasons } };
}
