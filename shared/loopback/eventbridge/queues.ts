import type { Home } from './target-types.js';

/** In-memory queues that stand in for the message service (MNS): written to by targets and dead letters, read by tests. */
export class Queues {
  readonly #messages = new Map<string, string[]>();

  send({ accountId, region }: Home, name: string, body: string): void {
    const key = `${accountId}/${region}/${name}`;
    const messages = this.#messages.get(key) ?? [];
    messages.push(body);
    this.#messages.set(key, messages);
  }

  read({ accountId, region }: Home, name: string): readonly string[] {
    return this.#messages.get(`${accountId}/${region}/${name}`) ?? [];
  }
}
