/**
 * Maps that are never changed: one with an entry more or less shares nearly all with the one it was made of, so that a write costs
 * little however much an account holds. In the order in which entries were added, as any `Map`. For what an account holds by name:
 * a map within an entry is kept with it, and would be written as what it is made of.
 */

/** Changes kept apart from what is shared, at most; beyond that both are made one again. */
const MOST_CHANGES = 128;

const GONE = Symbol('gone');

class SharedMap<K, V> implements ReadonlyMap<K, V> {
  constructor(
    readonly shared: ReadonlyMap<K, V>,
    readonly changes: ReadonlyMap<K, V | typeof GONE>,
    readonly size: number,
  ) {}

  get(key: K): V | undefined {
    const changed = this.changes.get(key);
    if (changed === GONE) return undefined;
    return changed ?? this.shared.get(key);
  }
  has(key: K): boolean {
    return this.get(key) !== undefined;
  }
  *entries(): Generator<[K, V], undefined> {
    for (const [key, value] of this.shared) {
      const changed = this.changes.get(key) ?? value;
      if (changed !== GONE) yield [key, changed];
    }
    for (const [key, value] of this.changes) if (value !== GONE && !this.shared.has(key)) yield [key, value];
  }
  *keys(): Generator<K, undefined> {
    for (const [key] of this.entries()) yield key;
  }
  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }
  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }
  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}

/** `map` with one entry set. A value is never `undefined`. */
export function withEntry<K, V extends NonNullable<unknown>>(
  map: ReadonlyMap<K, V>,
  key: K,
  value: V,
): ReadonlyMap<K, V> {
  const { shared, changes } = layersOf(map);
  // One that was there before, and is set again, goes to the end.
  if (changes.get(key) === GONE) return new Map(map).set(key, value);
  return settled(shared, new Map(changes).set(key, value), map.size + (map.has(key) ? 0 : 1));
}

export function withoutEntry<K, V extends NonNullable<unknown>>(
  map: ReadonlyMap<K, V>,
  key: K,
): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const { shared, changes } = layersOf(map);
  const left = new Map(changes);
  if (shared.has(key)) left.set(key, GONE);
  else left.delete(key);
  return settled(shared, left, map.size - 1);
}

/** Keys under which the two differ, as far as that is known without looking at all of both: some may be the same. */
export function keysChanged<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>): Iterable<K> {
  if (before === after) return [];
  const [old, now] = [layersOf(before), layersOf(after)];
  return old.shared === now.shared
    ? new Set([...old.changes.keys(), ...now.changes.keys()])
    : new Set([...before.keys(), ...after.keys()]);
}

function layersOf<K, V>(map: ReadonlyMap<K, V>) {
  return map instanceof SharedMap
    ? (map as SharedMap<K, V>)
    : { shared: map, changes: new Map<K, V | typeof GONE>() };
}

function settled<K, V>(
  shared: ReadonlyMap<K, V>,
  changes: ReadonlyMap<K, V | typeof GONE>,
  size: number,
): ReadonlyMap<K, V> {
  const map = new SharedMap(shared, changes, size);
  return changes.size > MOST_CHANGES ? new Map(map) : map;
}
