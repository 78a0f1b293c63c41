/**
 * One execution hands over at a time: what two make at once, each would take from the other's hands, and a password that was replaced
 * is not seen to be. Should two be at it all the same, what is made last is what works, and who finds that another has begun since
 * leaves it to him.
 */
import type { EvidencePort, Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { TryLaterError } from '../../domain/errors.js';
import { secondsBetween } from '../../domain/values.js';
import { LONGEST_CHANGE_SECONDS } from '../changing/longest-change.js';
import { loadContract } from '../register/register.js';

const byAnother = (contractId: Contract['contractId']): TryLaterError =>
  new TryLaterError('CONFLICT', `contract ${contractId} is being handed over by another execution`);

/**
 * Before one begins: whoever has begun and has come to no end is let finish, as long as he can be at it. An earlier try of the same
 * execution is over.
 * @throws {TryLaterError} `CONFLICT`
 */
export function requireNobodyElse(
  { contractId, handingOver }: Contract,
  { clock, execution }: Pick<Ports, 'clock' | 'execution'>,
): void {
  if (handingOver === undefined) return;
  const isOurs = execution !== undefined && handingOver.execution === execution;
  const isOver = secondsBetween(handingOver.at, clock.now()) > LONGEST_CHANGE_SECONDS;
  if (!isOurs && !isOver) throw byAnother(contractId);
}

/**
 * How things stand `now`, where nobody has begun to hand over since `before`: two who make anew what the other has made would never
 * come to an end.
 * @throws {TryLaterError} `CONFLICT`
 */
export function giveWay(before: Contract, now: Contract): Contract {
  if (now.handingOver?.seq === before.handingOver?.seq && now.made?.seq === before.made?.seq) return now;
  throw byAnother(now.contractId);
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
