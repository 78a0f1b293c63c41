import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../../../shared/loopback/eventbridge/readings.js';
import { FLOWS } from './flows.js';
import { drawn, processRunsOf } from './product.js';
import { run, takeReference } from './run.js';
import { type Stage, startStage } from './stage.js';

const seed = Number(process.env['SWEEP_SEED'] ?? 1);
/** Of the kills, and of the other faults. `SWEEP_RUNNER=processes npm run sweep` tries every kill of every flow. */
const EACH = 2;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({}, 'processes');
});
afterAll(() => stage?.close());

describe.each(['onboarding', 'revocation'])('%s in processes as they are deployed', (name) => {
  it('keeps every promise and ends alike when one is killed, and when something else goes wrong', async () => {
    console.log(`processes of ${name}: SWEEP_SEED=${seed}`);
    const flow = FLOWS.find((one) => one.name === name)!;
    const reference = await takeReference(stage, flow);
    const all = processRunsOf(flow, reference, { seed, others: EACH });
    const [kills, others] = [all.slice(0, -EACH), all.slice(-EACH)];
    expect(kills.length).toBeGreaterThan(reference.tape.length / 2);
    for (const planted of [...drawn(kills, seeded(seed), EACH), ...others]) {
      const done = await run(stage, flow, [planted], reference);
      expect(done.violations, done.name).toEqual([]);
    }
  }, 300_000);
});
