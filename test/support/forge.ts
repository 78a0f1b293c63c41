import { appendFact } from '../../shared/app/register/register.js';
import { systemChance } from '../../shared/cloud/alibaba/system.js';
import type { NewFact } from '../../shared/domain/fact.js';
import { type Instant, instantOf } from '../../shared/domain/values.js';
import type { World } from './world.js';

/** As somebody would who has got hold of the keys of a function: right in sequence, right in hash, and at whatever hour he says. */
export async function forge(
  world: World,
  contractId: string,
  fact: NewFact,
  at: Instant = instantOf(world.clock.now()),
): Promise<void> {
  const { outcome } = await appendFact(await world.contract(contractId), fact, 'admit-request', {
    evidence: world.evidence(),
    clock: { now: () => at, ticks: () => 0, sleep: async () => undefined },
    chance: systemChance,
    trail: { calls: () => [], recorded: () => undefined },
  });
  if (outcome !== 'appended') throw new Error(`the register of ${contractId} did not take ${fact.kind}`);
}
