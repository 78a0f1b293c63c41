/**
 * Time of the embedded cloud. One implementation, three ways to use it: real (follows the host), flowing (host time plus an
 * offset that jumps) and frozen (moves only when told, for tests). Timers fire in order of their time, one after the other,
 * and each is given the chance to finish, with the work it started, before time moves on.
 */
import type { CloudClock, CloudTimer, TimerOptions } from './kernel.js';

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
  /** Counts `work` as the cloud being busy until it settles: time does not jump meanwhile. */
  busy<T>(work: () => Promise<T>): Promise<T>;
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
   * Background timers alone do not keep it going.
   */
  runUntilIdle(options?: { readonly until?: number }): Promise<void>;
}

/** Time of the host. */
export function makeRealClock(): RunnableClock {
  return new Timeline(Date.now(), true, 120_000);
}

export function makeVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new Timeline(options.startAt ?? Date.now(), options.flowing ?? false, options.patienceMs ?? 120_000);
}

interface Timer {
  readonly at: number;
  readonly serial: number;
  readonly task: () => void | Promise<void>;
  readonly background: boolean;
}

/** Longest delay that Node.js timers take; longer waits are taken in hops. */
const MAX_HOP_MS = 2_147_483_647;

class Timeline implements VirtualClock {
  headingFor: number | undefined;
  #offset: number;
  /** Set while time stands still: always when frozen, during a move when flowing. */
  #pinned: number | undefined;
  #timers: Timer[] = [];
  #serial = 0;
  #working = 0;
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
    const timer: Timer = { at, task, serial: this.#serial++, background: options.background ?? false };
    if (this.#closed) return { cancel: () => undefined };
    this.#timers.push(timer);
    this.#timers.sort((left, right) => left.at - right.at || left.serial - right.serial);
    this.#arm();
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        this.#arm();
      },
    };
  }

  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#working += 1;
    try {
      return await work();
    } finally {
      this.#working -= 1;
    }
  }

  async settled(): Promise<void> {
    const patientUntil = Date.now() + this.patienceMs;
    // Two quiet turns: one piece of work often starts the next a moment after it ended.
    for (let quietTurns = 0; quietTurns < 2; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = this.#working === 0 ? quietTurns + 1 : 0;
      if (Date.now() > patientUntil) {
        throw new Error(`the cloud is still busy after ${this.patienceMs} ms of host time; time cannot move`);
      }
      if (this.#working > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  advance(ms: number): Promise<void> {
    return this.#move(async () => this.#passTo(this.now() + ms));
  }

  jumpTo(epochMs: number): Promise<void> {
    return this.#move(async () => this.#passTo(epochMs));
  }

  runUntilIdle({ until = Number.POSITIVE_INFINITY }: { readonly until?: number } = {}): Promise<void> {
    return this.#move(async () => {
      for (;;) {
        await this.settled();
        const next = this.#timers[0];
        const hasWork = this.#timers.some((timer) => !timer.background && timer.at <= until);
        if (next === undefined || next.at > until) break;
        if (!hasWork && until === Number.POSITIVE_INFINITY) break;
        this.#fire(next);
      }
      if (until !== Number.POSITIVE_INFINITY) this.#pinned = Math.max(this.now(), until);
    });
  }

  close(): void {
    this.#closed = true;
    this.#timers = [];
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
        const next = this.#timers[0];
        if (next === undefined || next.at > target) break;
        this.#fire(next);
      }
      this.#pinned = Math.max(this.now(), target);
    } finally {
      this.headingFor = undefined;
    }
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    if (this.#pinned !== undefined) this.#pinned = Math.max(this.#pinned, timer.at);
    // A task answers for its own failures; one that does not must not stop time for the others.
    void this.busy(async () => timer.task()).catch((error: unknown) => {
      process.emitWarning(`a task of the embedded cloud failed: ${String(error)}`);
    });
  }

  /** While time flows, the host's timer stands for the next of ours. */
  #arm(): void {
    clearTimeout(this.#hostTimer);
    const next = this.#timers[0];
    if (!this.isFlowing || this.#pinned !== undefined || next === undefined || this.#closed) return;
    this.#hostTimer = setTimeout(
      () => {
        for (let due = this.#timers[0]; due !== undefined && due.at <= this.now(); due = this.#timers[0]) {
          this.#fire(due);
        }
        this.#arm();
      },
      Math.min(Math.max(next.at - this.now(), 0), MAX_HOP_MS),
    );
    this.#hostTimer.unref();
  }
}
