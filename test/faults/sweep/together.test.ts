import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS, isCrossing, type TapedCall } from './faults.js';
import { togetherOf } from './product.js';
import type { Planted } from './run.js';

const tapes = fc.array(
  fc
    .constantFrom('grant', 'verify', 'activate')
    .map((actor): TapedCall => ({ product: 'Ram', action: 'GetRole', actor })),
  { minLength: 1, maxLength: 30 },
);
const planted = tapes.chain((tape) =>
  fc.record({
    tape: fc.constant(tape),
    singles: fc.array(
      fc.record({ fault: fc.constantFrom(...FAULTS), nth: fc.integer({ min: 1, max: tape.length }) }),
      { maxLength: 40 },
    ),
  }),
);
const runsOf = ({
  tape,
  singles,
}: {
  readonly tape: readonly TapedCall[];
  readonly singles: readonly Planted[];
}) => togetherOf({ tape, end: '', endsWithNext: async () => [] }, singles);

describe('faults that are tried together', () => {
  it('are all tried, each once', () => {
    fc.assert(
      fc.property(planted, (given) => {
        const runs = runsOf(given).flat();
        expect(runs).toHaveLength(given.singles.length);
        expect(new Set(runs)).toEqual(new Set(given.singles));
      }),
    );
  });

  it('befall each step once at most, in the order of their calls', () => {
    fc.assert(
      fc.property(planted, (given) => {
        for (const run of runsOf(given)) {
          const actors = run.map(({ nth }) => given.tape[nth - 1]?.actor);
          expect(new Set(actors).size).toBe(run.length);
          expect(run).toEqual(run.toSorted((left, right) => left.nth - right.nth));
        }
      }),
    );
  });

  it('are not tried with another event that comes first', () => {
    fc.assert(
      fc.property(planted, (given) => {
        for (const run of runsOf(given))
          if (run.some(({ fault }) => isCrossing(fault))) expect(run).toHaveLength(1);
      }),
    );
  });
});
