/** Step ResumeAccess: takes the stop off, when no suspension holds any more. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isLive } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { type AmendOutput, finished, type SuspensionInput } from '../admission/amend-output.js';
import { approvedPlan } from '../plan/approved-plan.js';
import { loadContract } from '../register/register.js';
import { observeOurs, recordSteps } from '../role/converge.js';
import { planConvergence, tellStep } from '../role/plan-convergence.js';
import { findingsOf } from '../role/report-drift.js';
import { suspensionStop, wantedAccess } from '../role/wanted-access.js';

const BY = 'resume-access';

/**
 * Opens only what is exactly as it was approved. May run twice. The next step sees that access is there again, and records it.
 * @throws {BrokenPromiseError} `DRIFTED` when the role was changed meanwhile, `NOT_OURS`
 */
export async function resumeAccess(input: SuspensionInput, ports: Ports): Promise<AmendOutput> {
  const contract = await loadContract(input.contractId, ports.evidence);
  if (!isResuming(contract, input.suspension)) return finished(input.contractId);
  if (remainingSuspensions(contract, input.suspension).length === 0) {
    // That these terms were approved is not asked again: the role holds them all, and nobody who can only write the register put them there.
    await requireAsApproved(contract, ports);
    const stop = suspensionStop(ports.settings);
    await ports.ram.detach(approvedPlan(contract).roleName, stop);
    await recordSteps(contract, [tellStep({ kind: 'detach', attachment: stop })], BY, ports);
  }
  return { contractId: input.contractId, epoch: 0, outcome: 'resume', suspension: input.suspension };
}

export const isResuming = (contract: Contract, suspension: string): boolean =>
  isLive(contract) && contract.resuming?.suspension === suspension;

export const remainingSuspensions = ({ suspensions }: Contract, lifted: string): readonly string[] =>
  suspensions.map(({ id }) => id).filter((id) => id !== lifted);

async function requireAsApproved(contract: Contract, ports: Ports): Promise<void> {
  const open = { ...contract, suspensions: [] };
  const wanted = wantedAccess(open, approvedPlan(contract), ports.settings);
  const drift = planConvergence(await observeOurs(contract, wanted, ports), wanted);
  if (drift.length === 0) return;
  const found = findingsOf(drift).map(({ message }) => message);
  throw new BrokenPromiseError(
    'DRIFTED',
    `contract ${contract.contractId} stays suspended, since its role was changed meanwhile: ${found.join('; ')}`,
  );
}
