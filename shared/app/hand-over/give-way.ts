/** Two may hand over at once, and what is made last is what works: who finds that another has begun since leaves it to him. */
import type { EvidencePort } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { TryLaterError } from '../../domain/errors.js';
import { loadContract } from '../register.js';

/**
 * How things stand `now`, where nobody has begun to hand over since `before`: two who make anew what the other has made would never
 * come to an end.
 * @throws {TryLaterError} `CONFLICT`
 */
export function giveWay(before: Contract, now: Contract): Contract {
  if (now.handingOver?.seq === before.handingOver?.seq && now.made?.seq === before.made?.seq) return now;
  throw new TryLaterError('CONFLICT', `contract ${now.contractId} is being handed over by somebody else`);
}

/**
 * To be asked between looking and deleting: what was seen then was made by tries that had begun before, so where nobody has begun after
 * `begun` it is nobody's. Whoever has begun since deletes it himself, or has told it.
 * @throws {TryLaterError} `CONFLICT`
 */
export const stillHandingOver = async (begun: Contract, evidence: EvidencePort): Promise<Contract> =>
  giveWay(begun, await loadContract(begun.contractId, evidence));

/** Whether another is at it `now`, who makes anew what `begun` made. */
export const isMadeAnew = (begun: Contract, now: Contract): boolean =>
  (now.handingOver?.seq ?? 0) > begun.seq;
