/** Instances: one process each, one request at a time, kept warm between requests. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What an instance is told when it becomes one of a function. */
export interface Assignment {
  readonly folder: string;
  readonly handlerName: string;
  readonly initializerName?: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface InstanceReply {
  readonly errorType?: string;
  readonly body: Buffer;
}

const here = dirname(fileURLToPath(import.meta.url));
/** Beside this module in the sources, one folder over in the build. */
const SCRIPT =
  [join(here, 'instance.cjs'), join(here, '..', 'loopback', 'instance.cjs')].find(existsSync) ??
  'instance.cjs';

const errorReply = (errorType: string, errorMessage: string, detail: object = {}): InstanceReply => ({
  errorType,
  body: Buffer.from(JSON.stringify({ errorMessage, ...detail })),
});

type FromInstance =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'unloadable'; readonly body: Uint8Array }
  | { readonly kind: 'reply'; readonly id: number; readonly errorType?: string; readonly body: Uint8Array };

/** Bytes of log kept of each request. Source: `x-fc-log-result` carries the last 4 KB. */
const LOG_TAIL_BYTES = 4096;

export class Instance {
  readonly #child: ChildProcess;
  #answer: ((reply: InstanceReply) => void) | undefined;
  #log = '';
  #requests = 0;
  isAlive = true;

  constructor(onLog: (text: string) => void) {
    this.#child = fork(SCRIPT, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--enable-source-maps'],
      env: {},
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_TAIL_BYTES);
        onLog(text);
      });
    }
    this.#child.on('message', (message: FromInstance) => this.#hear(message));
    this.#child.on('exit', () => {
      this.isAlive = false;
      this.#settle(
        errorReply('UnhandledInvocationError', 'Process exited unexpectedly before completing request'),
      );
    });
  }

  /** Loads the bundle; an error reply when it can't be loaded, after which the instance is of no use. */
  assign(assignment: Assignment): Promise<InstanceReply | undefined> {
    return new Promise((resolve) => {
      this.#answer = (reply) => resolve(reply.errorType === undefined ? undefined : reply);
      this.#child.send({ kind: 'load', ...assignment });
    });
  }

  /** Runs one request; after `timeoutMs` of host time the process is ended and the request answered with a time-out. */
  invoke(request: {
    readonly event: Buffer;
    readonly context: unknown;
    readonly now: number;
    readonly timeoutMs: number;
  }): Promise<InstanceReply> {
    this.#log = '';
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#settle(
          errorReply('FunctionTimeoutError', `Function timed out after ${request.timeoutMs / 1000} seconds`, {
            errorType: 'FunctionTimeoutError',
          }),
        );
        this.end();
      }, request.timeoutMs);
      this.#answer = (reply) => {
        clearTimeout(timer);
        resolve(reply);
      };
      const { event, context, now } = request;
      this.#child.send({ kind: 'invoke', id: ++this.#requests, event, context, now });
    });
  }

  /** Last 4 KB that the current or last request printed. */
  get logTail(): string {
    return this.#log;
  }
  end(): void {
    this.isAlive = false;
    this.#child.kill('SIGKILL');
  }

  #hear(message: FromInstance): void {
    if (message.kind === 'loaded') this.#settle({ body: Buffer.alloc(0) });
    else if (message.kind === 'unloadable')
      this.#settle({ errorType: 'UnhandledInvocationError', body: Buffer.from(message.body) });
    else
      this.#settle({
        ...(message.errorType === undefined ? {} : { errorType: message.errorType }),
        body: Buffer.from(message.body),
      });
  }

  #settle(reply: InstanceReply): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(reply);
  }
}

/** Source: Function Compute "Limits", instances a region. */
const MAX_INSTANCES = 300;

/** All instances of an embedded cloud. One bare process waits ready, so that a cold start need not wait for Node.js. */
export class InstancePool {
  readonly #warm = new Map<string, Instance[]>();
  readonly #all = new Set<Instance>();
  #spare: Instance | undefined;
  #closed = false;

  constructor(private readonly onLog: (text: string) => void) {
    this.#spare = this.#start();
  }

  /** A warm instance of `key`, or a new one; `undefined` when there are as many as there may be. */
  async take(key: string, assignment: Assignment): Promise<Instance | InstanceReply | undefined> {
    const idle = this.#warm.get(key) ?? [];
    for (let instance = idle.pop(); instance !== undefined; instance = idle.pop())
      if (instance.isAlive) return instance;
    if (this.#all.size >= MAX_INSTANCES) return undefined;
    const instance = this.#spare?.isAlive ? this.#spare : this.#start();
    this.#spare = this.#closed ? undefined : this.#start();
    const failure = await instance.assign(assignment);
    if (failure === undefined) return instance;
    this.#drop(instance);
    return failure;
  }

  /** Back to the warm ones, unless it died on the way. */
  giveBack(key: string, instance: Instance): void {
    if (!instance.isAlive || this.#closed) this.#drop(instance);
    else this.#warm.set(key, [...(this.#warm.get(key) ?? []), instance]);
  }

  /** Ends the instances of code that is no longer deployed. */
  forget(key: string): void {
    for (const instance of this.#warm.get(key) ?? []) this.#drop(instance);
    this.#warm.delete(key);
  }

  close(): void {
    this.#closed = true;
    for (const instance of this.#all) instance.end();
    this.#all.clear();
  }

  #start(): Instance {
    const instance = new Instance(this.onLog);
    this.#all.add(instance);
    return instance;
  }
  #drop(instance: Instance): void {
    instance.end();
    this.#all.delete(instance);
  }
}
