import { describe, expect, it } from 'vitest';
import { seeded } from '../../../shared/loopback/eventbridge/readings.js';
import { drawn, flowOf, productOf } from './product.js';
import { run, takeReference } from './run.js';
import { startStage } from './stage.js';

/** `SWEEP_SEED` asks for other ones; `npm run sweep -- 'over meanwhile'` tries every call of every such flow. */
const seed = Number(process.env['SWEEP_SEED'] ?? 1);
const CALLS = 5;

describe.each(['last-onboarding', 'last-renewal', 'last-resumption'])('%s', (name) => {
  it('opens nothing after the lease has ended, at whichever call that happens, and is revoked', async () => {
    console.log(`${name}: SWEEP_SEED=${seed}`);
    const flow = flowOf(name);
    const stage = await startStage(flow);
    try {
      const reference = await takeReference(stage, flow);
      const all = productOf(flow, reference).filter(({ fault }) => fault.name === 'over meanwhile');
      expect(all).toHaveLength(reference.tape.length);
      for (const planted of drawn(all, seeded(seed), CALLS)) {
        const done = await run(stage, flow, [planted], reference);
        expect(done.violations, done.name).toEqual([]);
        expect(done.unmet, done.name).toEqual([]);
      }
    } finally {
      await stage.close();
    }
  }, 120_000);
});
