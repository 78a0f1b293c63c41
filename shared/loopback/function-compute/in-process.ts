/**
 * The second runner: an instance is a sandbox of this process, with a module graph, environment, output and timers of its own.
 * It is there for speed. Time in it is the cloud's clock, also for its timers, and its requests to the cloud take no network; so
 * a function that only waits keeps no time from moving. Built-in objects of the language (`Array.prototype`, …) are shared with
 * the host, and a rejection that nobody handles is the host's: functions that are not trusted belong in processes.
 */
import perfHooks from 'node:perf_hooks';
import timers from 'node:timers';
import type { Cloud } from '../kernel.js';
import type { Work } from '../work.js';
import { makeConsole, makeDate, makeFs, makePerformance, makeProcess } from './sandbox/globals.js';
import { Loader } from './sandbox/loader.js';
import { makeNetwork } from './sandbox/network.js';
import { makeTimers } from './sandbox/timers.js';
import {
  type FromInstance,
  INSTANCE_PROGRAM,
  type StartVessel,
  type ToInstance,
  type Vessel,
} from './vessels.js';

type Surroundings = Pick<Cloud, 'clock' | 'connect' | 'answerAt'>;

/** For `Cloud`s whose functions run in this process. */
export const startSandboxIn =
  (cloud: Surroundings): StartVessel =>
  (events) =>
    new Sandbox(cloud, events);

/** How many things of each kind a program waits for. */
type Waiting = Record<'timers' | 'immediates' | 'requests' | 'elsewhere', number>;

class Sandbox implements Vessel {
  readonly #waiting: Waiting = { timers: 0, immediates: 0, requests: 0, elsewhere: 0 };
  readonly #process: NodeJS.Process;
  readonly #timers: ReturnType<typeof makeTimers>;
  readonly #network: ReturnType<typeof makeNetwork>;
  #work: Work | undefined;
  #hasEnded = false;

  constructor(
    private readonly cloud: Surroundings,
    private readonly events: Parameters<StartVessel>[0],
  ) {
    const count = (what: keyof Waiting, change: 1 | -1): void => {
      this.#waiting[what] += change;
      this.#look();
    };
    const onPrint = (text: string): void => {
      if (!this.#hasEnded) events.onPrint(text);
    };
    this.#timers = makeTimers({ clock: cloud.clock, count, run: (callback) => this.#run(callback) });
    this.#network = makeNetwork({
      count,
      dial: (host, port) => this.#living.connect(host, port),
      answerAt: (host, port) => this.#living.answerAt(host, port),
    });
    this.#process = makeProcess({
      onPrint,
      onExit: () => this.#exit(),
      onSend: (message) => {
        if (!this.#hasEnded) events.onMessage(structuredClone(message) as FromInstance);
      },
    });
    this.#start(onPrint);
  }

  send(message: ToInstance): void {
    const copy = structuredClone(message);
    queueMicrotask(() => {
      if (!this.#hasEnded) this.#run(() => void this.#process.emit('message', copy, undefined));
    });
  }

  begin({ timeoutMs, work, onTimeout }: Parameters<Vessel['begin']>[0]): () => void {
    this.#work = work;
    this.#look();
    // The cloud's time when it moves, the host's when a function that never waits keeps it from moving.
    const { clock } = this.cloud;
    const [timer, hostTimer] = [
      clock.at(clock.now() + timeoutMs, onTimeout),
      setTimeout(onTimeout, timeoutMs),
    ];
    return () => {
      timer.cancel();
      clearTimeout(hostTimer);
      this.#work = undefined;
    };
  }

  end(): void {
    this.#hasEnded = true;
    this.#timers.clear();
    this.#network.close();
  }

  /** Loads the program that answers requests, with everything in reach that is not the host's. */
  #start(onPrint: (text: string) => void): void {
    const { clock } = this.cloud;
    const own = {
      process: this.#process,
      console: makeConsole(this.#process),
      Date: makeDate(clock),
      performance: makePerformance(clock),
      ...this.#timers.globals,
    };
    const scope = makeScope(own);
    const names = [...Object.keys(own), 'globalThis', 'global'];
    const loader = new Loader({
      globals: () => Object.fromEntries(names.map((name) => [name, scope[name]])),
      builtIns: {
        process: own.process,
        console: own.console,
        fs: makeFs(onPrint),
        ...this.#network.modules,
        timers: { ...timers, ...this.#timers.globals, promises: this.#timers.promises },
        'timers/promises': this.#timers.promises,
        perf_hooks: { ...perfHooks, performance: own.performance },
      },
    });
    loader.load(INSTANCE_PROGRAM);
  }

  /** The cloud, as long as there is somebody to ask it. */
  get #living(): Surroundings {
    if (this.#hasEnded) throw new Error('the instance has ended');
    return this.cloud;
  }

  /** A callback that throws ends a process; so it does here. */
  #run(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.events.onPrint(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      this.#exit();
    }
  }

  #exit(): void {
    if (this.#hasEnded) return;
    this.end();
    this.events.onExit();
  }

  #look(): void {
    const { timers: waits, immediates, requests, elsewhere } = this.#waiting;
    this.#work?.setResting(immediates + elsewhere === 0 && waits + requests > 0);
  }
}

/** A global object that reads through to the host's, but keeps what is written: the host's has setters. */
function makeScope(own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const define = (object: object, name: PropertyKey, value: unknown): boolean =>
    Reflect.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  const scope: Record<string, unknown> = new Proxy(Object.create(globalThis), {
    set: (object, name, value) => define(object, name, value),
  });
  for (const [name, value] of Object.entries({ ...own, globalThis: scope, global: scope }))
    define(scope, name, value);
  return scope;
}
