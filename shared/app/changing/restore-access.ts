/** Step RestoreAccess: leaves what was, after a change that failed. */
import type { Ports } from '../../cloud/ports.js';
import { type Amendment, atWorkSince, type Contract, isLive, standingTerms } from '../../domain/contract.js';
import { BrokenPromiseError, nameOfError } from '../../domain/errors.js';
import { failureIn } from '../../domain/fact.js';
import { roleNameOf } from '../../domain/role-name.js';
import { attachStop, spareReplaced, stopOurs } from '../ending/stops.js';
import { insist } from '../grantee/insist.js';
import { isPreparationDue, isShut, namesSetUp } from '../grantee/managed-side.js';
import { prepareSide, setUp } from '../grantee/prepare-side.js';
import { hasGranteeSide, releaseLeavers, releaseRest } from '../grantee/release-side.js';
import { union } from '../grantee/who-leaves.js';
import type { FailureInput } from '../inbound/step-input.js';
import { isOurPolicy, isReplaced } from '../ours.js';
import { approvedPlan } from '../plan/approved-plan.js';
import { appendFact, loadContract } from '../register/register.js';
import { converge } from '../role/converge.js';
import { wantedAccess } from '../role/wanted-access.js';
import { dropStrayRoutes } from '../side-doors/prepare-routes.js';

export interface RestoreOutput {
  readonly withdrawn: boolean;
}

const BY = 'restore-access';

/**
 * Brings the role back to what the register says, a stop included, and records that the change failed. What an end or a later
 * change has overtaken is theirs. May run twice.
 */
export async function restoreAccess(failure: FailureInput, ports: Ports): Promise<RestoreOutput> {
  if (failure.contractId === undefined) return { withdrawn: false };
  return restore(await loadContract(failure.contractId, ports.evidence), failure, ports);
}

async function restore(before: Contract, failure: FailureInput, ports: Ports): Promise<RestoreOutput> {
  if (!isLive(before)) return leaveToEnd(before, failure, ports);
  const { amendment, resuming } = before;
  const { step, code, suspension } = failure;
  const isAmendment = suspension === undefined && amendment !== undefined && amendment.seq === failure.epoch;
  const isResume = suspension !== undefined && resuming?.suspension === suspension;
  // A suspension that was not seen to hold still counts as one: its stop is put on again, and seen by a later try.
  const isSuspension =
    suspension !== undefined && before.suspensions.some(({ id }) => id === suspension) && !isResume;
  if (!isAmendment && !isResume && !isSuspension) return leaveToOthers(before, failure, ports);
  // A resumption has written nothing but that its stop came off: what else differs is drift, and is told and treated as such.
  if (isResume) await stopOurs(before, ports.settings.stops.suspended, ports);
  else if (!isAmendment || amendment.amendingSince !== undefined) await restoreRole(before, ports);
  if (isSuspension) return { withdrawn: false };
  const contract = isAmendment ? await restoreSide(before, amendment, ports) : before;
  const fact = isAmendment
    ? ({ kind: 'amendment-failed', data: { revision: amendment.revision, ...failureIn(failure) } } as const)
    : ({ kind: 'resume-failed', data: { suspension: suspension ?? '', ...failureIn(failure) } } as const);
  const result = await appendFact(contract, fact, BY, ports);
  if (result.outcome === 'lost') return restore(result.contract, failure, ports);
  ports.log.warn({ contractId: contract.contractId, step, code }, 'what was before is there again');
  return { withdrawn: true };
}

async function restoreRole(contract: Contract, ports: Ports): Promise<void> {
  const plan = approvedPlan(contract);
  // Whatever is read: a stop that was taken off a moment ago may still be seen. Where none can be put on, nothing else is either.
  const isBare =
    contract.suspensions.length > 0 &&
    (await attachStop(contract, ports.settings.stops.suspended, ports)).outcome === 'instead';
  try {
    if (!isBare) await converge(contract, wantedAccess(contract, plan, ports.settings), ports);
  } catch (error) {
    if (!(error instanceof BrokenPromiseError && error.code === 'NOT_OURS')) throw error;
    await leaveToHands(contract, error, ports);
  }
  await dropStrayRoutes(contract, plan, ports);
}

/**
 * Somebody made the role, or a policy of it, again by hand. That is not ours to bring back to what it was; a policy comes off a role that
 * is ours. What the role lacks now is drift, and told as such.
 */
async function leaveToHands(contract: Contract, error: BrokenPromiseError, ports: Ports): Promise<void> {
  const { ram, settings, log } = ports;
  const { contractId } = contract;
  log.warn({ contractId, error: error.message }, 'what was before cannot be put back');
  await spareReplaced(contract, settings.stops.suspended, ports);
  const role = roleNameOf(contractId);
  const there = await ram.observeRole(role);
  if (there === undefined || isReplaced(there, contract)) return;
  for (const attachment of await ram.attachmentsOf(role))
    if (contract.created?.policies.includes(attachment.policy.name))
      if (!(await isOurPolicy(attachment.policy.name, contract, ports))) await ram.detach(role, attachment);
}

/** But for what was made in the grantee's account after the end had looked there. */
async function leaveToEnd(contract: Contract, { epoch }: FailureInput, ports: Ports): Promise<RestoreOutput> {
  if (contract.tried.some(({ seq }) => seq === epoch)) await releaseRest(contract, BY, ports);
  return { withdrawn: false };
}

/**
 * As `leaveToEnd`, after another execution of the same amendment, which has put back what was before this one came to its writes. What
 * a later amendment has on the role by now is its own.
 */
async function leaveToOthers(
  contract: Contract,
  { epoch }: FailureInput,
  ports: Ports,
): Promise<RestoreOutput> {
  const { amendment, tried } = contract;
  const undone = tried.find(({ seq }) => seq === epoch);
  if (undone === undefined) return { withdrawn: false };
  if (amendment?.amendingSince === undefined) await restoreRole(contract, ports);
  if (hasGranteeSide(contract)) {
    const stay = union(standingTerms(contract).map(({ request }) => namesSetUp(request)));
    const leavers = { stay, joining: namesSetUp(undone.request) };
    await unlessShut(contract, () => releaseLeavers(contract, leavers, BY, ports), ports);
  }
  return { withdrawn: false };
}

/** Who was to join leaves again, and the others may enter as long as they could before. A shut account does not hold this up. */
async function restoreSide(contract: Contract, amendment: Amendment, ports: Ports): Promise<Contract> {
  const { before: terms } = amendment;
  if (atWorkSince(amendment) === undefined || !hasGranteeSide(contract)) return contract;
  const isStillOurs = (now: Contract): Contract => {
    if (isLive(now)) return now;
    throw new BrokenPromiseError(
      'LOST_THE_RACE',
      `contract ${now.contractId} is ${now.state}; what is left is its end's`,
    );
  };
  const work = { contract, terms, by: BY, ports, isStillOurs };
  const isOther = isPreparationDue(contract, terms);
  const leavers = { stay: namesSetUp(terms.request), joining: namesSetUp(amendment.request) };
  const restoring = async () => {
    const restored = isOther ? await prepareSide(work) : await setUp(work);
    return releaseLeavers(restored, leavers, BY, ports);
  };
  return unlessShut(contract, restoring, ports);
}

/** `work` may run twice. */
async function unlessShut(
  { contractId }: Contract,
  work: () => Promise<Contract>,
  ports: Ports,
): Promise<Contract> {
  try {
    return await insist(work, ports);
  } catch (error) {
    if (!isShut(error)) throw error;
    ports.log.warn(
      { contractId, error: nameOfError(error) },
      'the grantee does not let us in: who was to join is taken back later',
    );
    return loadContract(contractId, ports.evidence);
  }
}
