import type { Keeper, Table } from '../keep/keeper.js';
import type { Home } from './target-types.js';

/** Queues that stand in for the message service (MNS): written to by targets and dead letters, read by tests. */
export class Queues {
  readonly #messages = new Map<string, string[]>();
  readonly #kept: Table<string>;

  constructor(keeper: Keeper) {
    this.#kept = keeper.table('eventbridge/queues');
    for (const [place, body] of this.#kept.entries) this.#add(place.slice(0, place.lastIndexOf('#')), body);
  }

  send({ accountId, region }: Home, name: string, body: string): void {
    const key = `${accountId}/${region}/${name}`;
    this.#kept.put(`${key}#${this.#add(key, body)}`, body);
  }

  read({ accountId, region }: Home, name: string): readonly string[] {
    return this.#messages.get(`${accountId}/${region}/${name}`) ?? [];
  }

  /** Returns how many there are then. */
  #add(key: string, body: string): number {
    const messages = this.#messages.get(key) ?? [];
    this.#messages.set(key, messages);
    return messages.push(body);
  }
}
