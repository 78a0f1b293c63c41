/** Timers in the order of their time, those of one time in the order in which they were set. */
export interface Timer {
  readonly at: number;
  readonly serial: number;
  readonly task: () => void | Promise<void>;
  readonly background: boolean;
}

export class TimerQueue {
  /** Latest first, so that the next one is taken from the end. */
  readonly #timers: Timer[] = [];
  #serial = 0;
  #foreground = 0;

  add(at: number, task: Timer['task'], background: boolean): Timer {
    const timer = { at, task, background, serial: this.#serial++ };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    if (!background) this.#foreground += 1;
    return timer;
  }

  /** Of a timer that is no longer there, does nothing. */
  remove(timer: Timer): void {
    const place = this.#placeOf(timer);
    if (this.#timers[place] !== timer) return;
    this.#timers.splice(place, 1);
    if (!timer.background) this.#foreground -= 1;
  }

  get next(): Timer | undefined {
    return this.#timers.at(-1);
  }
  /** Whether one waits that is not in the background. */
  get hasForeground(): boolean {
    return this.#foreground > 0;
  }

  clear(): void {
    this.#timers.length = 0;
    this.#foreground = 0;
  }

  /** Index of the first that is not later than `timer`: its own place, if it is there. */
  #placeOf({ at, serial }: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle] as Timer;
      if (other.at > at || (other.at === at && other.serial > serial)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
