/** Whether a contract takes a change at all. Pure. */
import { type Contract, isLive } from '../../domain/contract.js';
import { type EventKey, type Reason, reason } from '../../domain/fact.js';
import { ABANDONED, TIMED_OUT } from '../../domain/undone-codes.js';
import type { Instant } from '../../domain/values.js';
import { dueEnding } from '../ending/due-ending.js';
import { setupChangeReasons } from '../grantee/setup-reasons.js';
import type { AmendmentWish } from '../inbound/parse-event.js';
import { amendmentOrderReasons } from '../plan/amendment-order.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { isDeliveredAgain, reusedReason } from './admission-outcome.js';

/** Whether the event asks once more for what was asked for last, and failed, or was answered by nobody: whoever posts it again means it. */
export function isAskedAgain(contract: Contract, key: EventKey): boolean {
  const { facts, undone } = contract;
  if (isDeliveredAgain(contract, key)) return false;
  const last = facts.findLast(({ kind }) => kind === 'amendment-requested');
  if (last?.kind !== 'amendment-requested' || last.data.event.contentHash !== key.contentHash) return false;
  if (undone === undefined) return false;
  return undone.kind === 'amendment-failed'
    ? undone.code !== ABANDONED
    : undone.reasons.every(({ code }) => code === TIMED_OUT);
}

/** Whether this very amendment came before, and is not asked for once more. */
export const isRepeated = (contract: Contract, key: EventKey): boolean =>
  contract.events.some(({ contentHash }) => contentHash === key.contentHash) && !isAskedAgain(contract, key);

/** What the register says against an amendment before its content is looked at. */
export function standingReason(
  contract: Contract,
  key: EventKey,
  wish: AmendmentWish,
  now: Instant,
): Reason | undefined {
  const { request, revision } = wish;
  const { state, terms, lastRevision } = contract;
  const reused = reusedReason(contract, key);
  if (reused !== undefined) return reused;
  if (!isLive(contract)) return notLive(contract);
  if (revision <= lastRevision && !isAskedAgain(contract, key)) {
    return reason(
      'STALE_REVISION',
      '/data/revision',
      `revision ${lastRevision} was asked for already; look at what holds now and state a higher one`,
    );
  }
  if (request.grantee.accountId !== terms?.request.grantee.accountId)
    return reason(
      'OTHER_GRANTEE',
      '/data/grantee/accountId',
      `a contract (now ${state}) stays with its grantee; another needs a contract of its own`,
    );
  return isEndAt(wish, now) ? undefined : overReason(contract, now);
}

/** Whether the amendment cuts the lease short to what is past, and so ends the contract. */
export const isEndAt = ({ request }: AmendmentWish, now: Instant): boolean => request.lease.expiresAt <= now;

/** Why nothing is given any more of a contract that is over by `now`, though nobody has recorded its end yet. */
export function overReason(contract: Contract, now: Instant): Reason | undefined {
  const ending = isLive(contract) ? dueEnding(contract, now) : undefined;
  return ending === undefined
    ? undefined
    : reason('CONTRACT_ENDED', '/data/contractId', `${ending.detail}, and the contract stays ended`);
}

/** What speaks against the way from one to the other, whatever each is by itself. */
export const changeReasons = (before: AccessPlan, after: AccessPlan): readonly Reason[] => [
  ...setupChangeReasons(before, after),
  ...amendmentOrderReasons(before, after),
];

/** Why a contract that is not live takes no change. */
export function notLive({ state }: Contract): Reason {
  if (state === 'unknown')
    return reason(
      'UNKNOWN_CONTRACT',
      '/data/contractId',
      'the register knows no such contract; if its role is there all the same, terminate it: that stops the role',
    );
  if (state === 'ending' || state === 'ended')
    return reason('CONTRACT_ENDED', '/data/contractId', 'this contract has ended and stays ended');
  return reason(
    'NOT_ACTIVE',
    '/data/contractId',
    `the contract is ${state}; it can be changed once it is active`,
  );
}
