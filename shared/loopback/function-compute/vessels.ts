/** What an instance lives in: a process of its own, or a sandbox of this one. The same program, `instance.cjs`, runs in both. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Work } from '../work.js';

/** What an instance is told when it becomes one of a function. */
export interface Assignment {
  readonly folder: string;
  readonly handlerName: string;
  readonly initializerName?: string;
  readonly env: Readonly<Record<string, string>>;
}
export type ToInstance =
  | ({ readonly kind: 'load' } & Assignment)
  | {
      readonly kind: 'invoke';
      readonly id: number;
      readonly event: Buffer;
      readonly context: unknown;
      readonly now: number;
    };
export type FromInstance =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'unloadable'; readonly body: Uint8Array }
  | { readonly kind: 'reply'; readonly id: number; readonly errorType?: string; readonly body: Uint8Array };

export interface VesselEvents {
  readonly onMessage: (message: FromInstance) => void;
  readonly onPrint: (text: string) => void;
  /** It ended without being told to. */
  readonly onExit: () => void;
}

export interface Vessel {
  send(message: ToInstance): void;
  /** A request begins, which has `timeoutMs` before `onTimeout` is called. Returns how to tell that it is over. */
  begin(request: {
    readonly timeoutMs: number;
    readonly work: Work;
    readonly onTimeout: () => void;
  }): () => void;
  /** Nothing of it goes on after this. */
  end(): void;
}
export type StartVessel = (events: VesselEvents) => Vessel;

const here = dirname(fileURLToPath(import.meta.url));
/** Beside this module in the sources, one folder over in the build. */
export const INSTANCE_PROGRAM =
  [join(here, 'instance.cjs'), join(here, '..', 'loopback', 'instance.cjs')].find(existsSync) ??
  'instance.cjs';

/** A process; its time-outs are in host time, since its own timers are. */
export const startProcess: StartVessel = ({ onMessage, onPrint, onExit }) => {
  const child = fork(INSTANCE_PROGRAM, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--enable-source-maps'],
    env: {},
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onPrint);
  child.on('message', onMessage);
  child.on('exit', onExit);
  // One that did not even start says nothing else.
  child.on('error', onExit);
  return {
    // Whoever cannot be sent anything is dead, or dies: that must be no error of the process that it was started by.
    send: (message) =>
      void child.send(message, (error) => {
        if (error !== null) onExit();
      }),
    begin: ({ timeoutMs, onTimeout }) => {
      const timer = setTimeout(onTimeout, timeoutMs);
      return () => clearTimeout(timer);
    },
    end: () => void child.kill('SIGKILL'),
  };
};
