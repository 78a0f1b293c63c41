/** Step AmendAccess: brings the role from the terms that hold to those that were approved instead. */
import type { Ports } from '../../cloud/ports.js';
import { type Amendment, type Contract, isLive } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { requireCover } from '../approval/require-cover.js';
import type { StepInput } from '../inbound/step-input.js';
import { approvedPlan, planOf } from '../plan/approved-plan.js';
import { appendFact, loadContract } from '../register/register.js';
import { converge, observeOurs, recordSteps } from '../role/converge.js';
import { planConvergence, tellStep } from '../role/plan-convergence.js';
import { reportDrift } from '../role/report-drift.js';
import { wantedAccess } from '../role/wanted-access.js';
import { prepareRoutes } from '../side-doors/prepare-routes.js';

const BY = 'amend-access';

/**
 * Changes policies and trust in an order without a gap. May run twice. What somebody had changed by hand is told before it is
 * written over.
 * @throws {BrokenPromiseError} `LOST_THE_RACE`, `NOT_OURS`, `NOT_APPROVED`, `WIDER_THAN_APPROVED`
 */
export async function amendAccess(input: StepInput, ports: Ports): Promise<StepInput> {
  const contract = await loadContract(input.contractId, ports.evidence);
  if (contract.terms?.seq === input.epoch) return input;
  const { contract: begun, amendment } = await beginAmending(contract, input.epoch, ports);
  const plan = planOf(begun, amendment);
  const wanted = wantedAccess(begun, plan, ports.settings);
  const steps = await converge(begun, wanted, ports, () => stillInTime(begun, input.epoch, ports));
  const recorded = await recordSteps(begun, steps.map(tellStep), BY, ports);
  await prepareNewRoutes(recorded, amendment, ports);
  // The look at the register that counts is the next step's append; this one only stops early what has lost already.
  const now = await loadContract(input.contractId, ports.evidence);
  if (now.terms?.seq !== input.epoch) stillInTime(now, input.epoch, ports);
  ports.log.info(
    { contractId: input.contractId, revision: amendment.revision, steps: steps.map(({ kind }) => kind) },
    'role amended',
  );
  return input;
}

/** Rules that are in use stay as they are until the change is verified; those that it brings are made, switched off. */
async function prepareNewRoutes(contract: Contract, amendment: Amendment, ports: Ports): Promise<void> {
  const inUse = new Set(planOf(contract, contract.terms).routes.map(({ rule }) => rule));
  const routes = planOf(contract, amendment).routes.filter(({ rule }) => !inUse.has(rule));
  const prepared = await prepareRoutes(contract, routes, BY, ports);
  if (prepared.outcome === 'intended') return;
  const now = stillAmending(prepared.contract, amendment.seq);
  await prepareNewRoutes(prepared.contract, now, ports);
}

/**
 * The amendment, if it still is what this execution works for.
 * @throws {BrokenPromiseError} `LOST_THE_RACE`
 */
export function stillAmending(contract: Contract, epoch: number): Amendment {
  const { amendment } = contract;
  if (isLive(contract) && amendment?.seq === epoch && amendment.approval !== undefined) return amendment;
  throw new BrokenPromiseError(
    'LOST_THE_RACE',
    `contract ${contract.contractId} is ${contract.state}; this amendment (asked for at ${epoch}) gives way`,
  );
}

/**
 * As `stillAmending`, for who writes: a lease is over at its end, whenever that is recorded, and what is over no renewal opens again,
 * however early it was approved.
 * @throws {BrokenPromiseError} `LOST_THE_RACE`
 */
function stillInTime(contract: Contract, epoch: number, { clock }: Pick<Ports, 'clock'>): Amendment {
  const amendment = stillAmending(contract, epoch);
  const { expiresAt } = amendment.before.request.lease;
  if (clock.now() < expiresAt) return amendment;
  throw new BrokenPromiseError(
    'LOST_THE_RACE',
    `contract ${contract.contractId} was over at ${expiresAt}, before revision ${amendment.revision} was carried out`,
  );
}

interface Begun {
  readonly contract: Contract;
  readonly amendment: Amendment;
}

/** Names what may be made, before it is; and tells first what is not as it should have been. */
async function beginAmending(contract: Contract, epoch: number, ports: Ports): Promise<Begun> {
  const amendment = stillInTime(contract, epoch, ports);
  // Also where the register says that it has begun: whoever can write the register alone could say so.
  await requireCover(contract, amendment, ports);
  if (amendment.amendingSince !== undefined) return { contract, amendment };
  const told = await tellDrift(contract, ports);
  const { policies } = planOf(told, amendment);
  const data = { revision: amendment.revision, policies: policies.map(({ name }) => name) };
  const result = await appendFact(told, { kind: 'amending', data }, BY, ports);
  return beginAmending(result.contract, epoch, ports);
}

async function tellDrift(contract: Contract, ports: Ports): Promise<Contract> {
  const wanted = wantedAccess(contract, approvedPlan(contract), ports.settings);
  const drift = planConvergence(await observeOurs(contract, wanted, ports), wanted);
  return drift.length === 0 ? contract : reportDrift(contract, drift, BY, ports);
}
