/** Brings side doors to where they should be, as far as it goes without a new password. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isLive } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { FactData } from '../../domain/fact.js';
import { requireApproval } from '../approval/require-approval.js';
import { approvedPlan } from '../plan/approved-plan.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { appendFact } from '../register/register.js';
import { observeOurs } from '../role/converge.js';
import { planConvergence } from '../role/plan-convergence.js';
import { onlyTakesAway } from '../role/report-drift.js';
import { wantedAccess } from '../role/wanted-access.js';
import { closeSideDoors, removeSideDoors } from './close-side-doors.js';
import {
  applyDoorStep,
  areDoorsOpen,
  type Door,
  type DoorLook,
  type DoorStep,
  doorsOf,
  lookAtAll,
  nameOf,
  tellDoorStep,
} from './doors.js';
import { intend, isNew, requireOpenable } from './intend-side-doors.js';
import { proofsOf, seeAsWanted } from './prove-side-doors.js';

export interface Settlement {
  /** As it was, when nothing was to be done. */
  readonly contract: Contract;
  /** False when another writer came between: how the doors stand then is not known. */
  readonly isSettled: boolean;
}

/**
 * What the terms do not know goes, what may not be open closes, accounts get the rights that they should have, and rules are
 * switched on last. Accounts that want a new password are intended, and left to `accountMaker`. May run twice. Whoever came between
 * has the last word, and what was opened under his hands is closed.
 * @throws {BrokenPromiseError} `NOT_OURS`, `ACCESS_NOT_VERIFIED`, `NOT_APPROVED`
 */
export async function settleSideDoors(contract: Contract, by: string, ports: Ports): Promise<Settlement> {
  const settled = { contract, isSettled: true };
  if (!isLive(contract)) return settled;
  const plan = approvedPlan(contract);
  const doors = doorsOf(contract, plan, ports.clock.now());
  if (doors.length === 0) return settled;
  const looks = await lookAtAll(doors, ports);
  await requireOpenable(contract, looks, ports.evidence);
  await requireCovered(contract, plan, looks.filter(opens), ports);
  if (!looks.some((look) => isNew(look) || isToSettle(look))) return settled;

  const intended = await intend(contract, looks, by, ports);
  return intended.outcome === 'lost'
    ? { contract: intended.contract, isSettled: false }
    : settleIntended(intended.contract, intended.looks, by, ports);
}

/**
 * Also where the register says that it was intended: whoever can write the register alone could say so. He can neither have put there what
 * only wants switching on, nor on the role what these terms say. What only closes never waits.
 */
async function requireCovered(
  contract: Contract,
  plan: AccessPlan,
  opening: readonly DoorLook[],
  ports: Ports,
): Promise<void> {
  if (opening.length === 0) return;
  try {
    await requireApproval(contract, contract.terms, ports);
  } catch (error) {
    if (!(error instanceof BrokenPromiseError) || !opening.every(onlySwitchesOn)) throw error;
    const wanted = wantedAccess(contract, plan, ports.settings);
    const observed = await observeOurs(contract, wanted, ports);
    // Whoever lifts a suspension takes its stop off first: where one is on the role, the register alone says that it was lifted.
    const isStopped = observed.attachments.some(({ policy }) => wanted.stops.includes(policy.name));
    if (isStopped || !onlyTakesAway(planConvergence(observed, wanted))) throw error;
  }
}

const onlySwitchesOn = (look: DoorLook): boolean => !isNew(look) && look.steps.every(isSwitchedOn);

/** What a suspension, or a lease that has not begun, takes from a door that is there. */
export const isSwitchedOn = ({ step }: DoorStep): boolean => step.kind === 'setEnabled' && step.isEnabled;

async function settleIntended(
  contract: Contract,
  looks: readonly DoorLook[],
  by: string,
  ports: Ports,
): Promise<Settlement> {
  const lost = looks.filter(isLost).map(({ door }) => nameOf(door));
  const steps = [...looks].sort((left, right) => turnOf(left.door) - turnOf(right.door)).flatMap(keepable);
  if (!looks.some(isToSettle)) return { contract, isSettled: true };
  // One after the other, so that the order is the order.
  for (const step of steps) await applyDoorStep(step, ports);
  const mine = looks
    .filter((look) => !wantsPassword(look) && look.refused.length === 0)
    .map(({ door }) => door);
  const seen = await seeAsWanted(contract, mine, ports);
  const data = {
    steps: steps.map(tellDoorStep),
    gone: seen.filter(({ door }) => door.goal === 'gone').map(({ door }) => nameOf(door)),
    lost,
    proofs: seen.flatMap(proofsOf),
  };
  return record(contract, data, by, ports);
}

/** The look at the register that counts. */
async function record(
  contract: Contract,
  data: FactData['side-doors-settled'],
  by: string,
  ports: Ports,
): Promise<Settlement> {
  const result = await appendFact(contract, { kind: 'side-doors-settled', data }, by, ports);
  const now = result.contract;
  if (result.outcome === 'appended') {
    ports.log.info({ contractId: now.contractId, steps: data.steps }, 'side doors as they should be');
    return { contract: now, isSettled: true };
  }
  const lease = now.terms?.request.lease;
  if (lease === undefined || !areDoorsOpen(now, lease, ports.clock.now())) {
    // What was opened is closed again, or, where an end came and may have been through, taken away.
    if (isLive(now)) await closeSideDoors(now, ports);
    else await removeSideDoors(now, ports);
    return { contract: now, isSettled: false };
  }
  // A fact that changes nothing about the doors, such as a warning, lets this go on; what else came is looked at anew.
  return now.terms?.seq === contract.terms?.seq
    ? record(now, data, by, ports)
    : { contract: now, isSettled: false };
}

/**
 * What closes comes first, and rules open last of all. Only a rule that goes stays until the one that takes its place is on, so
 * that no event is missed; some may come twice.
 */
function turnOf({ kind, goal }: Door): number {
  if (kind === 'rule' && goal === 'gone') return 3;
  if (goal !== 'open') return 0;
  return kind === 'account' ? 1 : 2;
}

/** Whether anything is to be done that gives more than there is. */
const opens = (look: DoorLook): boolean => isNew(look) || keepable(look).some((step) => !closes(step));

function closes({ step }: DoorStep): boolean {
  switch (step.kind) {
    case 'removeEntry':
    case 'deleteAccount':
    case 'removeTargets':
    case 'deleteRule':
      return true;
    case 'setEnabled':
      return !step.isEnabled;
    default:
      return false;
  }
}

/** What goes is settled also when nothing is left of it: it is seen to be gone, and forgotten. */
const isToSettle = (look: DoorLook): boolean =>
  look.door.goal === 'gone' || isLost(look) || keepable(look).length > 0;

/** Whether only a new password brings the account to where it should be. */
const wantsPassword = ({ steps }: DoorLook): boolean =>
  steps.some(({ step }) => step.kind === 'createAccount');

/** It was handed over, and is not there: deleted by a pause, or by somebody else. */
export const isLost = (look: DoorLook): boolean =>
  look.door.kind === 'account' && look.door.standing.isHandedOver && wantsPassword(look);

/** The steps of a look that make no password, and nothing under a name that was never intended. */
export const keepable = (look: DoorLook): readonly DoorStep[] =>
  look.door.standing.isIntended && !wantsPassword(look) ? look.steps : [];
