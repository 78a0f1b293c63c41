/** The plans that a contract's register speaks of: today's code makes them anew, and their hash says whether it makes the same. Pure. */
import type { Contract, Terms } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { AccountId } from '../../domain/values.js';
import { guardedActions } from '../../services/index.js';
import { EARLIER_GUARDS } from './earlier-guards.js';
import { type AccessPlan, planAccess } from './plan-access.js';

/**
 * The plan of the terms that hold.
 * @throws {BrokenPromiseError} `WIDER_THAN_APPROVED` when today's code would make another one, `REGISTER_BROKEN`
 */
export const approvedPlan = (contract: Contract): AccessPlan => planOf(contract, contract.terms);

/** As `approvedPlan`, of any terms that the register holds for this contract. Throws as that does. */
export function planOf(contract: Contract, terms: Terms | undefined): AccessPlan {
  const { contractId, requested } = contract;
  if (requested === undefined || terms === undefined)
    throw new BrokenPromiseError('REGISTER_BROKEN', `contract ${contractId} was never requested`);
  // Role and policies have their names by it: those of another contract are nothing that this one's register may speak of.
  if (terms.request.contractId !== contractId)
    throw new BrokenPromiseError(
      'REGISTER_BROKEN',
      `the register of contract ${contractId} holds a request of another one`,
    );
  const plan = planOfHash(terms, requested.owner);
  if (plan === undefined) {
    throw new BrokenPromiseError(
      'WIDER_THAN_APPROVED',
      `contract ${contractId}: the plan differs from the one that was approved; post the request again`,
    );
  }
  return plan;
}

/** The plan for a request that has the hash which was approved, by the guard of today or of a version before. `undefined`: neither has. */
export function planOfHash(
  { request, planHash }: Pick<Terms, 'request' | 'planHash'>,
  owner: AccountId,
): AccessPlan | undefined {
  for (const guarded of [guardedActions, ...EARLIER_GUARDS]) {
    const plan = planAccess(request, owner, guarded);
    if (plan.planHash === planHash) return plan;
  }
  return undefined;
}
