/** Step PrepareGrantee: what the partner's side needs before it can enter. */
import type { Ports } from '../cloud/ports.js';
import { BrokenPromiseError } from '../domain/errors.js';
import type { ContractId } from '../domain/values.js';
import { loadForEpoch } from './grant-access.js';
import { type HandOver, handOverOf } from './hand-over/hand-over.js';
import { approvedPlan } from './plan/approved-plan.js';
import type { StepInput, StepOutput } from './step-input.js';

/** One for each request of a contract: a later request fixes another ExternalId. */
export const handOverKey = (contractId: ContractId, epoch: number): string =>
  `hand-overs/${contractId}/${epoch}.json`;

/**
 * In self-service, the only set-up there is, nothing of the partner's is touched: what its administrator must have is written
 * down, so that it can be given out again. It opens nothing by itself: the role is closed until it is activated. May run twice.
 * @throws {BrokenPromiseError} `LOST_THE_RACE`, or `ACCESS_NOT_VERIFIED` when the role was not made
 */
export async function prepareGrantee(input: StepInput, ports: Ports): Promise<StepOutput> {
  const contract = await loadForEpoch(input, ports);
  if (contract.created === undefined) {
    throw new BrokenPromiseError(
      'ACCESS_NOT_VERIFIED',
      `contract ${contract.contractId} has no role to hand over`,
    );
  }
  const handOver: HandOver = handOverOf(contract, approvedPlan(contract), ports.settings);
  await ports.evidence.create(handOverKey(contract.contractId, contract.epoch), JSON.stringify(handOver));
  ports.log.info(
    { contractId: contract.contractId, accessors: handOver.accessors.length },
    'hand-over written',
  );
  return input;
}
