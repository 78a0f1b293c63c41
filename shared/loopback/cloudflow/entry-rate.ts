/** The account's limit on entering states: a bucket that fills again with time. Source: CloudFlow "Limits". */

export interface EntryLimit {
  /** Entries a second in the long run; published: 100. */
  readonly perSecond: number;
  /** Entries at once when none was made for a while; published: 100. */
  readonly burst: number;
}

export const PUBLISHED_ENTRIES: EntryLimit = { perSecond: 100, burst: 100 };

export class EntryRate {
  #left: number;
  #filledAt: number;

  constructor(
    private readonly limit: EntryLimit,
    now: number,
  ) {
    this.#left = limit.burst;
    this.#filledAt = now;
  }

  /** Takes one entry at `now` (epoch ms); returns the milliseconds until it may be made. Those who come first go first. */
  take(now: number): number {
    const { perSecond, burst } = this.limit;
    this.#left = Math.min(burst, this.#left + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    this.#left -= 1;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / perSecond) * 1000);
  }
}
