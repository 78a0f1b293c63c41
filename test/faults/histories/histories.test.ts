import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvedBy, BOSS, newSigner } from '../../support/approvers.js';
import { letIn, startStage } from '../sweep/stage.js';
import { history, KEPT, LONGEST_UNASKED, OTHER_PARTNER } from './history.js';
import { live, type SignedStage } from './life.js';

/** `HISTORIES` asks for more, `HISTORIES_SEED` for others: every change is tried by the same ones. */
const numRuns = Number(process.env['HISTORIES'] ?? 30);
const seed = Number(process.env['HISTORIES_SEED'] ?? 1);

let stage: SignedStage;
beforeAll(async () => {
  const signer = await newSigner(BOSS);
  const env = {
    ...approvedBy([signer]),
    LEASEHOLD_AUTO_APPROVAL: JSON.stringify({
      maxLeaseSeconds: LONGEST_UNASKED / 1000,
      allowSystemPolicies: false,
      allowUnavoidablyWider: true,
    }),
    LEASEHOLD_ON_DRIFT: 'heal',
  };
  // Its getters are the first stage's own.
  stage = Object.assign(await startStage({ env }), { signer });
  await letIn(stage.world, OTHER_PARTNER);
});
afterAll(() => stage?.close());

describe('contracts of several partners over the same resources', () => {
  it('give at every moment what a model of twenty lines says, whatever happens and goes wrong', async () => {
    console.log(`histories: HISTORIES_SEED=${seed}`);
    await fc.assert(
      fc.asyncProperty(history, async (happenings) => {
        expect(await live(stage, happenings)).toEqual([]);
      }),
      { numRuns: numRuns + KEPT.length, seed, examples: KEPT.map((one) => [[...one]]) },
    );
  }, 3_600_000);
});
