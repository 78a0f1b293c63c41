import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const MINUTE = 60_000;

describe('an end that is refused for hours', () => {
  it('is tried by a few executions, and done when it is refused no more', async () => {
    await world.onboard('O-1');
    await world.hear('O-1', 'granted');
    /** A start under a name that is taken starts nothing. */
    const names = new Set<string>();
    const untap = world.cloud.cloud.faults.add({
      before: ({ action }) =>
        action === 'AttachPolicyToRole'
          ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
          : undefined,
      after: ({ action, params }, { code }) => {
        if (
          action === 'StartExecution' &&
          params['FlowName'] === 'leasehold-revocation' &&
          code === undefined
        )
          names.add(params['ExecutionName'] ?? '');
      },
    });
    await world.terminate('O-1');
    const due: number[] = [];
    for (let minute = 0; minute < 90; minute++) {
      await world.jumpTo(world.clock.now() + MINUTE);
      due.push(
        world
          .objectKeys(world.cloud.config.indexBucket, 'due/')
          .filter((key) => key.endsWith('/O-1/progress')).length,
      );
    }
    untap();
    // One at once, then one in each quarter of an hour.
    expect(names.size).toBeLessThanOrEqual(8);
    expect(Math.max(...due)).toBeLessThanOrEqual(6);
    await world.jumpTo(world.clock.now() + 15 * MINUTE);
    await world.hear('O-1', 'revoked');
  });
});
