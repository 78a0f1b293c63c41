import type { EvidencePort } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { TryLaterError } from '../../domain/errors.js';
import { loadContract } from '../register.js';

/**
 * To be asked between looking and deleting: what was seen then was made by tries that had begun before, so where nobody has begun after
 * `begun` it is nobody's. Whoever has begun since deletes it himself, or has told it.
 * @throws {TryLaterError} `CONFLICT`
 */
export async function stillHandingOver(begun: Contract, evidence: EvidencePort): Promise<void> {
  const now = await loadContract(begun.contractId, evidence);
  if (now.handingOver?.seq !== begun.handingOver?.seq)
    throw new TryLaterError('CONFLICT', `contract ${begun.contractId} is being handed over by somebody else`);
}
