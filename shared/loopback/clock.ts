/**
 * Time of the embedded cloud. One implementation, three ways to use it: real (follows the host), flowing (host time plus an
 * offset that jumps) and frozen (moves only when told, for tests). Timers fire in order of their time, one after the other,
 * and each is given the chance to finish, with the work it started, before time moves on.
 */
import type { CloudClock, CloudTimer, TimerOptions } from './kernel.js';
import { type Timer, TimerQueue } from './timers.js';
import { type Work, WorkCount } from './work.js';

export interface VirtualClockOptions {
  /** Epoch ms at which the clock starts. Default: host time. */
  readonly startAt?: number;
  /** `true`: time also passes by itself, as fast as the host's. Default `false`: it stands still between moves. */
  readonly flowing?: boolean;
  /** Host milliseconds a move waits for work in progress before it gives up with an error. Default 120,000. */
  readonly patienceMs?: number;
}

export interface RunnableClock extends CloudClock {
  /** True when time passes by itself. */
  readonly isFlowing: boolean;
  /**
   * Counts `work` as the cloud being busy until it settles: time does not jump meanwhile. Work that waits for work which it began
   * counts once, and not while that rests.
   */
  busy<T>(work: (self: Work) => Promise<T>): Promise<T>;
  /** Resolves when no work is in progress. Rejects after `patienceMs` of host time. */
  settled(): Promise<void>;
  /** Drops all timers; a closed clock fires nothing more. */
  close(): void;
}

export interface VirtualClock extends RunnableClock {
  /** Moves by `ms`; see `jumpTo`. */
  advance(ms: number): Promise<void>;
  /** Moves to `epochMs` and fires what is due on the way, in order. A time in the past only fires what is due. */
  jumpTo(epochMs: number): Promise<void>;
  /**
   * Whenever nothing is busy, jumps to the next timer, until none is left before `until` (epoch ms; default: no bound).
   * Background timers alone do not keep it going. With `isDone` it ends, at the time it is, as soon as that is true and nothing
   * is busy.
   */
  runUntilIdle(options?: { readonly until?: number; readonly isDone?: () => boolean }): Promise<void>;
}

/** Time of the host. */
export function makeRealClock(): RunnableClock {
  return new Timeline(Date.now(), true, 120_000);
}

export function makeVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new Timeline(options.startAt ?? Date.now(), options.flowing ?? false, options.patienceMs ?? 120_000);
}

/** Longest delay that Node.js timers take; longer waits are taken in hops. */
const MAX_HOP_MS = 2_147_483_647;
/**
 * Turns of the event loop without work after which the cloud is idle: one piece of work often starts the next a moment after it
 * ended, and bytes between a function and the cloud are on their way for a turn or two.
 */
const QUIET_TURNS = 4;

class Timeline implements VirtualClock {
  headingFor: number | undefined;
  #offset: number;
  /** Set while time stands still: always when frozen, during a move when flowing. */
  #pinned: number | undefined;
  readonly #timers = new TimerQueue();
  readonly #work = new WorkCount();
  #closed = false;
  #hostTimer: NodeJS.Timeout | undefined;
  #moves: Promise<void> = Promise.resolve();

  constructor(
    startAt: number,
    readonly isFlowing: boolean,
    private readonly patienceMs: number,
  ) {
    this.#offset = startAt - Date.now();
    this.#pinned = isFlowing ? undefined : startAt;
  }

  now(): number {
    return this.#pinned ?? Date.now() + this.#offset;
  }

  at(at: number, task: () => void | Promise<void>, options: TimerOptions = {}): CloudTimer {
    if (this.#closed) return { cancel: () => undefined };
    const timer = this.#timers.add(at, task, options.background ?? false);
    if (this.#timers.next === timer) this.#arm();
    return { cancel: () => this.#timers.remove(timer) };
  }

  sleep(ms: number): Promise<void> {
    return this.rest(() => new Promise((resolve) => this.at(this.now() + ms, resolve)));
  }

  busy<T>(work: (self: Work) => Promise<T>): Promise<T> {
    return this.#work.run(work);
  }

  rest<T>(wait: () => Promise<T>): Promise<T> {
    return this.#work.rest(wait);
  }

  async settled(): Promise<void> {
    const patientUntil = Date.now() + this.patienceMs;
    for (let quietTurns = 0; quietTurns < QUIET_TURNS; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = this.#work.isNone ? quietTurns + 1 : 0;
      if (quietTurns === 0 && !(await this.#work.none(patientUntil - Date.now())))
        throw new Error(`the cloud is still busy after ${this.patienceMs} ms of host time; time cannot move`);
    }
  }

  advance(ms: number): Promise<void> {
    return this.#move(async () => this.#passTo(this.now() + ms));
  }

  jumpTo(epochMs: number): Promise<void> {
    return this.#move(async () => this.#passTo(epochMs));
  }

  runUntilIdle(options: Parameters<VirtualClock['runUntilIdle']>[0] = {}): Promise<void> {
    const { until = Number.POSITIVE_INFINITY, isDone = () => false } = options;
    return this.#move(async () => {
      for (;;) {
        await this.settled();
        if (isDone()) return;
        const { next, hasForeground } = this.#timers;
        if (next === undefined || next.at > until) break;
        if (!hasForeground && until === Number.POSITIVE_INFINITY) break;
        this.#fire(next);
      }
      if (until !== Number.POSITIVE_INFINITY) this.#pinned = Math.max(this.now(), until);
    });
  }

  close(): void {
    this.#closed = true;
    this.#timers.clear();
    clearTimeout(this.#hostTimer);
  }

  /** Moves never overlap; time stands still between the timers of one move. */
  #move(passing: () => Promise<void>): Promise<void> {
    const move = this.#moves.then(async () => {
      this.#pinned = this.now();
      try {
        await passing();
      } finally {
        if (this.isFlowing) {
          this.#offset = this.now() - Date.now();
          this.#pinned = undefined;
        }
        this.#arm();
      }
    });
    this.#moves = move.catch(() => undefined); // the caller of this move hears of it; the next move starts anyway
    return move;
  }

  async #passTo(target: number): Promise<void> {
    this.headingFor = target;
    try {
      for (;;) {
        await this.settled();
        const { next } = this.#timers;
        if (next === undefined || next.at > target) break;
        this.#fire(next);
      }
      this.#pinned = Math.max(this.now(), target);
    } finally {
      this.headingFor = undefined;
    }
  }

  #fire(timer: Timer): void {
    this.#timers.remove(timer);
    if (this.#pinned !== undefined) this.#pinned = Math.max(this.#pinned, timer.at);
    // A task answers for its own failures; one that does not must not stop time for the others.
    void this.#work
      .detached(() => this.busy(async () => timer.task()))
      .catch((error: unknown) => {
        process.emitWarning(`a task of the embedded cloud failed: ${String(error)}`);
      });
  }

  /** While time flows, the host's timer stands for the next of ours. */
  #arm(): void {
    clearTimeout(this.#hostTimer);
    const { next } = this.#timers;
    if (!this.isFlowing || this.#pinned !== undefined || next === undefined || this.#closed) return;
    this.#hostTimer = setTimeout(
      () => {
        for (
          let due = this.#timers.next;
          due !== undefined && due.at <= this.now();
          due = this.#timers.next
        ) {
          this.#fire(due);
        }
        this.#arm();
      },
      Math.min(Math.max(next.at - this.now(), 0), MAX_HOP_MS),
    );
    this.#hostTimer.unref();
  }
}
