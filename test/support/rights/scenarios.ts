/** What Leasehold does, each in few steps that fail when a right is missing. Together they need every right it has. */
import { sampleSeed, withResources } from '../../../shared/loopback/products/seed.js';
import { approvedBy, type Signer } from '../approvers.js';
import { letUsIn } from '../managed.js';
import { OWNER } from '../requests.js';
import { LETS_ALL_THROUGH, openInbox } from '../side-doors.js';
import { startWorld, type World } from '../world.js';
import { accessScenarios } from './access.js';
import { driftScenarios } from './drift.js';
import { granteeScenarios } from './grantees.js';
import { sideDoorScenarios } from './side-doors.js';
import { IN_A_GROUP, type Scenario } from './steps.js';

/** A world for scenarios in which `boss` approves; the partner has let Leasehold in. */
export async function worldOf(boss: Signer, onDrift: 'heal' | 'suspend'): Promise<World> {
  const world = await startWorld({
    runner: 'in-process',
    env: {
      ...approvedBy([boss]),
      ...LETS_ALL_THROUGH,
      LEASEHOLD_ON_DRIFT: onDrift,
      // What is refused for want of a right is refused at once; nothing here is worth waiting for.
      LEASEHOLD_VERDICT_PATIENCE_SECONDS: '0.2',
    },
    seed: withResources(sampleSeed(OWNER), OWNER, [IN_A_GROUP]),
  });
  await letUsIn(world);
  await openInbox(world);
  return world;
}

/** Where drift is healed. */
export const scenariosWith = (boss: Signer): Readonly<Record<string, Scenario>> => ({
  ...accessScenarios(boss),
  ...sideDoorScenarios,
  ...driftScenarios,
  ...granteeScenarios,
});

export { scenariosOfSuspending } from './drift.js';
