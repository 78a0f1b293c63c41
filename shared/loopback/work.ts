/**
 * Counts the work that keeps time from moving. A piece of work that waits for a piece of its own, or says that it rests, is not
 * counted: of works within works only the innermost are.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** One piece of work, as it sees itself. */
export interface Work {
  /** While it rests it waits for the clock, or for something that is counted elsewhere, and time may move. */
  setResting(isResting: boolean): void;
}

class Piece implements Work {
  /** Absent for work that belongs to no other, or that outlived it. */
  parent: Piece | undefined;
  #children = 0;
  #rests = 0;
  #isOver = false;
  #isResting = false;
  #isCounted = false;

  constructor(
    readonly count: (change: 1 | -1) => void,
    parent: Piece | undefined,
  ) {
    this.parent = parent?.isOver === false ? parent : undefined;
    this.#look();
    this.parent?.adopt(1);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  setResting(isResting: boolean): void {
    this.#isResting = isResting;
    this.#look();
  }
  /** As `setResting`, for waits that may overlap. */
  rest(change: 1 | -1): void {
    this.#rests += change;
    this.#look();
  }
  adopt(change: 1 | -1): void {
    this.#children += change;
    this.#look();
  }
  end(): void {
    this.#isOver = true;
    this.#look();
    this.parent?.adopt(-1);
    this.parent = undefined; // work that starts work that starts work must not be remembered for ever
  }

  #look(): void {
    const counts = !this.#isOver && !this.#isResting && this.#rests === 0 && this.#children === 0;
    if (counts === this.#isCounted) return;
    this.#isCounted = counts;
    this.count(counts ? 1 : -1);
  }
}

/**
 * What the code that asks is part of. One for all counts of the process: Node.js goes through every such storage that was ever used
 * whenever anything is waited for, so that one a cloud makes a process slower with each cloud that was in it.
 */
const current = new AsyncLocalStorage<Piece | undefined>();

export class WorkCount {
  readonly #waiting = new Set<() => void>();
  #counted = 0;

  get isNone(): boolean {
    return this.#counted === 0;
  }

  /** Runs `work` as a piece of its own, within the one it is called from. */
  async run<T>(work: (self: Work) => Promise<T>): Promise<T> {
    const piece = new Piece(this.#count, this.#current);
    try {
      return await current.run(piece, () => work(piece));
    } finally {
      piece.end();
    }
  }

  /** Waits without being counted, inside a piece of work or outside of any. */
  async rest<T>(wait: () => Promise<T>): Promise<T> {
    const piece = this.#current;
    piece?.rest(1);
    try {
      return await wait();
    } finally {
      piece?.rest(-1);
    }
  }

  /** Runs `start` as nobody's work: what it begins is counted for itself. */
  detached<T>(start: () => T): T {
    return current.run(undefined, start);
  }

  /** Resolves with true when nothing is counted, with false after `patienceMs` of host time. */
  none(patienceMs: number): Promise<boolean> {
    if (this.isNone) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (isNone: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(isNone);
      };
      const wake = (): void => settle(true);
      const timer = setTimeout(() => settle(false), patienceMs);
      this.#waiting.add(wake);
    });
  }

  /** The innermost piece of this count; work that another count was asked to do in between is none of it. */
  get #current(): Piece | undefined {
    const piece = current.getStore();
    return piece?.count === this.#count ? piece : undefined;
  }

  readonly #count = (change: 1 | -1): void => {
    this.#counted += change;
    if (this.#counted === 0) for (const wake of this.#waiting) wake();
  };
}
