/** Step RestoreAccess: leaves what was, after a change that failed. */
import type { Ports } from '../cloud/ports.js';
import { type Contract, isLive } from '../domain/contract.js';
import { approvedPlan } from './plan/approved-plan.js';
import { appendFact, loadContract } from './register.js';
import { converge } from './role/converge.js';
import { wantedAccess } from './role/wanted-access.js';
import type { FailureInput } from './step-input.js';

export interface RestoreOutput {
  readonly withdrawn: boolean;
}

const BY = 'restore-access';

/**
 * Brings the role back to what the register says, a stop included, and records that the change failed. What an end or a later
 * change has overtaken is theirs. May run twice.
 */
export async function restoreAccess(failure: FailureInput, ports: Ports): Promise<RestoreOutput> {
  if (failure.contractId === undefined) return { withdrawn: false };
  return restore(await loadContract(failure.contractId, ports.evidence), failure, ports);
}

async function restore(contract: Contract, failure: FailureInput, ports: Ports): Promise<RestoreOutput> {
  if (!isLive(contract)) return { withdrawn: false };
  const { amendment, resuming } = contract;
  const { step, code, suspension } = failure;
  const isAmendment = suspension === undefined && amendment !== undefined && amendment.seq === failure.epoch;
  const isResume = suspension !== undefined && resuming?.suspension === suspension;
  // A suspension that was not seen to hold still counts as one: its stop is put on again, and seen by a later try.
  const isSuspension =
    suspension !== undefined && contract.suspensions.some(({ id }) => id === suspension) && !isResume;
  if (!isAmendment && !isResume && !isSuspension) return { withdrawn: false };
  if (!isAmendment || amendment.amendingSince !== undefined)
    await converge(contract, wantedAccess(contract, approvedPlan(contract), ports.settings), ports);
  if (isSuspension) return { withdrawn: false };
  const fact = isAmendment
    ? ({ kind: 'amendment-failed', data: { revision: amendment.revision, step, code } } as const)
    : ({ kind: 'resume-failed', data: { suspension: suspension ?? '', step, code } } as const);
  const result = await appendFact(contract, fact, BY, ports);
  if (result.outcome === 'lost') return restore(result.contract, failure, ports);
  ports.log.warn({ contractId: contract.contractId, step, code }, 'what was before is there again');
  return { withdrawn: true };
}
