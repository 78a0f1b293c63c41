/** The timers of a sandbox: they follow the cloud's clock, and end with the sandbox. */
import { promisify } from 'node:util';
import type { CloudClock, CloudTimer } from '../../kernel.js';

type Callback = (...args: readonly unknown[]) => unknown;

export interface SandboxTimers {
  /** Global functions, and what `timers` and `timers/promises` export. */
  readonly globals: Readonly<Record<string, unknown>>;
  readonly promises: Readonly<Record<string, unknown>>;
  clear(): void;
}

export interface TimerHost {
  readonly clock: CloudClock;
  /** Runs a callback of the sandbox. */
  run(callback: () => void): void;
  /** One more, or one less, that time or the event loop has to come to. */
  count(what: 'timers' | 'immediates', change: 1 | -1): void;
}

/** Longer delays fire at once, as in Node.js. */
const MAX_DELAY_MS = 2_147_483_647;

class Timeout {
  #timer: CloudTimer | undefined;

  constructor(
    private readonly host: TimerHost,
    private readonly active: Set<Timeout>,
    private readonly delayMs: number,
    private readonly task: () => void,
    private readonly isRepeated: boolean,
  ) {
    this.refresh();
  }

  refresh(): this {
    this.cancel();
    this.active.add(this);
    this.host.count('timers', 1);
    // In the background: only a request under way, which has an end, is a reason for time to go on.
    this.#timer = this.host.clock.at(this.host.clock.now() + this.delayMs, () => this.#fire(), {
      background: true,
    });
    return this;
  }
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.active.delete(this)) this.host.count('timers', -1);
  }
  #fire(): void {
    if (this.isRepeated) this.refresh();
    else this.cancel();
    this.host.run(this.task);
  }

  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  close(): this {
    this.cancel();
    return this;
  }
}

export function makeTimers(host: TimerHost): SandboxTimers {
  const active = new Set<Timeout>();
  const immediates = new Set<NodeJS.Immediate>();
  const start =
    (isRepeated: boolean) =>
    (callback: Callback, delay: unknown = 1, ...args: readonly unknown[]): Timeout => {
      const ms = Number(delay);
      const delayMs = ms >= 1 && ms <= MAX_DELAY_MS ? Math.trunc(ms) : 1;
      return new Timeout(host, active, delayMs, () => callback(...args), isRepeated);
    };
  const cancel = (timeout: unknown): void => {
    if (timeout instanceof Timeout) timeout.cancel();
  };
  const settle = (immediate: NodeJS.Immediate): void => {
    if (immediates.delete(immediate)) host.count('immediates', -1);
  };
  const startImmediate = (callback: Callback, ...args: readonly unknown[]): NodeJS.Immediate => {
    const immediate = setImmediate(() => {
      settle(immediate);
      host.run(() => callback(...args));
    });
    immediates.add(immediate);
    host.count('immediates', 1);
    return immediate;
  };
  const cancelImmediate = (immediate: NodeJS.Immediate): void => {
    clearImmediate(immediate);
    settle(immediate);
  };

  const [startTimeout, startInterval] = [start(false), start(true)];
  const wait = (ms?: number, value?: unknown): Promise<unknown> =>
    new Promise((resolve) => startTimeout(() => resolve(value), ms));
  const turn = (value?: unknown): Promise<unknown> =>
    new Promise((resolve) => startImmediate(() => resolve(value)));
  async function* ticks(ms?: number, value?: unknown): AsyncGenerator<unknown> {
    for (;;) yield await wait(ms, value);
  }
  Object.assign(startTimeout, { [promisify.custom]: wait });
  Object.assign(startImmediate, { [promisify.custom]: turn });

  const globals = {
    setTimeout: startTimeout,
    setInterval: startInterval,
    setImmediate: startImmediate,
    clearTimeout: cancel,
    clearInterval: cancel,
    clearImmediate: cancelImmediate,
  };
  const promises = {
    setTimeout: wait,
    setImmediate: turn,
    setInterval: ticks,
    scheduler: { wait, yield: () => turn() },
  };
  return {
    globals,
    promises,
    clear: () => {
      for (const timeout of [...active]) timeout.cancel();
      for (const immediate of [...immediates]) cancelImmediate(immediate);
    },
  };
}
