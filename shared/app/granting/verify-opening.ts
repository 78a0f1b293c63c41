/** Step VerifyOpening: sees that access works once a lease that was set up earlier has begun. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { ContractId } from '../../domain/values.js';
import { approvedPlan } from '../plan/approved-plan.js';
import { proveRole } from '../proof/prove-role.js';
import { appendFact, loadContract } from '../register/register.js';
import { hasBegun } from './has-begun.js';

/**
 * Records `opened`. May run twice. The role opened by itself; this only looks.
 * @throws {BrokenPromiseError} `ACCESS_NOT_VERIFIED`
 * @throws {TryLaterError} `CONFLICT` when it has not begun yet by the clock of this function
 */
export async function verifyOpening(contractId: ContractId, ports: Ports): Promise<void> {
  await look(await loadContract(contractId, ports.evidence), ports);
}

async function look(contract: Contract, ports: Ports): Promise<void> {
  const { contractId, terms } = contract;
  if (contract.state !== 'active' || terms === undefined || contract.opened !== undefined) return;
  if (!hasBegun(contract, ports)) return; // it was put off since
  const { grants } = terms.request;
  const proofs = await proveRole(contract, { plan: approvedPlan(contract), grants, lost: [] }, ports);
  const result = await appendFact(contract, { kind: 'opened', data: { proofs } }, 'verify-opening', ports);
  if (result.outcome === 'lost') return look(result.contract, ports);
  ports.log.info({ contractId, proofs: proofs.length }, 'opened');
}
