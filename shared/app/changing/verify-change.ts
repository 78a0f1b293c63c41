/** Step VerifyChange: sees that an amended or resumed role gives what it should and nothing else, and records the change. */
import type { Ports } from '../../cloud/ports.js';
import { type Amendment, type Contract, isLive, type Terms } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { Proof } from '../../domain/fact.js';
import { type AmendOutput, type ChangeInput, finished } from '../admission/amend-output.js';
import { approvedPlan, planOf } from '../plan/approved-plan.js';
import { proveRole } from '../proof/prove-role.js';
import { dropOvertaken } from '../register/index-entries.js';
import { appendFact, loadContract } from '../register/register.js';
import { stillAmending } from './amend-access.js';
import { isResuming, remainingSuspensions } from './resume-access.js';

const BY = 'verify-change';

/**
 * The register's word that the change is done is appended only to what this step had folded: whoever came between is seen,
 * and the flow puts the role back to what the register says. May run twice.
 * @throws {BrokenPromiseError} `ACCESS_NOT_VERIFIED`, `LOST_THE_RACE`
 */
export async function verifyChange(input: ChangeInput, ports: Ports): Promise<AmendOutput> {
  const contract = await loadContract(input.contractId, ports.evidence);
  if (input.suspension === undefined) await finishAmendment(contract, input.epoch, ports);
  else await verifyResumption(contract, input.suspension, ports);
  return finished(input.contractId);
}

/** What the terms before made due goes with them, also where an earlier try has recorded the change and died. */
async function finishAmendment(contract: Contract, epoch: number, ports: Ports): Promise<void> {
  const { request, before } = await amendedTerms(contract, epoch, ports);
  if (before !== undefined) await dropOvertaken(before.request, request, ports);
}

/** Those of the amendment, which are in force then. */
async function amendedTerms(contract: Contract, epoch: number, ports: Ports): Promise<Terms> {
  return contract.terms?.seq === epoch ? contract.terms : verifyAmendment(contract, epoch, ports);
}

async function verifyAmendment(contract: Contract, epoch: number, ports: Ports): Promise<Terms> {
  const amendment = stillAmending(contract, epoch);
  const plan = planOf(contract, amendment);
  const { grants } = amendment.request;
  const lost = amendment.before.request.grants;
  let proofs: readonly Proof[];
  try {
    proofs = await proveRole(contract, { plan, grants, lost }, ports);
  } catch (error) {
    const now = await loadContract(contract.contractId, ports.evidence);
    // Under a suspension that came meanwhile nothing can be seen to work: what can be seen then is looked at instead.
    if (now.suspensions.length > contract.suspensions.length) return amendedTerms(now, epoch, ports);
    throw error;
  }
  await recordAmended(contract, amendment, proofs, ports);
  return amendment;
}

async function recordAmended(
  contract: Contract,
  amendment: Amendment,
  proofs: readonly Proof[],
  ports: Ports,
): Promise<void> {
  const { revision, change } = amendment;
  const policies = planOf(contract, amendment).policies.map(({ name }) => name);
  const data = { revision, change, policies, proofs };
  const result = await appendFact(contract, { kind: 'amended', data }, BY, ports);
  // Another execution of the same amendment may have been first: what it recorded is what this one saw.
  if (result.outcome === 'appended' || result.contract.terms?.seq === amendment.seq) {
    ports.log.info({ contractId: contract.contractId, revision }, 'amended');
    return;
  }
  stillAmending(result.contract, amendment.seq);
  await recordAmended(result.contract, amendment, proofs, ports);
}

async function verifyResumption(contract: Contract, suspension: string, ports: Ports): Promise<void> {
  const { contractId } = contract;
  if (contract.resumed?.suspension === suspension) return;
  if (!isResuming(contract, suspension)) return requireLifted(contract, suspension);
  const remaining = remainingSuspensions(contract, suspension);
  const plan = approvedPlan(contract);
  const { grants } = contract.terms?.request ?? { grants: [] };
  const open = { ...contract, suspensions: [] };
  const proofs = remaining.length === 0 ? await proveRole(open, { plan, grants, lost: [] }, ports) : [];
  const data = { suspension, remaining, proofs };
  const result = await appendFact(contract, { kind: 'resumed', data }, BY, ports);
  // A fact that changes nothing about the suspensions, such as a warning, lets the resumption go on; all else does not.
  if (result.outcome === 'lost') return verifyResumption(result.contract, suspension, ports);
  ports.log.info({ contractId, suspension, remaining }, 'resumed');
}

function requireLifted(contract: Contract, suspension: string): void {
  if (isLive(contract) && !contract.suspensions.some(({ id }) => id === suspension)) return;
  throw new BrokenPromiseError(
    'LOST_THE_RACE',
    `contract ${contract.contractId} is ${contract.state}; this resumption gives way`,
  );
}
