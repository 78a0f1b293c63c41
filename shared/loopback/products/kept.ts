/** State of the products beyond their seed; it outlives the process where the cloud is given a folder. */
import type { Table } from '../keep/keeper.js';
import type { InstancePlace } from './logons.js';

/** A map of plain values. */
export class KeptMap<T> {
  readonly #entries: Map<string, T>;
  constructor(private readonly table: Table<T>) {
    this.#entries = new Map(table.entries);
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }
  values(): readonly T[] {
    return [...this.#entries.values()];
  }
  set(key: string, value: T): void {
    this.#entries.set(key, value);
    this.table.put(key, value);
  }
  delete(key: string): void {
    this.#entries.delete(key);
    this.table.remove(key);
  }
}

/** What is kept of each instance, made when it is first asked for. */
export class PerInstance<T> {
  readonly #kept: KeptMap<T>;
  constructor(
    table: Table<T>,
    private readonly make: () => T,
  ) {
    this.#kept = new KeptMap(table);
  }

  of(place: InstancePlace): T {
    const kept = this.#kept.get(keyOf(place));
    if (kept !== undefined) return kept;
    const made = this.make();
    this.set(place, made);
    return made;
  }
  set(place: InstancePlace, value: T): void {
    this.#kept.set(keyOf(place), value);
  }
}

const keyOf = ({ accountId, region, instanceId }: InstancePlace): string =>
  `${accountId}/${region}/${instanceId}`;
