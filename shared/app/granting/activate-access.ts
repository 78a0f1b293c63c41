/** Step ActivateAccess: opens the role to the partner, last of all. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isLive } from '../../domain/contract.js';
import { BrokenPromiseError, isRetriable, NotFoundError } from '../../domain/errors.js';
import type { Proof } from '../../domain/fact.js';
import { addSeconds, earlierOf, type Instant, secondsBetween } from '../../domain/values.js';
import { requireApproval } from '../approval/require-approval.js';
import { requireHarmless } from '../approval/require-harmless.js';
import type { StepInput, StepOutput } from '../inbound/step-input.js';
import { verifierOf } from '../ours.js';
import { approvedPlan } from '../plan/approved-plan.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { closedTrust, openTrust } from '../plan/trust.js';
import { settle } from '../proof/verdict.js';
import { appendFact, loadContract } from '../register/register.js';
import { observeOurs, recordSteps } from '../role/converge.js';
import { isSameJson, planConvergence, tellStep } from '../role/plan-convergence.js';
import { findingsOf } from '../role/report-drift.js';
import { wantedAccess } from '../role/wanted-access.js';
import { loadForEpoch, stillOurTurn } from './grant-access.js';

const BY = 'activate-access';

/**
 * Opens what was verified; as long as somebody whom the role names does not exist at the grantee's, it stays closed, and the sweep
 * tries again. May run twice.
 * @throws {BrokenPromiseError} `LOST_THE_RACE` (after closing again), `ACCESS_NOT_VERIFIED`, `NOT_APPROVED`, `NOT_OURS`,
 * `NO_SUCH_PRINCIPAL` when that was tried for long enough
 */
export async function activateAccess(input: StepInput, ports: Ports): Promise<StepOutput> {
  const contract = await loadForEpoch(input, ports);
  if (!isLive(contract)) await open(contract, ports);
  else if (contract.owed.some(({ what }) => what === 'granted')) await openAgain(contract, ports);
  return input;
}

async function open(contract: Contract, ports: Ports): Promise<void> {
  if (contract.verified === undefined || contract.granting === undefined || contract.created === undefined) {
    throw new BrokenPromiseError(
      'ACCESS_NOT_VERIFIED',
      `contract ${contract.contractId} was not verified; nothing is opened`,
    );
  }
  const plan = approvedPlan(contract);
  await requireApproval(contract, contract.terms, ports);
  await requireAsVerified(contract, plan, ports);
  const trust = openTrust(plan, contract.granting.externalId, verifierOf(contract, ports));
  if ((await setTrust(contract, plan, trust, ports)) === 'nobody-there') return;
  let active: Contract;
  try {
    const seen = await settle(
      () => ports.ram.observeRole(plan.roleName),
      (role) => role !== undefined && role.id === contract.created?.roleId && isSameJson(role.trust, trust),
      ports,
    );
    if (seen.outcome === 'unsettled')
      throw new BrokenPromiseError(
        'ACCESS_NOT_VERIFIED',
        `the trust policy of ${plan.roleName} reads back otherwise`,
      );
    active = await recordActivation(contract, seen.answer?.arn ?? '', contract.verified.proofs, ports);
  } catch (error) {
    await takeBack(contract, plan, error, ports);
    throw error;
  }
  ports.log.info({ contractId: contract.contractId, role: plan.roleName }, 'active');
  // Another execution of the same event may have given up, and closed it, since it was seen to be open.
  await openAgain(active, ports);
}

/** Whoever opens so soon after it was verified opens what was verified. */
const FRESH_SECONDS = 300;

/**
 * Days may pass until whom the role names exists, or hours of an outage, and nobody looks for drift before a contract lives. Only what
 * is as it was verified is opened; who may enter is written over in any case.
 * @throws {BrokenPromiseError} `ACCESS_NOT_VERIFIED`, `NOT_APPROVED`, `NOT_OURS`
 */
async function requireAsVerified(contract: Contract, plan: AccessPlan, ports: Ports): Promise<void> {
  const { contractId, facts, terms } = contract;
  const verifiedAt = facts.findLast(({ kind }) => kind === 'verified')?.at;
  if (verifiedAt !== undefined && secondsBetween(verifiedAt, ports.clock.now()) < FRESH_SECONDS) return;
  await requireHarmless(contract, terms, ports);
  const wanted = wantedAccess(contract, plan, ports.settings);
  const changes = async () => {
    const observed = await observeOurs(contract, wanted, ports);
    return planConvergence(observed, { ...wanted, trust: observed.role.trust });
  };
  // A stale answer is no finding, and one that is as wanted is none either.
  const verdict = { ...ports.settings.verdict, answers: 1 };
  const seen = await settle(changes, (steps) => steps.length === 0, {
    ...ports,
    settings: { ...ports.settings, verdict },
  });
  if (seen.outcome === 'settled') return;
  const found = findingsOf(seen.last).map(({ message }) => message);
  throw new BrokenPromiseError(
    'ACCESS_NOT_VERIFIED',
    `contract ${contractId} is not opened, since its role was changed after it was verified: ${found.join('; ')}`,
  );
}

async function setTrust(
  contract: Contract,
  { roleName, lease }: AccessPlan,
  trust: string,
  ports: Ports,
): Promise<'set' | 'nobody-there'> {
  try {
    await ports.ram.setTrust(roleName, trust);
    return 'set';
  } catch (error) {
    if (!(error instanceof BrokenPromiseError) || error.code !== 'NO_SUCH_PRINCIPAL') throw error;
    const now = ports.clock.now();
    const { until = earlierOf(addSeconds(now, ports.settings.granteeSeconds), lease.expiresAt) } =
      contract.awaitingGrantee ?? {};
    if (until <= now) throw error;
    await recordWaiting(contract, until, ports);
    ports.log.info({ contractId: contract.contractId, until }, 'waits for whom the role names to exist');
    return 'nobody-there';
  }
}

async function recordWaiting(contract: Contract, until: Instant, ports: Ports): Promise<void> {
  if (contract.awaitingGrantee !== undefined) return;
  const result = await appendFact(contract, { kind: 'awaiting-grantee', data: { until } }, BY, ports);
  if (result.outcome === 'lost')
    await recordWaiting(stillOurTurn(result.contract, contract.epoch), until, ports);
}

/** Another try may have closed what the register calls open: before it is handed over, that is made good. */
async function openAgain(contract: Contract, ports: Ports): Promise<void> {
  const plan = approvedPlan(contract);
  const { trust } = wantedAccess(contract, plan, ports.settings);
  const role = await ports.ram.observeRole(plan.roleName);
  // What an amendment is at work on is its own; a role that is not ours is told by who looks for drift.
  const isOthers = contract.amendment?.amendingSince !== undefined || role?.id !== contract.created?.roleId;
  if (role === undefined || isOthers || isSameJson(role.trust, trust)) return;
  await requireApproval(contract, contract.terms, ports);
  await ports.ram.setTrust(plan.roleName, trust);
  const now = await recordSteps(
    contract,
    [tellStep({ kind: 'setTrust', trust, was: role.trust })],
    BY,
    ports,
  );
  if (isLive(now)) return;
  await closeAgain(contract, plan, ports);
  stillOurTurn(now, contract.epoch);
}

/**
 * Whoever widened takes its own effect back; the flow's WithdrawAccess removes the rest. But what is tried again stays open for the next
 * try, as after a crash: who did not hear of its record does not know who else has made one. Nor is it taken back from whoever has.
 */
async function takeBack(contract: Contract, plan: AccessPlan, error: unknown, ports: Ports): Promise<void> {
  if (isRetriable(error)) return;
  if (isLive(await loadContract(contract.contractId, ports.evidence))) return;
  await closeAgain(contract, plan, ports);
  const now = await loadContract(contract.contractId, ports.evidence);
  if (isLive(now)) await openAgain(now, ports);
}

async function closeAgain(contract: Contract, plan: AccessPlan, ports: Ports): Promise<void> {
  try {
    await ports.ram.setTrust(plan.roleName, closedTrust(verifierOf(contract, ports)));
  } catch (error) {
    // An end that overtook us has deleted the role already: it is as closed as can be.
    if (!(error instanceof NotFoundError)) throw error;
  }
}

async function recordActivation(
  contract: Contract,
  roleArn: string,
  proofs: readonly Proof[],
  ports: Ports,
): Promise<Contract> {
  const result = await appendFact(contract, { kind: 'activated', data: { roleArn, proofs } }, BY, ports);
  if (result.outcome === 'appended') return result.contract;
  const now = stillOurTurn(result.contract, contract.epoch);
  return isLive(now) ? now : recordActivation(now, roleArn, proofs, ports);
}
