/** Whether a contract is to end now by what its register says. Pure. */
import { type Amendment, type Contract, isOver } from '../../domain/contract.js';
import type { FactData } from '../../domain/fact.js';
import type { Instant } from '../../domain/values.js';

/** Whether an end is to come some day, or goes on. */
export const canEnd = (contract: Contract): boolean => contract.terms !== undefined && !isOver(contract);

/** Why `contract` ends at `now`; `undefined` when it does not. An end that has begun goes on for the reason it began with. */
export function dueEnding(contract: Contract, now: Instant): FactData['ending'] | undefined {
  const { state, terms, amendment, ending } = contract;
  if (state === 'ending' && ending !== undefined) return ending;
  if (terms === undefined || isOver(contract)) return undefined;
  if (amendment !== undefined && isEndedBy(amendment, now)) {
    const { expiresAt } = amendment.request.lease;
    return { reason: 'terminated', detail: `revision ${amendment.revision} ended the lease at ${expiresAt}` };
  }
  const { expiresAt } = terms.request.lease;
  return expiresAt <= now ? { reason: 'expired', detail: `the lease ended at ${expiresAt}` } : undefined;
}

/** Whether `amendment` has cut the lease short to what is past by `now`; what waits for an answer changes nothing, and times out by then. */
const isEndedBy = ({ request, question, approval }: Amendment, now: Instant): boolean =>
  request.lease.expiresAt <= now && (question === undefined || approval !== undefined);
