import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeStep, planDeploy } from '../../../shared/app/deployment/plan-deploy.js';
import type { DeployedBeyondStacks, DeployStep } from '../../../shared/domain/deploy-plan.js';
import { deploymentWith } from '../../support/deployments.js';

const three = deploymentWith();
const two = deploymentWith({ LEASEHOLD_FUNCTION_COMPUTE: '2.0' });
const nothing: DeployedBeyondStacks = { buses: [], schedules: [], services: new Map() };

/** What is there once the steps are done. */
function outcomeOf(steps: readonly DeployStep[], there: DeployedBeyondStacks): DeployedBeyondStacks {
  const buses = new Map(there.buses.map((bus) => [bus.name, bus]));
  const schedules = new Map(there.schedules.map((schedule) => [schedule.name, schedule]));
  const services = new Map([...there.services].map(([service, names]) => [service, [...names]]));
  for (const step of steps) {
    if ('bus' in step) buses.set(step.bus.name, step.bus);
    else if ('schedule' in step) schedules.set(step.schedule.name, step.schedule);
    else if (step.kind === 'createService') services.set(step.service, []);
    else {
      const names = services.get(step.service);
      const { functionName } = step.toDeploy;
      expect(names?.includes(functionName)).toBe(step.kind === 'updateFunction');
      if (step.kind === 'createFunction') names?.push(functionName);
    }
  }
  return { buses: [...buses.values()], schedules: [...schedules.values()], services };
}

/** Some of what should be there, some of it not as it should be, and something of somebody else's. */
const somethingThere = fc.record({
  buses: fc.subarray([...three.buses]).chain((buses) =>
    fc.constantFrom(
      buses,
      buses.map((bus) => ({ ...bus, description: 'by hand' })),
      [...buses, { name: 'theirs', description: '' }],
    ),
  ),
  schedules: fc.subarray([...three.schedules]).chain((clocks) =>
    fc.constantFrom(
      clocks,
      clocks.map((clock) => ({ ...clock, cron: '0 0 0 * * *' })),
    ),
  ),
  services: fc
    .subarray([...new Set(two.functions.map(({ role }) => role))])
    .map(
      (roles) =>
        new Map(
          roles.map((role) => [
            role,
            two.functions.filter((one) => one.role === role).map(({ functionName }) => functionName),
          ]),
        ),
    ),
});

describe('planDeploy', () => {
  it('makes buses and the clocks on them, in that order, where there is nothing', () => {
    expect(planDeploy(three, nothing).map(describeStep)).toEqual([
      'make bus leasehold',
      'make bus leasehold-out',
      'make bus leasehold-dead-letters',
      'make clock leasehold-every-minute on bus leasehold: 0 * * * * *',
      'make clock leasehold-hourly on bus leasehold: 0 17 * * * *',
    ]);
  });
  it('brings about every bus and clock as it should be, whatever was there', () => {
    fc.assert(
      fc.property(somethingThere, (there) => {
        const { buses, schedules } = outcomeOf(planDeploy(three, there), there);
        expect(buses).toEqual(expect.arrayContaining([...three.buses]));
        expect(schedules).toEqual(expect.arrayContaining([...three.schedules]));
      }),
    );
  });
  it('takes no clock on another bus for one of ours, though it has its name', () => {
    const schedules = three.schedules.map((clock) => ({ ...clock, bus: 'theirs' }));
    const made = planDeploy(three, { ...nothing, buses: three.buses, schedules });
    expect(made.map(({ kind }) => kind)).toEqual(['createSchedule', 'createSchedule']);
  });
  it('converges: after its own plan there is nothing left to plan', () => {
    fc.assert(
      fc.property(somethingThere, (there) => {
        const left = planDeploy(three, outcomeOf(planDeploy(three, there), there));
        expect(left).toEqual([]);
      }),
    );
  });
  it('sets no clock for its description alone where nobody tells what that is', () => {
    const schedules = three.schedules.map(({ description: _, ...clock }) => clock);
    expect(planDeploy(three, { ...nothing, buses: three.buses, schedules })).toEqual([]);
    const others = schedules.map((clock) => ({ ...clock, description: 'by hand' }));
    const planned = planDeploy(three, { ...nothing, buses: three.buses, schedules: others });
    expect(planned.map(({ kind }) => kind)).toEqual(['updateSchedule', 'updateSchedule']);
  });
  it('makes no service where functions need none, and one a role where they do', () => {
    fc.assert(
      fc.property(somethingThere, (there) => {
        const { services } = outcomeOf(planDeploy(two, there), there);
        for (const { role, functionName } of two.functions)
          expect(services.get(role)).toContain(functionName);
        expect(planDeploy(three, there).filter((step) => 'service' in step)).toEqual([]);
      }),
    );
  });
});
