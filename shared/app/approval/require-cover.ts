/** That what is about to be done is approved, or gives nothing that RAM does not give already. */
import type { Ports } from '../../cloud/ports.js';
import type { Amendment, Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { planOf } from '../plan/approved-plan.js';
import { changeOf } from '../plan/compare-plans.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { observeOurs } from '../role/converge.js';
import { planConvergence } from '../role/plan-convergence.js';
import { findingsOf } from '../role/report-drift.js';
import { wantedAccess } from '../role/wanted-access.js';
import { requireApproval, requireForm } from './require-approval.js';
import { requireHarmless } from './require-harmless.js';

/**
 * As `requireApproval`; but a narrowing never waits, also when the rule by which the contract was once granted has been narrowed
 * since. RAM is asked then, and not the register alone: what the role holds was put there by nobody who can only write the register.
 * @throws {BrokenPromiseError} `NOT_APPROVED`, `NOT_OURS`
 */
export async function requireCover(contract: Contract, amendment: Amendment, ports: Ports): Promise<void> {
  requireForm(contract, amendment, ports);
  await requireHarmless(contract, amendment, ports);
  try {
    await requireApproval(contract, amendment, ports);
  } catch (error) {
    if (!(error instanceof BrokenPromiseError) || error.code !== 'NOT_APPROVED') throw error;
    const before = planOf(contract, amendment.before);
    const after = planOf(contract, amendment);
    const isCovered =
      changeOf(before, after).widens.length === 0 &&
      ((await holdsAlready(contract, before, ports)) || (await holdsAlready(contract, after, ports)));
    if (!isCovered) throw error;
  }
}

/** Whether the role holds all that `plan` gives, whatever else it holds: bringing it there could add nothing. */
async function holdsAlready(contract: Contract, plan: AccessPlan, ports: Ports): Promise<boolean> {
  const wanted = wantedAccess(contract, plan, ports.settings);
  const observed = await observeOurs(contract, wanted, ports);
  const steps = planConvergence(observed, wanted);
  const isComing = steps.some((step) => step.kind === 'attach' && step.isStop !== true);
  return !isComing && findingsOf(steps).every(({ narrows = [] }) => narrows.length === 0);
}
