/** Step WithdrawAccess: takes back what a failed onboarding made. */
import type { Ports } from '../../cloud/ports.js';
import { isBeingGranted, isBeingTakenBack } from '../../domain/contract.js';
import { failureIn } from '../../domain/fact.js';
import { cutContract } from '../ending/cut-access.js';
import { removeContract, takeBackLate } from '../ending/remove-access.js';
import type { FailureInput } from '../inbound/step-input.js';
import { loadContract } from '../register/register.js';

export interface WithdrawOutput {
  readonly withdrawn: boolean;
}

/**
 * Cuts and removes what a failed execution made. One that an end, or another that failed, has overtaken takes back what it made
 * too late for that to see; an active contract was brought there by another execution of the same request and is left alone. May run twice.
 */
export async function withdrawAccess(failure: FailureInput, ports: Ports): Promise<WithdrawOutput> {
  if (failure.contractId === undefined || failure.epoch === undefined) return { withdrawn: false };
  const contract = await loadContract(failure.contractId, ports.evidence);
  const isMine = contract.epoch === failure.epoch;
  const isUnfinished = contract.state === 'requested' || isBeingGranted(contract);
  const isHalfWithdrawn = isBeingTakenBack(contract);
  const isOvertaken =
    contract.state === 'ending' || contract.state === 'ended' || contract.state === 'failed';
  if (isMine && !isHalfWithdrawn && isOvertaken) {
    await takeBackLate(contract, ports);
    return { withdrawn: true };
  }
  if (!isMine || !(isUnfinished || isHalfWithdrawn)) return { withdrawn: false };
  const { step, code, reason = code } = failure;
  const ending = {
    reason: 'failed',
    detail: `${step} failed: ${reason}`,
    failure: failureIn(failure),
  } as const;
  await removeContract(await cutContract(contract.contractId, ending, ports), ports);
  return { withdrawn: true };
}
