import { afterEach, describe, expect, it } from 'vitest';
import { failing, throttled } from '../../shared/loopback/dispatch.js';
import { suspend } from '../support/changes.js';
import { deployOver } from '../support/redeploy.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
afterEach(() => world?.cloud.close());

const toldOf = (id: string): readonly string[] =>
  world.outbox.heard.filter(({ subject }) => subject === id).map(({ type }) => type.split('.').at(-1) ?? '');

describe.each(['3.0', '2.0'])('a step of Function Compute %s', (generation) => {
  it('that the cloud refuses for now is tried again, and one that fails for good is told by its class', async () => {
    world = await startWorld({ runner: 'in-process', env: { LEASEHOLD_FUNCTION_COMPUTE: generation } });
    // A burst of writes may be answered so; the flow waits and tries again.
    const denied = { ...throttled, status: 403, code: 'NoPermission' };
    const stop = world.cloud.cloud.faults.add(failing({ action: 'CreateRole', nth: 1 }, denied));
    await world.onboard('G-busy');
    expect((await world.hear('G-busy', 'granted', 'failed')).type).toBe('partner.access.granted');
    stop();
    world.cloud.cloud.faults.add(failing({ action: 'CreateRole' }, denied));
    await world.onboard('G-denied');
    expect((await world.hear('G-denied', 'granted', 'failed')).data).toMatchObject({
      step: 'GrantAccess',
      code: 'DeniedError',
      reason: expect.stringContaining('NoPermission'),
    });
  }, 60_000);
});

describe.each([
  ['3.0', '2.0'],
  ['2.0', '3.0'],
])('while functions of Function Compute %s give way to those of %s', (from, to) => {
  it.each(['before functions', 'after flows'] as const)(
    'what is asked for %s is carried out',
    async (at) => {
      world = await startWorld({ runner: 'in-process', env: { LEASEHOLD_FUNCTION_COMPUTE: from } });
      for (const id of ['G-end', 'G-stop']) {
        await world.onboard(id);
        await world.hear(id, 'granted');
      }
      await world.calm();
      const during = async (): Promise<void> => {
        await world.terminate('G-end');
        await suspend(world, 'G-stop', 'incident');
        await world.onboard('G-new');
        await world.clock.advance(60_000);
      };
      await deployOver(world, { LEASEHOLD_FUNCTION_COMPUTE: to }, { at, during });
      await world.settle();
      expect([toldOf('G-end'), toldOf('G-stop'), toldOf('G-new')]).toEqual([
        ['granted', 'revoked'],
        ['granted', 'suspended'],
        ['granted'],
      ]);
    },
    60_000,
  );
});
