/** Step CutAccess: one call from access to none, then the sight of it. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isClosed } from '../../domain/contract.js';
import { nameOfError, TryLaterError } from '../../domain/errors.js';
import type { FactData } from '../../domain/fact.js';
import { foldContract } from '../../domain/fold-contract.js';
import { addSeconds, type ContractId } from '../../domain/values.js';
import { contractTerminated } from '../../schemas/compiled/validators.js';
import { MOST_SKEW_SECONDS } from '../clock-skew.js';
import { releaseRest } from '../grantee/release-side.js';
import { parseEvent } from '../inbound/parse-event.js';
import { type EndOutput, endingOf, NOTHING_TO_END, parseContractRef } from '../inbound/step-input.js';
import { tellWatched, watchProgress } from '../register/index-entries.js';
import { appendWhenever, loadContract } from '../register/register.js';
import { closeSideDoors } from '../side-doors/close-side-doors.js';
import { answerUnreadable } from '../telling/answer-refused.js';
import { announce, occasionOf } from '../telling/outbound.js';
import { tellTidied } from '../telling/tell-tidied.js';
import { dueEnding } from './due-ending.js';
import { isAnythingLeft } from './remove-access.js';
import { stopAndLook } from './see-refusal.js';
import { stopOurs } from './stops.js';

const BY = 'cut-access';
const HANDLED = { 'partner.contract.terminated': contractTerminated };

/**
 * Ends the contract that a termination event names, or that Leasehold itself comes to because it is due. May run twice.
 * @throws {TryLaterError} when the cloud asks for patience
 * @throws {BrokenPromiseError} `STILL_REACHABLE` when sessions are not seen to be refused
 */
export async function cutAccess(eventText: string, ports: Ports): Promise<EndOutput> {
  const known = parseContractRef(eventText);
  if (known !== undefined) return cutDue(await loadContract(known, ports.evidence), ports);
  const parsed = parseEvent(eventText, HANDLED);
  if (!parsed.ok) {
    await answerUnreadable(parsed, eventText, ports);
    return NOTHING_TO_END;
  }
  const { contractId, data, key } = parsed.event;
  const ending = { reason: 'terminated', detail: data.reason, event: key, by: data.requestedBy } as const;
  await cutContract(contractId, ending, ports);
  return endingOf(contractId);
}

/**
 * What the register says is to end now; `refused` when nothing is, whoever thought so.
 * @throws {TryLaterError} `CONFLICT` when it may be over by the clock of who thought so: it would be looked at again only when it was put off to
 */
async function cutDue(contract: Contract, ports: Ports): Promise<EndOutput> {
  const { contractId } = contract;
  if (isClosed(contract)) return watchClosing(contract, ports);
  const now = ports.clock.now();
  const ending = dueEnding(contract, now);
  if (ending === undefined) {
    if (dueEnding(contract, addSeconds(now, MOST_SKEW_SECONDS)) === undefined) return NOTHING_TO_END;
    throw new TryLaterError(
      'CONFLICT',
      `contract ${contractId} is not over yet by the clock of this function`,
    );
  }
  await cutContract(contractId, ending, ports);
  return endingOf(contractId);
}

/**
 * Looks again at what is over: a write that was given up may have been applied since. It is cut, removed and told. What a failed
 * onboarding left lets nobody in, and a role of its name may be a new request's by now: it is removed where it is its own.
 */
async function watchClosing(contract: Contract, ports: Ports): Promise<EndOutput> {
  if (!(await isAnythingLeft(contract, ports))) {
    await tidyGrantee(contract, ports);
    return NOTHING_TO_END;
  }
  if (contract.state === 'ended') {
    await stopOurs(contract, ports.settings.stops.ended, ports);
    await closeSideDoors(contract, ports);
  }
  const message =
    'a role, policy, account or rule of this contract, which is over, was there again; it was cut and is removed';
  await announce(
    'partner.access.drift-found',
    contract,
    { findings: [{ code: 'CAME_BACK', message }], action: 'healed' },
    ports,
    // The register of what is over stands still, however often something of it comes back.
    occasionOf(contract, ports.execution ?? ports.clock.now()),
  );
  return endingOf(contract.contractId);
}

/** A door that was closed in the partner's account may be open by now, and who was overtaken may have made something there since. */
async function tidyGrantee(contract: Contract, ports: Ports): Promise<void> {
  const { contract: tidied, isDone } = await releaseRest(contract, BY, ports);
  if (!isDone) return;
  const watched = { outcome: 'tidying', begun: tidied.changedAt ?? ports.clock.now() } as const;
  await tellWatched(tidied, watched, () => tellTidied(tidied, ports), ports);
}

/**
 * Cuts whatever the partner can do under this contract and records that it was seen. Ending does not depend on a healthy
 * register: if it can't be read or written, the cut comes first and the error after. May run twice.
 */
export async function cutContract(
  contractId: ContractId,
  ending: FactData['ending'],
  ports: Ports,
): Promise<Contract> {
  let contract = foldContract(contractId, []);
  let trouble: unknown;
  // Beside the cut, which waits for no index: whoever comes after a crash finds the contract by this entry.
  const watched = watchProgress(contractId, ports).catch((error: unknown) => {
    trouble ??= error;
  });
  let isBlind = false;
  try {
    contract = await loadContract(contractId, ports.evidence);
    contract = await recordEnding(contract, ending, ports);
  } catch (error) {
    trouble = error;
    isBlind = true;
    ports.log.warn({ contractId, error: nameOfError(error) }, 'the register is in trouble; cutting first');
  }
  const since = contract.ending?.at ?? ports.clock.now();
  const sight = await stopAndLook(contract, { stop: ports.settings.stops.ended, isBlind, since }, ports);
  await watched;
  if (trouble !== undefined) throw trouble;
  return appendWhenever(
    contract,
    { kind: 'cut', data: sight },
    BY,
    ports,
    (now) => now.state === 'ending' && now.cut === undefined,
  );
}

/** `ending` is written once for each cause: a termination closes also what a failed onboarding had begun to take back. */
const recordEnding = (contract: Contract, ending: FactData['ending'], ports: Ports): Promise<Contract> =>
  appendWhenever(contract, { kind: 'ending', data: ending }, BY, ports, (now) => {
    if (now.state === 'ended') return false;
    return now.state !== 'ending' || (now.ending?.reason === 'failed' && ending.reason !== 'failed');
  });
