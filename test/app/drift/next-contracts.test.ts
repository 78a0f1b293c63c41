import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeTurn } from '../../../shared/app/drift/next-contracts.js';
import { DRIFT_PAGE } from '../../../shared/app/pages.js';

const keysOf = (count: number) =>
  Array.from({ length: count }, (_, n) => `grantees/1/C-${String(n).padStart(6, '0')}`);

/** One hourly execution: pages until it owes no more. */
function execution(keys: readonly string[], from: string) {
  let [cursor, looked, pages] = [from, 0, 0];
  const seen: string[] = [];
  for (let isMore = true; isMore; pages++) {
    const turn = takeTurn(keys, cursor, looked);
    expect(turn.page.length).toBeLessThanOrEqual(DRIFT_PAGE);
    seen.push(...turn.page);
    ({ cursor, isMore } = turn);
    looked += turn.page.length;
  }
  return { cursor, seen, pages };
}

describe('whose turn it is', () => {
  it('comes to everybody within 24 hourly executions, however many there are, from wherever it stood', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12_000 }), fc.nat({ max: 12_000 }), (count, start) => {
        const keys = keysOf(count);
        const seen = new Set<string>();
        let cursor = `grantees/1/C-${String(start).padStart(6, '0')}`;
        for (let hour = 0; hour < 24; hour++) {
          const one = execution(keys, cursor);
          cursor = one.cursor;
          expect(new Set(one.seen).size).toBe(one.seen.length);
          for (const key of one.seen) seen.add(key);
        }
        expect(seen.size).toBe(count);
      }),
      { numRuns: 20 },
    );
  });

  it('comes to 200 an hour as long as that is enough, a page at a time', () => {
    const looked = (count: number) => execution(keysOf(count), '').seen.length;
    expect([200, 1_000, 4_000, 4_001, 12_000].map(looked)).toEqual([200, 200, 200, 201, 600]);
    expect(execution(keysOf(1_000), '').pages).toBe(Math.ceil(200 / DRIFT_PAGE));
  });

  it('comes to all of a few in every execution', () => {
    expect(execution(keysOf(7), 'grantees/1/C-000003').seen.sort()).toEqual(keysOf(7));
    expect(takeTurn([], 'anything', 0)).toEqual({ page: [], cursor: 'anything', isMore: false });
  });

  it('goes on where it stood when whoever stood there has gone, and at the beginning after the last', () => {
    expect(takeTurn(['a', 'c', 'd'], 'b', 0).page[0]).toBe('c');
    expect(takeTurn(['a', 'c', 'd'], 'z', 0).page[0]).toBe('a');
  });
});
