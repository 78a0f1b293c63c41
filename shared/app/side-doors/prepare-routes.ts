/** Rules that take events out, before anybody may have one: made switched off, and taken away again when it comes to nothing. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { Route } from '../../domain/route.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { type DoorPorts, doorsOf, lookAtAll, ruleDoor, workOff, workOffSeen } from './doors.js';
import { type Intended, intend, requireOpenable } from './intend-side-doors.js';

/**
 * Makes `routes`, switched off: none of them may be in use. May run twice. Gives back the contract with the intent in its register.
 * @throws {BrokenPromiseError} `NOT_OURS` when a name is taken, `ACCESS_NOT_VERIFIED` when a bus is gone
 */
export async function prepareRoutes(
  contract: Contract,
  routes: readonly Route[],
  by: string,
  ports: Ports,
): Promise<Intended> {
  const looks = await lookAtAll(
    routes.map((route) => ruleDoor(contract, route, 'prepared')),
    ports,
  );
  await requireOpenable(contract, looks, ports.evidence);
  const intended = await intend(contract, looks, by, ports);
  if (intended.outcome === 'intended') await workOffSeen(intended.looks, ports);
  return intended;
}

/** Takes away the rules that `plan` does not know, for whoever puts back what was before. May run twice. */
export async function dropStrayRoutes(
  contract: Contract,
  plan: AccessPlan,
  ports: DoorPorts & Pick<Ports, 'clock'>,
): Promise<void> {
  const doors = doorsOf(contract, plan, ports.clock.now());
  await workOff(
    doors.filter(({ kind, goal }) => kind === 'rule' && goal === 'gone'),
    ports,
  );
}
