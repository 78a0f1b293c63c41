/** What a sandbox sees instead of the host's process, console and time. */
import { Console } from 'node:console';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import type { CloudClock } from '../../kernel.js';

/** Thrown out of `process.exit`, which never returns; the sandbox has ended by then, so nobody hears of it. */
class Exited extends Error {
  override readonly name = 'Exited';
}

export interface ProcessHost {
  readonly onPrint: (text: string) => void;
  /** The program asked to end. */
  readonly onExit: () => void;
  /** The program told its parent something. */
  readonly onSend: (message: unknown) => void;
}

/** A `process` with its own environment, folder, output and listeners; the rest is the host's to read. */
export function makeProcess({ onPrint, onExit, onSend }: ProcessHost): NodeJS.Process {
  const events = new EventEmitter();
  const exit = (): never => {
    onExit();
    throw new Exited('the instance has ended');
  };
  let folder = '/';
  const own: Record<string, unknown> = {
    env: {},
    cwd: () => folder,
    chdir: (to: string) => {
      folder = to;
    },
    exit,
    abort: exit,
    reallyExit: exit,
    kill: (pid: number, signal?: string) => (pid === process.pid ? exit() : process.kill(pid, signal)),
    send: onSend,
    emitWarning: (warning: unknown) => onPrint(`Warning: ${String(warning)}\n`),
    stdout: outputTo(onPrint, 1),
    stderr: outputTo(onPrint, 2),
    argv: process.argv.slice(0, 1),
    execArgv: [],
  };
  const shadow = Object.create(
    process,
    Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        { value, writable: true, enumerable: true, configurable: true },
      ]),
    ),
  );
  for (const name of LISTENING) {
    const method = events[name] as (...args: readonly unknown[]) => unknown;
    Object.defineProperty(shadow, name, {
      value: (...args: readonly unknown[]) => {
        const result = method.apply(events, [...args]);
        return result === events ? shadow : result;
      },
    });
  }
  return shadow;
}

const LISTENING = [
  ...(['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners'] as const),
  ...(['prependListener', 'prependOnceListener', 'emit', 'listeners', 'listenerCount'] as const),
  ...(['eventNames', 'setMaxListeners', 'getMaxListeners'] as const),
];

const outputTo = (onPrint: (text: string) => void, fd: 1 | 2): Writable =>
  Object.assign(
    new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        onPrint(String(chunk));
        done();
      },
    }),
    { fd, isTTY: false },
  );

export const makeConsole = ({ stdout, stderr }: NodeJS.Process): Console => new Console({ stdout, stderr });

/** `fs` whose output to the standard streams is the sandbox's, as loggers write it. */
export function makeFs(onPrint: (text: string) => void): object {
  const isOutput = (fd: unknown): boolean => fd === 1 || fd === 2;
  const sizeOf = (data: string | Uint8Array): number =>
    typeof data === 'string' ? Buffer.byteLength(data) : data.length;
  const writeSync = (fd: number, data: string | Uint8Array, ...rest: readonly unknown[]): number => {
    if (!isOutput(fd)) return (fs.writeSync as (...args: readonly unknown[]) => number)(fd, data, ...rest);
    onPrint(typeof data === 'string' ? data : Buffer.from(data).toString('utf8'));
    return sizeOf(data);
  };
  const write = (fd: number, data: string | Uint8Array, ...rest: readonly unknown[]): void => {
    if (!isOutput(fd)) {
      (fs.write as (...args: readonly unknown[]) => void)(fd, data, ...rest);
      return;
    }
    const done = rest.at(-1) as (error: null, written: number, data: unknown) => void;
    const written = writeSync(fd, data);
    process.nextTick(() => done(null, written, data));
  };
  return { ...fs, writeSync, write };
}

/** The language's dates, but "now" is the cloud's. */
export function makeDate(clock: CloudClock): DateConstructor {
  class CloudDate extends Date {
    constructor(...args: readonly unknown[]) {
      super(...((args.length === 0 ? [clock.now()] : args) as [number]));
    }
    static override now(): number {
      return clock.now();
    }
  }
  Object.defineProperty(CloudDate, 'name', { value: 'Date' });
  return CloudDate as unknown as DateConstructor;
}

/** Time that passes is the cloud's too. */
export function makePerformance(clock: CloudClock): typeof performance {
  const startedAt = clock.now();
  const now = (): number => clock.now() - startedAt;
  return new Proxy(performance, {
    get: (host, name) => {
      if (name === 'now') return now;
      const value: unknown = Reflect.get(host, name);
      return typeof value === 'function' ? value.bind(host) : value;
    },
  });
}
