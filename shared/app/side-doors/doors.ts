/** Side doors of a contract as they should be, as they are, and the steps between. What a product needs is planned in `shared/services`. */
import type { Logon, Ports } from '../../cloud/ports.js';
import { type Contract, isLive, namesOfDoors } from '../../domain/contract.js';
import type { DataPlaneAccount, DataPlaneStep } from '../../domain/data-plane.js';
import type { Lease } from '../../domain/request.js';
import type { Route, RouteStep } from '../../domain/route.js';
import type { Instant } from '../../domain/values.js';
import {
  type DataPlaneGoal,
  type DataPlaneStanding,
  entryText,
  instanceText,
  planDataPlane,
  planRoute,
  type RouteGoal,
  type RouteStanding,
} from '../../services/index.js';
import type { AccessPlan } from '../plan/plan-access.js';

export interface AccountDoor {
  readonly kind: 'account';
  readonly account: DataPlaneAccount;
  readonly goal: DataPlaneGoal;
  readonly standing: DataPlaneStanding;
}
export interface RuleDoor {
  readonly kind: 'rule';
  readonly route: Route;
  readonly goal: RouteGoal;
  readonly standing: RouteStanding;
}
/** One side door, and how it should be now. */
export type Door = AccountDoor | RuleDoor;

export type DoorStep =
  | { readonly kind: 'account'; readonly door: AccountDoor; readonly step: DataPlaneStep }
  | { readonly kind: 'rule'; readonly door: RuleDoor; readonly step: RouteStep };

export interface DoorLook {
  readonly door: Door;
  /** What is left to do; none when all is as it should be, or nothing can be done. */
  readonly steps: readonly DoorStep[];
  /** Why it cannot be opened. */
  readonly refused: readonly { readonly code: string; readonly message: string }[];
  /** Targets on a rule of ours that are not. */
  readonly foreign: readonly string[];
  /** What an account may besides, since everybody on its instance may. */
  readonly wider: readonly string[];
}

export const nameOf = (door: Door): string =>
  door.kind === 'account' ? door.account.account : door.route.rule;

/** `account lh-… of Kafka instance alikafka_pre-cn-x (cn-hangzhou)` */
export const doorText = (door: Door): string =>
  door.kind === 'account'
    ? `account ${door.account.account} of ${instanceText(door.account.instance)}`
    : `rule ${door.route.rule} on bus ${door.route.eventBus} (${door.route.region})`;

/** Open within the lease alone, of a contract that lives and is not suspended: what no policy does here, this does. */
export const areDoorsOpen = (contract: Contract, { startsAt, expiresAt }: Lease, now: Instant): boolean =>
  isLive(contract) && contract.suspensions.length === 0 && startsAt <= now && now < expiresAt;

/** Every door of a contract that lives, or is being granted: those of `plan`, and those that it does not know any more. */
export function doorsOf(contract: Contract, plan: AccessPlan, now: Instant): readonly Door[] {
  const isOpen = areDoorsOpen(contract, plan.lease, now);
  const planned = new Set(namesOfDoors(plan));
  return [
    ...knownDoors(contract, 'gone').filter((door) => !planned.has(nameOf(door))),
    ...plan.accounts.map((account) => accountDoor(contract, account, isOpen ? 'open' : 'suspended')),
    ...plan.routes.map((route) => ruleDoor(contract, route, isOpen ? 'open' : 'prepared')),
  ];
}

/** Every door that the register speaks of, whatever the plan. */
export const knownDoors = (contract: Contract, goal: 'suspended' | 'gone'): readonly Door[] => [
  ...contract.sideDoors.accounts.map((account) => accountDoor(contract, account, goal)),
  ...contract.sideDoors.routes.map((route) => ruleDoor(contract, route, goal)),
];

/** Whether somebody was given the password of the account that is there. */
export const isHeld = ({ credentials }: Contract, account: string): boolean =>
  credentials.some((one) => one.kind === 'account' && one.account === account);

export function accountDoor(contract: Contract, account: DataPlaneAccount, goal: DataPlaneGoal): AccountDoor {
  const standing = {
    isIntended: contract.sideDoors.accounts.some((known) => known.account === account.account),
    isHandedOver: isHeld(contract, account.account),
  };
  return { kind: 'account', account, goal, standing };
}

export const ruleDoor = (contract: Contract, route: Route, goal: RouteGoal): RuleDoor => ({
  kind: 'rule',
  route,
  goal,
  standing: { isIntended: contract.sideDoors.routes.some(({ rule }) => rule === route.rule) },
});

export type DoorPorts = Pick<Ports, 'dataPlanes' | 'routes'>;

/** Reads only. */
export const lookAtAll = (doors: readonly Door[], ports: DoorPorts): Promise<readonly DoorLook[]> =>
  Promise.all(doors.map((door) => lookAt(door, ports)));

async function lookAt(door: Door, { dataPlanes, routes }: DoorPorts): Promise<DoorLook> {
  const nothing = { door, steps: [], refused: [], foreign: [], wider: [] };
  if (door.kind === 'account') {
    const { account, goal, standing } = door;
    const observed = await dataPlanes.observe(account.instance, account.account, account.entries);
    const plan = planDataPlane(account, observed, goal, standing);
    if (plan.outcome === 'refused') return { ...nothing, refused: plan.reasons };
    const steps = plan.steps.map((step) => ({ kind: 'account', door, step }) as const);
    return { ...nothing, steps, wider: plan.unavoidablyWider };
  }
  const { route, goal, standing } = door;
  const plan = planRoute(route, await routes.observe(route), goal, standing);
  if (plan.outcome === 'refused') return { ...nothing, refused: plan.reasons };
  const steps = plan.steps.map((step) => ({ kind: 'rule', door, step }) as const);
  return { ...nothing, steps, foreign: plan.foreign };
}

/** Resolves with what an account that was made logs on with. */
export async function applyDoorStep(
  { kind, door, step }: DoorStep,
  { dataPlanes, routes }: DoorPorts,
): Promise<Partial<Logon>> {
  if (kind === 'rule') {
    await routes.apply(door.route, step);
    return {};
  }
  const { instance, account } = door.account;
  return dataPlanes.apply(instance, account, step);
}

/** A step in plain words, for whoever reads the evidence. */
export function tellDoorStep({ door, step }: DoorStep): string {
  const text = doorText(door);
  switch (step.kind) {
    case 'createAccount':
    case 'createRule':
      return `${text} made`;
    case 'deleteAccount':
    case 'deleteRule':
      return `${text} deleted`;
    case 'setEnabled':
      return `${text} switched ${step.isEnabled ? 'on' : 'off'}`;
    case 'addEntry':
      return `${text} given ${entryText(step.entry)}`;
    case 'removeEntry':
      return `${text} lost ${entryText(step.entry)}`;
    case 'setPattern':
      return `${text} given its pattern`;
    case 'putTarget':
      return `${text} given its target`;
    case 'removeTargets':
      return `${text} lost its targets`;
  }
}

/**
 * Looks at each door and does its steps, all doors at the same time. Gives back what was seen before; the first failure rejects, after
 * all.
 */
export const workOff = (doors: readonly Door[], ports: DoorPorts): Promise<readonly DoorLook[]> =>
  afterAll(
    doors.map(async (door) => {
      const look = await lookAt(door, ports);
      await takeSteps(look, ports);
      return look;
    }),
  );

/** As `workOff`, of doors that were just looked at. */
export async function workOffSeen(looks: readonly DoorLook[], ports: DoorPorts): Promise<void> {
  await afterAll(looks.map((look) => takeSteps(look, ports)));
}

async function takeSteps({ steps }: DoorLook, ports: DoorPorts): Promise<void> {
  for (const step of steps) await applyDoorStep(step, ports);
}

/** What all of it comes to; the first failure rejects, after all. */
export async function afterAll<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(work);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
