/** Drift that is nobody's doing: writes of Leasehold's own, of terms that do not hold, which were given up and applied late. Pure. */
import { allTermsOf, type Contract } from '../../domain/contract.js';
import { planOfHash } from '../plan/approved-plan.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { type AccessStep, isSameJson } from '../role/plan-convergence.js';
import { isSameAttachment } from '../role/write-order.js';

/** What is said of whose doing such drift is. */
export const APPLIED_LATE = 'Leasehold itself: a write of terms that do not hold was applied late';

/**
 * Whether each of `steps`, of which there are some, undoes what other terms of the contract once had written: what those that hold say
 * is what a step brings about, and none undoes it.
 */
export function areLateWrites(contract: Contract, steps: readonly AccessStep[]): boolean {
  const plans = plansOf(contract);
  return steps.length > 0 && steps.every((step) => plans.some((plan) => isOf(plan, step)));
}

/** Of all terms that hold, held or were tried and came to nothing, as they were approved. */
function plansOf(contract: Contract): readonly AccessPlan[] {
  const { requested } = contract;
  if (requested === undefined) return [];
  return allTermsOf(contract)
    .map((terms) => planOfHash(terms, requested.owner))
    .filter((plan) => plan !== undefined);
}

function isOf({ policies, attachments, maxSessionSeconds }: AccessPlan, step: AccessStep): boolean {
  switch (step.kind) {
    case 'setDocument':
      return policies.some(({ name, text }) => name === step.policy.name && isSameJson(text, step.was));
    case 'detach':
      return attachments.some((one) => isSameAttachment(one, step.attachment));
    case 'deletePolicy':
      return policies.some(({ name }) => name === step.name);
    case 'setMaxSession':
      return maxSessionSeconds === step.was;
    default:
      return false;
  }
}
