/** Step VerifyBefore: sees what a role gives before an amendment changes it, so that what is seen after says something. */
import type { Ports } from '../../cloud/ports.js';
import type { Amendment, Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { Proof } from '../../domain/fact.js';
import type { StepInput, StepOutput } from '../inbound/step-input.js';
import { approvedPlan } from '../plan/approved-plan.js';
import { takeInventory } from '../proof/inventory.js';
import { proveRole } from '../proof/prove-role.js';
import { appendFact, loadContract } from '../register/register.js';
import { stillAmending } from './amend-access.js';

const BY = 'verify-before';

/**
 * What was granted works, and what is to be added and the neighbours are refused. What is otherwise is recorded and stops nothing: a
 * granted thing that has vanished must not keep it from being taken out of the contract, and what drifted is told before it is
 * written over. May run twice; once the role has begun to change there is no before.
 * @throws {BrokenPromiseError} `LOST_THE_RACE`
 */
export async function verifyBefore(input: StepInput, ports: Ports): Promise<StepOutput> {
  const loaded = await loadContract(input.contractId, ports.evidence);
  if (loaded.terms?.seq === input.epoch) return input;
  const amendment = stillAmending(loaded, input.epoch);
  if (amendment.amendingSince !== undefined) return input;
  const { outcome, contract } = await takeInventory(loaded, amendment.request.grants, BY, ports);
  if (outcome === 'lost') return verifyBefore(input, ports);
  const proofs = await look(contract, amendment, ports);
  const fact = { kind: 'verified-before', data: { revision: amendment.revision, proofs } } as const;
  const result = await appendFact(contract, fact, BY, ports);
  return result.outcome === 'appended' ? input : verifyBefore(input, ports);
}

async function look(
  contract: Contract,
  { request, before }: Amendment,
  ports: Ports,
): Promise<readonly Proof[]> {
  const expectation = {
    plan: approvedPlan(contract),
    grants: before.request.grants,
    lost: request.grants,
  };
  // Nothing has changed that RAM would need time for: the first answer that is otherwise is the answer.
  const verdict = { ...ports.settings.verdict, patienceSeconds: 0 };
  try {
    return await proveRole(contract, expectation, { ...ports, settings: { ...ports.settings, verdict } });
  } catch (error) {
    if (!(error instanceof BrokenPromiseError) || error.code !== 'ACCESS_NOT_VERIFIED') throw error;
    return [{ right: 'what was granted before', verdict: 'unprovable', how: error.message }];
  }
}
