/** Closes side doors and takes them away: what RAM does not end, this ends. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { planAccess } from '../plan/plan-access.js';
import { settle } from '../proof/verdict.js';
import {
  accountDoor,
  type Door,
  type DoorLook,
  type DoorPorts,
  doorText,
  knownDoors,
  lookAtAll,
  ruleDoor,
  tellDoorStep,
  workOff,
} from './doors.js';

/**
 * Closes all that was ever intended: rules are switched off, accounts lose their rights and are disabled, or deleted where no call
 * disables them. One that cannot be closed keeps none of the others open. May run twice.
 */
export async function closeSideDoors(contract: Contract, ports: DoorPorts): Promise<readonly string[]> {
  const looks = await workOff(knownDoors(contract, 'suspended'), ports);
  return looks.flatMap(({ steps }) => steps.map(tellDoorStep));
}

/**
 * Sees them closed, one line each.
 * @throws {BrokenPromiseError} `STILL_REACHABLE`
 */
export async function seeSideDoorsClosed(contract: Contract, ports: Ports): Promise<readonly string[]> {
  const looks = await seeDone(contract, knownDoors(contract, 'suspended'), ports);
  return looks.map(({ door }) => `${doorText(door)} is ${closedHow(door)}`);
}

export interface Removal {
  /** What was seen to be gone, one line each. */
  readonly gone: readonly string[];
  /** What others had put on it, which went with it; and what is there under a name that the contract's would have, and is not known. */
  readonly foreign: readonly string[];
}

/**
 * Deletes all that was ever intended, and sees it gone from the lists. May run twice.
 * @throws {BrokenPromiseError} `STILL_REACHABLE` when something is still listed
 */
export async function removeSideDoors(contract: Contract, ports: Ports): Promise<Removal> {
  const doors = knownDoors(contract, 'gone');
  const unknown = await lookForUnknown(contract, ports);
  if (doors.length === 0) return { gone: [], foreign: unknown };
  const before = await workOff(doors, ports);
  await seeDone(contract, doors, ports);
  return {
    gone: doors.map((door) => `${doorText(door)} is gone, as the lists say`),
    foreign: [
      ...before.flatMap(({ door, foreign }) => foreign.map((id) => `target ${id} on ${doorText(door)}`)),
      ...unknown,
    ],
  };
}

/**
 * What bears a name that only this contract's account or rule would have, though the register says of none that it was made: facts were
 * deleted, or somebody made it by hand. It may let the partner in, and is nobody's of ours to take away. Reads only.
 */
async function lookForUnknown(contract: Contract, ports: DoorPorts): Promise<readonly string[]> {
  const { requested, terms, granting } = contract;
  if (requested === undefined || terms === undefined || granting === undefined) return [];
  const plan = planAccess(terms.request, requested.owner);
  const planned = [
    ...plan.accounts.map((account) => accountDoor(contract, account, 'open')),
    ...plan.routes.map((route) => ruleDoor(contract, route, 'prepared')),
  ].filter(({ standing }) => !standing.isIntended);
  const looks = await lookAtAll(planned, ports);
  return looks.filter(isTaken).map(({ door }) => doorText(door));
}

const isTaken = ({ refused }: DoorLook): boolean => refused.some(({ code }) => code === 'NAME_TAKEN');

/** Whether something that was ever intended is there. Reads only. */
export async function isSideDoorLeft(contract: Contract, ports: DoorPorts): Promise<boolean> {
  return (await lookAtAll(knownDoors(contract, 'gone'), ports)).some(isUndone);
}

const isUndone = ({ steps }: DoorLook): boolean => steps.length > 0;

/** Changes may take a minute to be seen. */
async function seeDone(
  { contractId }: Contract,
  doors: readonly Door[],
  ports: Ports,
): Promise<readonly DoorLook[]> {
  if (doors.length === 0) return [];
  const verdict = await settle(
    () => lookAtAll(doors, ports),
    (looks) => !looks.some(isUndone),
    ports,
  );
  if (verdict.outcome === 'settled') return verdict.answer;
  const open = verdict.last.filter(isUndone).map(({ door }) => doorText(door));
  throw new BrokenPromiseError(
    'STILL_REACHABLE',
    `contract ${contractId}: ${open.join(', ')} reads back otherwise after the stop`,
  );
}

const closedHow = (door: Door): string => {
  if (door.kind === 'rule') return 'switched off';
  return door.account.pausesBy === 'disabling'
    ? 'disabled, without any right'
    : 'deleted, since no call of its product disables one';
};
