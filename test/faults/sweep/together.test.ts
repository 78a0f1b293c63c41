import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS, isCrossing } from './faults.js';
import { type Together, togetherOf } from './product.js';

const call = fc.record({
  product: fc.constant('Ram'),
  action: fc.constant('GetRole'),
  actor: fc.constantFrom('grant', 'verify', 'activate'),
  about: fc.constant('ROLE'),
});
const tapes = fc.array(call, { minLength: 1, maxLength: 30 });
const planted = tapes.chain((tape) =>
  fc.record({
    tape: fc.constant(tape),
    singles: fc.array(
      fc.record({ fault: fc.constantFrom(...FAULTS), nth: fc.integer({ min: 1, max: tape.length }) }),
      { maxLength: 40 },
    ),
  }),
);
const together: fc.Arbitrary<Together> = fc.record({
  inAll: fc.integer({ min: 1, max: 9 }),
  atOneStep: fc.integer({ min: 1, max: 4 }),
});

describe('faults that are tried together', () => {
  it('are all tried, each once', () => {
    fc.assert(
      fc.property(planted, together, ({ singles, ...reference }, allowed) => {
        const runs = togetherOf(reference, singles, allowed).flat();
        expect(runs).toHaveLength(singles.length);
        expect(new Set(runs)).toEqual(new Set(singles));
      }),
    );
  });

  it('befall no call twice and each step as often as is allowed at most, in the order of their calls', () => {
    fc.assert(
      fc.property(planted, together, ({ singles, ...reference }, allowed) => {
        for (const run of togetherOf(reference, singles, allowed)) {
          const calls = run.map(({ nth }) => nth);
          expect(calls).toEqual([...new Set(calls)].sort((left, right) => left - right));
          expect(run.length).toBeLessThanOrEqual(allowed.inAll);
          const actors = calls.map((nth) => reference.tape[nth - 1]?.actor);
          for (const actor of actors)
            expect(actors.filter((one) => one === actor).length).toBeLessThanOrEqual(allowed.atOneStep);
        }
      }),
    );
  });

  it('come before another event that comes first, of which there is one a run', () => {
    fc.assert(
      fc.property(planted, together, ({ singles, ...reference }, allowed) => {
        for (const run of togetherOf(reference, singles, allowed))
          expect(run.slice(0, -1).filter(({ fault }) => isCrossing(fault))).toEqual([]);
      }),
    );
  });
});
