/** A refusal is an answer too: an outbound event with every reason, and a trace that the refusal was made. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { type EventKey, isSameDelivery, type Reason } from '../../domain/fact.js';
import { sha256Hex } from '../../domain/sha256.js';
import type { ContractId } from '../../domain/values.js';
import type { Origin, UnreadableEvent } from '../inbound/parse-event.js';
import { tellWatched } from '../register/index-entries.js';
import { appendFact } from '../register/register.js';
import { announce, announceUnanchored } from './outbound.js';
import { keepRefusal, loadRefusal } from './refusals.js';

/** By this a sender knows which of its events is meant. */
const originOf = ({ source, id }: EventKey): Origin => ({ source, id });
const NEXT = 'mend the request and post it again under a new event id';

/** Answers an event that no contract can be made of. Leaves contracts alone. May run twice. */
export async function answerUnreadable(
  { contractId, origin, reasons }: UnreadableEvent,
  text: string,
  ports: Ports,
): Promise<void> {
  const subject = contractId ?? 'unreadable';
  const key = sha256Hex(text);
  const said = origin === undefined ? {} : { event: origin };
  await keepRefusal({ key, contractId }, { ...said, reasons }, ports);
  await announceUnanchored(
    'partner.access.rejected',
    { key, subject },
    { event: origin, reasons, next: NEXT },
    ports,
  );
  ports.log.info({ contractId: subject, reasons: reasons.map((reason) => reason.code) }, 'refused');
}

/** Refuses a request for a contract that nothing is running for: the refusal is the contract's own fact. */
export async function rejectContract(
  contract: Contract,
  event: EventKey,
  reasons: readonly Reason[],
  ports: Ports,
): Promise<void> {
  const result = await appendFact(
    contract,
    { kind: 'rejected', data: { event, reasons } },
    'admit-request',
    ports,
  );
  if (result.outcome === 'lost') return rejectAttempt(result.contract, event, reasons, ports);
  await answerRejected(result.contract, ports);
}

/** Tells a rejection that is recorded, or has the sweep do it. May run twice. */
export async function answerRejected(contract: Contract, ports: Ports): Promise<void> {
  const watched = { outcome: 'rejection', begun: contract.rejected?.at ?? ports.clock.now() } as const;
  await tellWatched(contract, watched, () => tellRejected(contract, ports), ports);
}

/** Announces a rejection that is recorded; of what was not rejected there is nothing to tell. May run twice: it has the same id. */
export async function tellRejected(
  contract: Contract,
  ports: Pick<Ports, 'events' | 'clock' | 'log'>,
): Promise<void> {
  const { contractId, rejected } = contract;
  if (rejected === undefined) return;
  const { event, reasons, seq } = rejected;
  const data = { event: originOf(event), reasons, next: NEXT };
  await announce('partner.access.rejected', contract, data, ports, seq);
  ports.log.info({ contractId, reasons: reasons.map((reason) => reason.code) }, 'rejected');
}

/** Tells a no that is recorded, or has the sweep do it. May run twice. */
export async function answerDeclined(contract: Contract, ports: Ports): Promise<void> {
  const watched = { outcome: 'decline', begun: contract.declined?.at ?? ports.clock.now() } as const;
  await tellWatched(contract, watched, () => tellDeclined(contract, ports), ports);
}

/** Announces an approver's no. May run twice: it has the same id. */
export async function tellDeclined(
  contract: Contract,
  ports: Pick<Ports, 'events' | 'clock' | 'log'>,
): Promise<void> {
  const { contractId, declined } = contract;
  const reason: Reason = {
    code: 'DECLINED',
    pointer: '',
    message: `${declined?.by} declined: ${declined?.reason}`,
  };
  await announce('partner.access.rejected', contract, { reasons: [reason] }, ports, declined?.of);
  ports.log.info({ contractId, by: declined?.by }, 'declined');
}

/** Refuses a request for a contract that lives or has ended, without touching its log. */
export async function rejectAttempt(
  { contractId }: Pick<Contract, 'contractId'>,
  event: EventKey,
  reasons: readonly Reason[],
  ports: Ports,
): Promise<void> {
  await keepRefusal({ key: keyOf(event), contractId }, { event, reasons }, ports);
  await tellAttempt({ contractId, event, reasons }, ports);
  ports.log.info({ contractId, reasons: reasons.map((reason) => reason.code) }, 'attempt rejected');
}

/** Until then what comes twice is judged twice: a look would cost every event a call. */
const LATE_SECONDS = 15 * 60;

/**
 * Whether this very delivery came before and was refused by `rejectAttempt`, however the contract stands now; then the same is told once
 * more, under the same id. Only one that comes late is looked for. May run twice.
 */
export async function isRefusedAgain(
  { contractId, key: event }: { readonly contractId: ContractId; readonly key: EventKey },
  ports: Ports,
): Promise<boolean> {
  const isLate = Date.parse(ports.clock.now()) - Date.parse(event.takenAt ?? '') > LATE_SECONDS * 1000;
  if (!isLate) return false;
  const refused = await loadRefusal({ key: keyOf(event), contractId }, ports.evidence);
  if (refused?.event === undefined || !isSameDelivery(refused.event, event)) return false;
  await tellAttempt({ contractId, event, reasons: refused.reasons }, ports);
  ports.log.info({ contractId }, 'delivered again, and refused before');
  return true;
}

const keyOf = ({ source, id, contentHash }: EventKey): string => sha256Hex(`${source} ${id} ${contentHash}`);

interface Attempt {
  readonly contractId: ContractId;
  readonly event: EventKey;
  readonly reasons: readonly Reason[];
}

const tellAttempt = ({ contractId, event, reasons }: Attempt, ports: Ports): Promise<void> =>
  announceUnanchored(
    'partner.access.rejected',
    { key: keyOf(event), subject: contractId },
    { contractId, event: originOf(event), reasons },
    ports,
  );
