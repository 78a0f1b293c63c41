import { beforeAll, describe, expect, it } from 'vitest';
import { VERDICTS } from '../../shared/bench/cost-bench.js';
import { benchCrowd, type CrowdFigures } from '../../shared/bench/crowd-bench.js';

/** A tenth of the published rates: thirty partners wait as three hundred do. */
const SHARE = 0.1;
const PARTNERS = 30;

describe.each(['terminated', 'expired'] as const)('a crowd of partners, let in and %s at once', (end) => {
  let figures: CrowdFigures;
  beforeAll(async () => {
    figures = await benchCrowd({ partners: PARTNERS, end, share: SHARE });
  }, 300_000);

  it('is let in, cut and removed about as fast as RAM takes writes', () => {
    const { granted, cut, removed } = figures;
    expect(granted.atBest).toBe(PARTNERS);
    expect(granted.took / granted.atBest).toBeLessThan(1.2);
    expect(cut.atBest).toBe(PARTNERS);
    expect(cut.took / cut.atBest).toBeLessThan(1.1);
    expect(removed.atBest).toBe(2 * PARTNERS);
    expect(removed.took / removed.atBest).toBeLessThan(1.2);
  });
  it('fails nowhere, though many calls were refused for a while', () => {
    expect(figures.failed).toBe(0);
    expect(figures.throttled).toBeGreaterThan(0);
  });
  it('is cut in the order of what each could do, but for those whose turns were next to each other', () => {
    expect(figures.overtaken).toBeLessThanOrEqual(2);
  });
});

describe('a crowd that needs more functions at once than the account may have', () => {
  it('waits for them, and nobody is turned away', async () => {
    // A verdict takes ten seconds, in which its step keeps its instance.
    const crowd = { partners: 12, end: 'terminated', instances: 4, env: VERDICTS } as const;
    const { failed } = await benchCrowd(crowd);
    expect(failed).toBe(0);
  }, 300_000);
});
