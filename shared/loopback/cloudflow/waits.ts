/**
 * What one execution waited for and what came of it, kept as it happens: enough to run the execution again, after the process
 * ended, to where it was. Everything else about a run follows from its definition, its input and this.
 */
import type { Table } from '../keep/keeper.js';
import type { CloudClock } from '../kernel.js';
import { StateError } from './state-error.js';

type Outcome =
  | { readonly value: unknown }
  | { readonly error: { readonly code: string; readonly detail: string; readonly endsExecution: boolean } };

/** One end of a wait, as it is kept. */
export interface KeptWait {
  readonly wait: string;
  /** Epoch ms. */
  readonly at: number;
  readonly outcome: Outcome;
}

/** Begins what is waited for. `since`: when the execution came to it, epoch ms, also if that was in another process. */
type Begin = (since: number, isResumed: boolean) => Promise<unknown>;

interface Parked {
  readonly begin: () => void;
  readonly settle: (outcome: Outcome) => void;
}

export class Waits {
  readonly #keptBefore: readonly KeptWait[];
  readonly #parked = new Map<string, Parked>();
  #kept = 0;
  /** Of the moment that is run again; `undefined` once the run is where it was. */
  #replayedAt: number | undefined;

  constructor(
    private readonly clock: CloudClock,
    private readonly table: Table<KeptWait>,
    private readonly execution: string,
    startedAt?: number,
  ) {
    const kept: KeptWait[] = [];
    for (;;) {
      const one = table.entries.get(this.#keyOf(kept.length + 1));
      if (one === undefined) break;
      kept.push(one);
    }
    this.#keptBefore = kept;
    this.#kept = kept.length;
    this.#replayedAt = startedAt;
  }

  now(): number {
    return this.#replayedAt ?? this.clock.now();
  }
  get isReplaying(): boolean {
    return this.#replayedAt !== undefined;
  }
  /** Whether a wait of that name was over before. */
  knows(wait: string): boolean {
    return this.#keptBefore.some((one) => one.wait === wait);
  }

  /** Waits for what `begin` begins, or for what came of it before. `wait` is the same whenever the execution is run. */
  run(wait: string, begin: Begin): Promise<unknown> {
    if (!this.isReplaying) return this.#keeping(wait, begin(this.clock.now(), false));
    const since = this.now();
    return new Promise((resolve, reject) => {
      this.#parked.set(wait, {
        begin: () => this.#keeping(wait, begin(since, true)).then(resolve, reject),
        settle: (outcome) => {
          if ('value' in outcome) resolve(outcome.value);
          else {
            const { code, detail, endsExecution } = outcome.error;
            reject(new StateError(code, detail, endsExecution));
          }
        },
      });
    });
  }

  /** Notes that something happened that is not waited for, such as that a call was made whose answer comes later. */
  note(wait: string): void {
    if (!this.isReplaying) this.#keep(wait, { value: null });
  }

  /** To be called while the execution runs: takes it to where it was, and on. */
  async replay(): Promise<void> {
    for (const { wait, at, outcome } of this.#keptBefore) {
      await turn();
      this.#replayedAt = at;
      this.#parked.get(wait)?.settle(outcome);
      this.#parked.delete(wait);
    }
    await turn();
    this.#replayedAt = undefined;
    for (const { begin } of this.#parked.values()) begin();
    this.#parked.clear();
  }

  /** The execution is over: how it got there is no longer needed. */
  forget(): void {
    for (let n = 1; n <= this.#kept; n++) this.table.remove(this.#keyOf(n));
  }

  async #keeping(wait: string, work: Promise<unknown>): Promise<unknown> {
    try {
      const value = await work;
      this.#keep(wait, { value });
      return value;
    } catch (error) {
      // A halt is no outcome: whatever halts the execution is kept itself, or happens again.
      if (error instanceof StateError) {
        const { code, detail, endsExecution } = error;
        this.#keep(wait, { error: { code, detail, endsExecution } });
      }
      throw error;
    }
  }

  #keep(wait: string, outcome: Outcome): void {
    this.table.put(this.#keyOf(++this.#kept), { wait, at: this.clock.now(), outcome });
  }
  #keyOf(n: number): string {
    return `${this.execution}#${n}`;
  }
}

/** The interpreter goes on in promises only, so by the next turn it has come to its next waits. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
