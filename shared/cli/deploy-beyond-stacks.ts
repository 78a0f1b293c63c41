/** Looks, plans, and does what Resource Orchestration has no type for. */
import { claimBuckets } from '../app/deployment/claim-buckets.js';
import { planDeploy } from '../app/deployment/plan-deploy.js';
import type { Connection } from '../cloud/alibaba/connection.js';
import { makeEventControl } from '../cloud/alibaba/event-control.js';
import { makeFunctionServices } from '../cloud/alibaba/function-services.js';
import { makeEvidencePort, makeIndexPort } from '../cloud/alibaba/oss.js';
import type { DeployedBeyondStacks, DeployStep } from '../domain/deploy-plan.js';
import type { Deployment } from '../domain/deployment.js';
import { zipBundle } from './embedded/bundles.js';

/**
 * Gives back what it did. May run twice: the second run finds nothing to do, but that functions of 2.0 are written again.
 * @throws {InvalidRequestError} `BAD_CONFIG` where a bucket is another stage's, before anything is done
 */
export async function deployBeyondStacks(
  deployment: Deployment,
  connection: Connection,
): Promise<readonly DeployStep[]> {
  const { values } = deployment;
  await claimBuckets(values, {
    evidence: makeEvidencePort(connection, values.evidenceBucket),
    index: makeIndexPort(connection, values.indexBucket),
  });
  const steps = await planBeyondStacks(deployment, connection);
  for (const step of steps) await applyStep(step, deployment, connection);
  return steps;
}

/** What `deployBeyondStacks` would do now. Touches nothing. */
export const planBeyondStacks = async (
  deployment: Deployment,
  connection: Connection,
): Promise<readonly DeployStep[]> => planDeploy(deployment, await observe(deployment, connection));

async function observe(deployment: Deployment, connection: Connection): Promise<DeployedBeyondStacks> {
  const events = makeEventControl(connection);
  const ours = new Set(deployment.buses.map(({ name }) => name));
  const buses = (await events.buses(deployment.values.prefix)).filter(({ name }) => ours.has(name));
  const schedules = await Promise.all(buses.map(({ name }) => events.schedules(name)));
  return { buses, schedules: schedules.flat(), services: await observeServices(deployment, connection) };
}

async function observeServices(
  { functions, generation }: Deployment,
  connection: Connection,
): Promise<DeployedBeyondStacks['services']> {
  const services = new Map<string, readonly string[]>();
  if (generation === '3.0') return services;
  const port = makeFunctionServices(connection);
  for (const service of new Set(functions.map(({ role }) => role))) {
    const names = await port.functionsIn(service);
    if (names !== undefined) services.set(service, names);
  }
  return services;
}

async function applyStep(step: DeployStep, { functions }: Deployment, connection: Connection): Promise<void> {
  const events = makeEventControl(connection);
  switch (step.kind) {
    case 'createBus':
    case 'updateBus':
      return events[step.kind](step.bus);
    case 'createSchedule':
    case 'updateSchedule':
      return events[step.kind](step.schedule);
    case 'createService': {
      const logs = functions.find(({ role }) => role === step.service)?.logs;
      if (logs === undefined) throw new Error(`no function belongs to service ${step.service}`);
      return makeFunctionServices(connection).createService(step.service, logs);
    }
    case 'createFunction':
    case 'updateFunction':
      return makeFunctionServices(connection)[step.kind](
        step.service,
        step.toDeploy,
        zipBundle(step.toDeploy),
      );
  }
}
