import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysChanged, withEntry, withoutEntry } from '../../shared/loopback/identity/shared-map.js';

/** More keys than changes are kept apart for. */
const MOST = 300;

type Shared = ReadonlyMap<number, string>;
interface Change {
  readonly key: number;
  /** Absent: the entry goes. */
  readonly value: string | undefined;
}
const change = fc.record<Change>({
  key: fc.integer({ min: 0, max: MOST }),
  value: fc.option(fc.string(), { nil: undefined }),
});
/** Histories this long take minutes to shrink. */
const ONCE = { endOnFailure: true };
const many = fc.array(change, { maxLength: 600, size: 'max' });
const made = (map: Shared, { key, value }: Change): Shared =>
  value === undefined ? withoutEntry(map, key) : withEntry(map, key, value);
function plain(map: Shared, { key, value }: Change): Shared {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

describe('a map that shares with the one it was made of', () => {
  it('holds what any map would after any changes, in the same order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: MOST })), many, (keys, changes) => {
        const start = new Map(keys.map((key) => [key, 'at first']));
        const shared = changes.reduce(made, start);
        const copied = changes.reduce(plain, start);
        expect([...shared]).toEqual([...copied]);
        expect([shared.size, [...shared.keys()], [...shared.values()]]).toEqual([
          copied.size,
          [...copied.keys()],
          [...copied.values()],
        ]);
        for (let key = 0; key <= MOST; key++)
          expect([shared.has(key), shared.get(key)]).toEqual([copied.has(key), copied.get(key)]);
      }),
      ONCE,
    );
  });

  it('leaves the one it was made of as it was', () => {
    fc.assert(
      fc.property(many, change, (changes, last) => {
        const before = changes.reduce(made, new Map<number, string>() as Shared);
        const entries = [...before];
        made(before, last);
        expect([...before]).toEqual(entries);
      }),
      ONCE,
    );
  });

  it('names at least the keys under which the two differ', () => {
    fc.assert(
      fc.property(many, many, (first, then) => {
        const before = first.reduce(made, new Map<number, string>() as Shared);
        const after = then.reduce(made, before);
        const named = [...keysChanged(before, after)];
        for (let key = 0; key <= MOST; key++)
          if (before.get(key) !== after.get(key)) expect(named).toContain(key);
      }),
      ONCE,
    );
  });
});
