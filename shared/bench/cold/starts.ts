/** Starts of functions, each in a new process of its own. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { LIVED_AT } from './first-events.js';
import type { Listener } from './listener.js';

/** What the embedded cloud loads a bundle with. */
const INSTANCE = join('dist', 'loopback', 'instance.cjs');

/** Milliseconds since the process was started. */
export interface Start {
  /** The handler is there. */
  readonly loaded: number;
  /** The first call to the cloud is answered. */
  readonly called: number;
  /** The first event is. */
  readonly done: number;
  /** What the listener was asked, in order. */
  readonly calls: readonly string[];
}
export interface Subject {
  readonly folder: string;
  readonly event: string;
  readonly register: ReadonlyMap<string, string>;
  readonly starts: Start[];
}

/** One new process, from its start to its first answer; without `--enable-source-maps`, as Function Compute runs it. */
export function startOnce(
  { folder, event, register }: Subject,
  env: Readonly<Record<string, string>>,
  listener: Listener,
): Promise<Start> {
  listener.reset(register);
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const since = (at: number) => at - startedAt;
    const instance = fork(INSTANCE, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
      env: {},
    });
    let loaded = 0;
    let start: Start | undefined;
    instance.on('message', (message: { readonly kind: string; readonly body?: Uint8Array }) => {
      const at = since(performance.now());
      if (message.kind === 'unloadable') reject(new Error(`${folder}: ${Buffer.from(message.body ?? [])}`));
      if (message.kind === 'loaded') {
        loaded = at;
        instance.send({
          kind: 'invoke',
          id: 1,
          event: Buffer.from(event),
          context: CONTEXT,
          now: LIVED_AT,
        });
      } else {
        const called = since(listener.firstAnsweredAt ?? performance.now());
        start = { loaded, called, done: at, calls: listener.calls };
        instance.disconnect();
      }
    });
    // The next one starts when this one is gone.
    instance.on('exit', () => (start === undefined ? reject(new Error(`${folder} died`)) : resolve(start)));
    instance.send({ kind: 'load', folder, handlerName: 'index.handler', env });
  });
}

const CONTEXT = {
  requestId: 'benchmark',
  credentials: { accessKeyId: 'STS.benchmark', accessKeySecret: 'benchmark', securityToken: 'benchmark' },
  function: { name: 'benchmark' },
};
