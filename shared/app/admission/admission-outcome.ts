/** How an admission ends, and what the register says to an event before anything else is looked at. Pure. */
import { type Contract, isBeingGranted, isLive } from '../../domain/contract.js';
import { type EventKey, isEvent, isSameDelivery, type Reason } from '../../domain/fact.js';
import { isPreparationDue } from '../grantee/managed-side.js';

export interface AdmitOutput {
  readonly contractId: string;
  /** Sequence of the request, or of the amendment, that is to be carried out; 0 when there is nothing to do. */
  readonly epoch: number;
  /**
   * `prepare`: as `admitted`, but the grantee's side is to be set up first. `finished`: this very request was carried out before.
   * `awaiting`: an approver must answer first. `amendment`: what was approved is an amendment, which has a flow of its own.
   */
  readonly outcome: 'admitted' | 'prepare' | 'rejected' | 'finished' | 'awaiting' | 'amendment';
}

/** For a contract that Leasehold itself comes back to: what was admitted and is not finished goes on. */
export function goOn(contract: Contract): AdmitOutput {
  const { contractId, epoch, terms, owed } = contract;
  const isAdmitted =
    isBeingGranted(contract) || (isLive(contract) && owed.some(({ what }) => what === 'granted'));
  if (!isAdmitted) return { contractId, epoch, outcome: 'finished' };
  return { contractId, epoch, outcome: isPreparationDue(contract, terms) ? 'prepare' : 'admitted' };
}

/** An event of this source and id came before with other content. */
export function reusedReason({ events }: Contract, key: EventKey): Reason | undefined {
  const known = events.find((one) => isEvent(one, key));
  return known === undefined || known.contentHash === key.contentHash
    ? undefined
    : {
        code: 'EVENT_REUSED',
        pointer: '/id',
        message: 'an event of this source and id came before with other content',
      };
}

/**
 * Whether this very delivery was taken in before: EventBridge delivers at least once, and for a day. Whoever means it again posts it
 * again.
 */
export const isDeliveredAgain = ({ events }: Pick<Contract, 'events'>, key: EventKey): boolean =>
  events.some((one) => isSameDelivery(one, key));
