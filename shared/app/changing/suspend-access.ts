/** Step SuspendAccess: one call from access to none, to be lifted again by name. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isLive, type Suspension } from '../../domain/contract.js';
import type { Refusal } from '../../domain/fact.js';
import {
  type AmendOutput,
  finished,
  isOpenSuspension,
  type SuspensionInput,
} from '../admission/amend-output.js';
import { stopAndLook } from '../ending/see-refusal.js';
import { tellWatched } from '../register/index-entries.js';
import { appendFact, loadContract } from '../register/register.js';
import { tellSuspended } from '../telling/tell-suspended.js';
import { takeBackStop } from './take-back-stop.js';

const BY = 'suspend-access';

/**
 * Attaches the stop and sees every session refused. May run twice: the announcement is sent again under the same id.
 * @throws {BrokenPromiseError} `STILL_REACHABLE`
 */
export async function suspendAccess(input: SuspensionInput, ports: Ports): Promise<AmendOutput> {
  const contract = await loadContract(input.contractId, ports.evidence);
  const suspension = contract.suspensions.find(({ id }) => id === input.suspension);
  // Lifted or ended since: whoever did that has the last word.
  if (!isLive(contract) || suspension === undefined) return finished(input.contractId);
  const { id, since } = suspension;
  // The cut waits for no index; that it was seen is recorded when it is sure to be told.
  const refusal = isOpenSuspension(suspension) ? await stop(contract, suspension, ports) : undefined;
  const recordAndTell = async (): Promise<void> => {
    const seen =
      refusal === undefined ? contract : await record(contract, { ...refusal, suspension: id }, ports);
    await tellSuspended(seen, id, ports);
  };
  await tellWatched(contract, { outcome: 'suspension', begun: since }, recordAndTell, ports);
  return finished(input.contractId);
}

const stop = (contract: Contract, { since }: Suspension, ports: Ports): Promise<Refusal> =>
  stopAndLook(contract, { stop: ports.settings.stops.suspended, isBlind: false, since }, ports);

/** Whoever came between may have lifted it. */
async function record(
  contract: Contract,
  data: Suspension['seen'] & object,
  ports: Ports,
): Promise<Contract> {
  const result = await appendFact(contract, { kind: 'suspended', data }, BY, ports);
  if (result.outcome === 'appended') return result.contract;
  const mine = result.contract.suspensions.find(({ id }) => id === data.suspension);
  if (mine === undefined) await takeBackStop(contract, ports);
  return mine === undefined || !isOpenSuspension(mine) || !isLive(result.contract)
    ? result.contract
    : record(result.contract, data, ports);
}
