/**
 * What every change is tried by: a fault at every call of the plain flows, and at every kind of call of what they come with, several in
 * one run. `npm run sweep` tries every fault at every call by itself.
 */
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Flow } from './flow.js';
import { FLOWS } from './flows.js';
import { kindOf, pairsOf, sampleOf, TOGETHER, type Together, togetherOf } from './product.js';
import { type Planted, run, takeReference } from './run.js';
import { type Stage, startStage } from './stage.js';

/** How many faults befall a run, and in the end one alone. */
const ROUNDS: readonly Together[] = [TOGETHER, { inAll: 3, atOneStep: 1 }, { inAll: 1, atOneStep: 1 }];
/** Pairs of faults a flow. */
const PAIRS = 1;
/** `SWEEP_SEED` asks for other ones; every change is tried by the same. */
const seed = Number(process.env['SWEEP_SEED'] ?? 1);

/** How many files the flows are shared among, to be tried beside each other: those that are there. */
const FILES = readdirSync(import.meta.dirname).filter((name) => /^sweep-\d+\.test\.ts$/.test(name)).length;

/** Tests of every flow of the file numbered `file`, from 1. */
export function trySomeFlows(file: number): void {
  afterAll(async () => {
    await (await usual)?.close();
    usual = undefined;
  });
  describe.each(FLOWS.filter((_, index) => index % FILES === file - 1))('$name', (flow) => {
    it(
      'keeps every promise and ends alike, whichever call goes wrong',
      () => expectNoViolations(flow),
      600_000,
    );
  });
}

/** Flows that want nothing of their own are tried in one world, each contract by itself. */
let usual: Promise<Stage> | undefined;
const hasOwnStage = ({ env, stage }: Flow): boolean => env !== undefined || stage !== undefined;

/** What fails is told by the name that `npm run sweep -- <name>` replays. */
export async function expectNoViolations(flow: Flow): Promise<void> {
  console.log(`sweep ${flow.name}: SWEEP_SEED=${seed}`);
  if (!hasOwnStage(flow)) usual ??= startStage();
  const stage = await (hasOwnStage(flow) ? startStage(flow) : usual);
  if (stage === undefined) throw new Error('the usual stage was closed while it was in use');
  try {
    const reference = await takeReference(stage, flow);
    expect(reference.tape.length).toBeGreaterThan(0);
    const all = sampleOf(flow, reference, { seed });
    const kind = (nth: number): string => kindOf(flow, reference, nth);
    expect(new Set(all.map(({ nth }) => kind(nth)))).toEqual(
      new Set(reference.tape.map((_, index) => kind(index + 1))),
    );
    const violated: string[] = [];
    const tryRun = async (planted: readonly Planted[]): Promise<readonly Planted[]> => {
      const { name, violations, told, unmet } = await run(stage, flow, planted, reference);
      if (violations.length > 0) violated.push(`${name}: ${violations.join('; ')} (${told.join(', ')})`);
      return unmet;
    };
    // Whose calls never came after other faults is tried again with fewer of them.
    let left = all;
    for (const allowed of ROUNDS) {
      const unmet: Planted[] = [];
      for (const planted of togetherOf(reference, left, allowed)) unmet.push(...(await tryRun(planted)));
      left = unmet;
    }
    for (const pair of pairsOf(flow, reference, { seed, count: PAIRS })) await tryRun(pair);
    expect(violated).toEqual([]);
  } finally {
    if (hasOwnStage(flow)) await stage.close();
  }
}
