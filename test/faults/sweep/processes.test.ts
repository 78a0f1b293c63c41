import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../../../shared/loopback/eventbridge/readings.js';
import { FLOWS } from './flows.js';
import { productOf } from './product.js';
import { run, takeReference } from './run.js';
import { type Stage, startStage } from './stage.js';

const KILLS = 2;
const seed = Number(process.env['SWEEP_SEED'] ?? 1);

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({}, 'processes');
});
afterAll(() => stage?.close());

describe.each(['onboarding', 'revocation'])('%s in processes as they are deployed', (name) => {
  it('keeps every promise and ends alike when one is killed', async () => {
    console.log(`kills of ${name}: SWEEP_SEED=${seed}`);
    const flow = FLOWS.find((one) => one.name === name)!;
    const reference = await takeReference(stage, flow);
    const draw = seeded(seed);
    const kills = productOf(flow, reference).filter(({ fault }) => fault.name.startsWith('killed'));
    expect(kills.length).toBeGreaterThan(KILLS);
    for (let n = 0; n < KILLS; n++) {
      const done = await run(stage, flow, [kills[Math.floor(draw() * kills.length)]!], reference);
      expect(done.violations, done.name).toEqual([]);
    }
  }, 300_000);
});
