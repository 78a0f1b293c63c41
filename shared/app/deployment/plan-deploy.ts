/** Plans what `leasehold deploy` does. Pure. */
import type { DeployedBeyondStacks, DeployStep } from '../../domain/deploy-plan.js';
import type { Deployment } from '../../domain/deployment.js';

/**
 * Steps after which everything is there as it should be; none for buses and clocks that are. Functions of 2.0 are written whole each
 * time, since what their code is does not show in what they are called. Nothing is ever deleted: a bus may have other people's rules.
 * Buses come before the clocks that post to them.
 */
export function planDeploy(
  { buses, schedules, functions, generation }: Deployment,
  there: DeployedBeyondStacks,
): readonly DeployStep[] {
  return [
    ...buses.flatMap((bus): readonly DeployStep[] => {
      const found = there.buses.find(({ name }) => name === bus.name);
      if (found === undefined) return [{ kind: 'createBus', bus }];
      return found.description === bus.description ? [] : [{ kind: 'updateBus', bus }];
    }),
    ...schedules.flatMap((schedule): readonly DeployStep[] => {
      const found = there.schedules.find(({ bus, name }) => bus === schedule.bus && name === schedule.name);
      if (found === undefined) return [{ kind: 'createSchedule', schedule }];
      const { description = schedule.description } = found;
      const isSame = found.cron === schedule.cron && description === schedule.description;
      return isSame ? [] : [{ kind: 'updateSchedule', schedule }];
    }),
    ...(generation === '3.0' ? [] : planServices(functions, there.services)),
  ];
}

/** A service a role, of the role's name: in 2.0 the role is the service's. */
function planServices(
  functions: Deployment['functions'],
  there: DeployedBeyondStacks['services'],
): readonly DeployStep[] {
  const wanted = [...new Set(functions.map(({ role }) => role))];
  return [
    ...wanted
      .filter((service) => !there.has(service))
      .map((service) => ({ kind: 'createService', service }) as const),
    ...functions.map((toDeploy) => {
      const isThere = there.get(toDeploy.role)?.includes(toDeploy.functionName) ?? false;
      return {
        kind: isThere ? 'updateFunction' : 'createFunction',
        service: toDeploy.role,
        toDeploy,
      } as const;
    }),
  ];
}

/** One line for a person. */
export function describeStep(step: DeployStep): string {
  switch (step.kind) {
    case 'createBus':
    case 'updateBus':
      return `${VERBS[step.kind]} bus ${step.bus.name}`;
    case 'createSchedule':
    case 'updateSchedule':
      return `${VERBS[step.kind]} clock ${step.schedule.name} on bus ${step.schedule.bus}: ${step.schedule.cron}`;
    case 'createService':
      return `${VERBS[step.kind]} service ${step.service}`;
    case 'createFunction':
    case 'updateFunction':
      return `${VERBS[step.kind]} function ${step.service}/${step.toDeploy.functionName}`;
  }
}

const VERBS = {
  createBus: 'make',
  updateBus: 'describe',
  createSchedule: 'make',
  updateSchedule: 'set',
  createService: 'make',
  createFunction: 'make',
  updateFunction: 'write',
} as const;
