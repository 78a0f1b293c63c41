/** Takes a suspension, or the wish to lift one, into the register. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isLive } from '../../domain/contract.js';
import { TryLaterError } from '../../domain/errors.js';
import { isEvent, isSameEvent, type Reason } from '../../domain/fact.js';
import type { ResumeEvent, SuspendEvent } from '../inbound/parse-event.js';
import { watchProgress } from '../register/index-entries.js';
import { appendFact } from '../register/register.js';
import { rejectAttempt } from '../telling/answer-refused.js';
import { isDeliveredAgain, reusedReason } from './admission-outcome.js';
import { type AmendOutput, finished, isOpenSuspension } from './amend-output.js';
import { notLive, overReason } from './amendment-standing.js';
import { suspensionName } from './suspension-name.js';

const BY = 'admit-amendment';

/** From here on the contract counts as suspended; the next step sees to it that it is. May run twice. */
export async function admitSuspension(
  contract: Contract,
  event: SuspendEvent,
  ports: Ports,
): Promise<AmendOutput> {
  const { contractId } = contract;
  const { key, data } = event;
  const mine = contract.suspensions.find(({ event: by }) => isSameEvent(by, key));
  if (mine !== undefined)
    return isOpenSuspension(mine)
      ? { contractId, epoch: 0, outcome: 'suspend', suspension: mine.id }
      : finished(contractId);
  const reused = reusedReason(contract, key) ?? (isLive(contract) ? undefined : notLive(contract));
  if (reused !== undefined) return refuse(contract, event, reused, ports);
  // It was carried out and lifted since: a repeat of what is over suspends nobody again.
  if (isRepeat(contract, event)) return finished(contractId);

  await watchProgress(contractId, ports);
  const suspension = suspensionName(contract, key.id);
  const suspending = { event: key, suspension, by: data.requestedBy, reason: data.reason };
  const result = await appendFact(contract, { kind: 'suspending', data: suspending }, BY, ports);
  if (result.outcome === 'lost') return admitSuspension(result.contract, event, ports);
  return { contractId, epoch: 0, outcome: 'suspend', suspension };
}

/** Names the suspension that it lifts, so that a late or repeated one lifts no other. May run twice. */
export async function admitResume(
  contract: Contract,
  event: ResumeEvent,
  ports: Ports,
): Promise<AmendOutput> {
  const { contractId, resuming } = contract;
  const { key, data } = event;
  const { suspension } = data;
  if (resuming !== undefined && isSameEvent(resuming.event, key))
    return { contractId, epoch: 0, outcome: 'resume', suspension };
  const reason = reusedReason(contract, key);
  if (reason !== undefined) return refuse(contract, event, reason, ports);
  const isMeantAgain = hasFailed(contract, suspension) && !isDeliveredAgain(contract, key);
  if (isRepeat(contract, event) && !isMeantAgain) return finished(contractId);
  const against = isLive(contract)
    ? (overReason(contract, ports.clock.now()) ?? standingAgainst(contract, suspension))
    : notLive(contract);
  if (against !== undefined) return refuse(contract, event, against, ports);
  if (resuming !== undefined || contract.suspensions.some(isOpenSuspension)) {
    throw new TryLaterError('CONFLICT', `contract ${contractId} is being suspended or resumed already`);
  }

  await watchProgress(contractId, ports);
  const fact = { event: key, suspension, by: data.requestedBy, reason: data.reason };
  const result = await appendFact(contract, { kind: 'resuming', data: fact }, BY, ports);
  if (result.outcome === 'lost') return admitResume(result.contract, event, ports);
  return { contractId, epoch: 0, outcome: 'resume', suspension };
}

const isRepeat = ({ events }: Contract, { key }: SuspendEvent | ResumeEvent): boolean =>
  events.some((one) => isEvent(one, key));

/** Whoever posts it again after it failed means it, as long as nobody has lifted the suspension since. */
const hasFailed = ({ setbacks, suspensions }: Contract, suspension: string): boolean =>
  setbacks.some(({ of }) => 'suspension' in of && of.suspension === suspension) &&
  suspensions.some(({ id }) => id === suspension);

function standingAgainst({ suspensions }: Contract, suspension: string): Reason | undefined {
  if (suspensions.length === 0)
    return {
      code: 'NOT_SUSPENDED',
      pointer: '/data/contractId',
      message: 'the contract is not suspended, so there is nothing to resume',
    };
  if (suspensions.some(({ id }) => id === suspension)) return undefined;
  const message = `it is suspended by ${suspensions.map(({ id }) => id).join(', ')}; a resume names the one it lifts`;
  return { code: 'OTHER_SUSPENSION', pointer: '/data/suspension', message };
}

async function refuse(
  contract: Contract,
  { key }: SuspendEvent | ResumeEvent,
  reason: Reason,
  ports: Ports,
): Promise<AmendOutput> {
  await rejectAttempt(contract, key, [reason], ports);
  return finished(contract.contractId);
}
