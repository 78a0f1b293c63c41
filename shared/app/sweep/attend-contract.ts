/** Step AttendContract: does, or has a flow do, what one due entry calls for. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { Reason } from '../../domain/fact.js';
import { sha256Hex } from '../../domain/sha256.js';
import { addSeconds, secondsBetween } from '../../domain/values.js';
import { type DueEntry, dropIndex, dueKey, parseDueKey, slotBefore } from '../index-entries.js';
import { announce } from '../outbound.js';
import { appendFact, loadContract } from '../register.js';
import { tellRevoked } from '../report-revoked.js';
import { parseObject } from '../step-input.js';
import { tellSuspended } from '../tell-suspended.js';
import { type Duty, dutyOf, type FlowName } from './duty.js';

export interface AttendOutput {
  readonly contractId: string;
  readonly next: FlowName | 'open' | 'nothing';
  /** Of the flow to start; the same for all that is due of the contract within a quarter of an hour, so that they start one. */
  readonly executionName: string;
}

const BY = 'attend-contract';
/** When work that was started is looked at again, at most: a failed start is tried anew, a finished one found done. */
const AGAIN_SECONDS = 15 * 60;
/** A register that can't be believed wants a person, and tells him so once an hour. */
const BROKEN_AGAIN_SECONDS = 3600;

/** @throws {InvalidRequestError} */
export const parseDueItem = (event: Buffer): string => String(parseObject(event)['key']);

/**
 * Looks at the contract of the entry with `key` (`due/<instant>/<contractId>/<what>`). May run twice.
 * @throws {BrokenPromiseError} `REGISTER_BROKEN`
 */
export async function attendContract(key: string, ports: Ports): Promise<AttendOutput> {
  const entry = parseDueKey(key);
  const contract = await load(entry, ports);
  const duty = dutyOf(contract, entry, ports.clock.now());
  const output = {
    contractId: contract.contractId,
    executionName: executionNameOf(contract, ports),
  };
  ports.log.info({ contractId: contract.contractId, what: entry.what, duty: duty.kind }, 'attended');
  switch (duty.kind) {
    case 'none':
      await ports.index.remove(key);
      return { ...output, next: 'nothing' };
    case 'start':
      if (entry.what === 'closing-watch') await finishWatch(contract, key, ports);
      else await putOff(entry, AGAIN_SECONDS, ports);
      return { ...output, next: duty.flow };
    case 'open':
      await putOff(entry, AGAIN_SECONDS, ports);
      return { ...output, next: 'open' };
    case 'tell-end':
    case 'tell-suspensions':
      await tellAgain(contract, entry, duty, ports);
      return { ...output, next: 'nothing' };
    case 'warn':
    case 'time-out':
      await settleDuty(contract, entry, duty, ports);
      await ports.index.remove(key);
      return { ...output, next: 'nothing' };
  }
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
 * A look at the closed is one look, whereas what is to be done stays due until it is found done. What an onboarding that the end
 * overtook has written into the index since is dropped with it.
 */
async function finishWatch(contract: Contract, key: string, ports: Ports): Promise<void> {
  await dropIndex(contract, ports);
  await ports.index.remove(key);
}

/** The later entry is written before the earlier one goes: a crash between leaves two, which costs a look. */
async function putOff(entry: DueEntry, seconds: number, { index, clock }: Ports): Promise<string> {
  const key = dueKey({ ...entry, at: slotBefore(addSeconds(clock.now(), seconds)) });
  await index.put(key, '{}');
  await index.remove(dueKey(entry));
  return key;
}

/** Should the bus not take it, this throws, and what was put off is tried then. */
async function tellAgain(
  contract: Contract,
  entry: DueEntry,
  { kind }: Extract<Duty, { readonly kind: 'tell-end' | 'tell-suspensions' }>,
  ports: Ports,
): Promise<void> {
  const untold = await putOff(entry, AGAIN_SECONDS, ports);
  if (kind === 'tell-end') await tellRevoked(contract, ports);
  else for (const { id } of contract.suspensions) await tellSuspended(contract, id, ports);
  await ports.index.remove(untold);
}

/** A change of the contract in between is a reason to start another. */
function executionNameOf({ contractId, seq }: Contract, { clock }: Pick<Ports, 'clock'>): string {
  const quarter = Math.floor(Date.parse(clock.now()) / 1000 / AGAIN_SECONDS);
  return `sweep-${sha256Hex(`${contractId} ${seq} ${quarter}`).slice(0, 32)}`;
}

async function settleDuty(
  contract: Contract,
  entry: DueEntry,
  duty: Extract<Duty, { readonly kind: 'warn' | 'time-out' }>,
  ports: Ports,
): Promise<void> {
  const told = duty.kind === 'warn' ? await warn(contract, duty.days, ports) : await timeOut(contract, ports);
  if (told !== undefined) return;
  // Somebody else wrote first: what is due is decided anew by what stands there now.
  const now = await loadContract(contract.contractId, ports.evidence);
  const again = dutyOf(now, entry, ports.clock.now());
  if (again.kind === duty.kind) await settleDuty(now, entry, again, ports);
}

async function warn(contract: Contract, days: number, ports: Ports): Promise<Contract | undefined> {
  const expiresAt = contract.terms?.request.lease.expiresAt ?? ports.clock.now();
  const fact = { kind: 'warned', data: { days, expiresAt } } as const;
  const result = await appendFact(contract, fact, BY, ports);
  if (result.outcome === 'lost') return undefined;
  const daysLeft = Math.ceil(secondsBetween(ports.clock.now(), expiresAt) / 86_400);
  await announce('partner.access.expiring', result.contract, { expiresAt, daysLeft, warning: days }, ports);
  return result.contract;
}

async function timeOut(contract: Contract, ports: Ports): Promise<Contract | undefined> {
  const { amendment, requested } = contract;
  const isRequest = contract.state === 'awaiting-approval';
  const until = isRequest ? contract.terms?.question?.until : amendment?.question?.until;
  const reasons: readonly Reason[] = [
    { code: 'APPROVAL_TIMED_OUT', pointer: '', message: `nobody answered until ${until}` },
  ];
  const fact =
    isRequest && requested !== undefined
      ? ({ kind: 'rejected', data: { event: requested.event, reasons } } as const)
      : ({ kind: 'amendment-dropped', data: { revision: amendment?.revision ?? 0, reasons } } as const);
  const result = await appendFact(contract, fact, BY, ports);
  if (result.outcome === 'lost') return undefined;
  await announce('partner.access.rejected', result.contract, { reasons }, ports);
  return result.contract;
}
