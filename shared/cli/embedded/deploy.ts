/** Deploys into the embedded cloud what `s.yaml` says, in its order: what `s deploy` does in an account. */
import type { Connection } from '../../cloud/alibaba/connection.js';
import { deployFlow, deployFunction } from '../../cloud/alibaba/deployer.js';
import { applyTemplate } from '../../cloud/alibaba/stacks.js';
import type { Deployment, DeploymentStep } from '../../domain/deployment.js';
import { deployBeyondStacks } from '../deploy-beyond-stacks.js';
import { zipBundle } from './bundles.js';

/** May run twice: what exists already is changed to what it should be. */
export async function deployAll(deployment: Deployment, connection: Connection): Promise<void> {
  for (const together of inGroups(deployment.steps))
    await Promise.all(together.map((step) => carryOut(step, deployment, connection)));
}

async function carryOut(step: DeploymentStep, deployment: Deployment, connection: Connection): Promise<void> {
  switch (step.kind) {
    case 'stack':
      return applyTemplate(step.toDeploy.template, connection);
    case 'function':
      return deployFunction(step.toDeploy, zipBundle(step.toDeploy), connection);
    case 'flow':
      return deployFlow(step.toDeploy, connection);
    case 'command':
      return runCommand(step.run, deployment, connection);
  }
}

/**
 * The commands of ours that are actions; here what they would render is in `deployment` already. The embedded cloud has no CloudMonitor,
 * so that alarms are left out.
 */
async function runCommand(run: string, deployment: Deployment, connection: Connection): Promise<void> {
  const [, command] = /^node dist\/cli\/leasehold\.js (\w+)\b/.exec(run) ?? [];
  if (command === 'render' || command === 'alarms') return;
  if (command !== 'deploy') throw new Error(`s.yaml runs "${run}", which this deployment does not know`);
  await deployBeyondStacks(deployment, connection);
}

/** Functions, and flows, are made side by side; everything else waits for what stands above it. */
function inGroups(steps: readonly DeploymentStep[]): readonly (readonly DeploymentStep[])[] {
  const groups: DeploymentStep[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    const joins = (step.kind === 'function' || step.kind === 'flow') && last?.[0]?.kind === step.kind;
    if (joins) last.push(step);
    else groups.push([step]);
  }
  return groups;
}
