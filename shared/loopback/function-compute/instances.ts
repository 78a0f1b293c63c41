/** Instances: each in a vessel of its own, one request at a time, kept warm between requests. */
import type { Work } from '../work.js';
import type { Assignment, FromInstance, StartVessel, Vessel } from './vessels.js';

export interface InstanceReply {
  readonly errorType?: string;
  readonly body: Buffer;
}

/** What the service says of a function that said nothing: it names no class. Source: Function Compute "Error types" and its FAQ. */
const errorReply = (errorType: string, errorMessage: string): InstanceReply => ({
  errorType,
  body: Buffer.from(JSON.stringify({ errorMessage })),
});

const exitedEarly = (): InstanceReply =>
  errorReply('UnhandledInvocationError', 'Process exited unexpectedly before completing request');

/** Bytes of log kept of each request. Source: `x-fc-log-result` carries the last 4 KB. */
const LOG_TAIL_BYTES = 4096;

export class Instance {
  readonly #vessel: Vessel;
  #answer: ((reply: InstanceReply) => void) | undefined;
  #log = '';
  #requests = 0;
  isAlive = true;

  constructor(start: StartVessel, onLog: (text: string) => void) {
    this.#vessel = start({
      onMessage: (message) => this.#hear(message),
      onPrint: (text) => {
        this.#log = (this.#log + text).slice(-LOG_TAIL_BYTES);
        onLog(text);
      },
      onExit: () => {
        this.isAlive = false;
        this.#settle(exitedEarly());
      },
    });
  }

  /** Loads the bundle; an error reply when it can't be loaded, after which the instance is of no use. */
  assign(assignment: Assignment): Promise<InstanceReply | undefined> {
    return new Promise((resolve) => {
      this.#answer = (reply) => resolve(reply.errorType === undefined ? undefined : reply);
      this.#vessel.send({ kind: 'load', ...assignment });
    });
  }

  /** Runs one request; after `timeoutMs` the instance is ended and the request answered with a time-out. */
  invoke(request: {
    readonly event: Buffer;
    readonly context: unknown;
    readonly now: number;
    readonly timeoutMs: number;
    readonly work: Work;
  }): Promise<InstanceReply> {
    this.#log = '';
    const { event, context, now, timeoutMs, work } = request;
    return new Promise((resolve) => {
      const onTimeout = (): void => {
        this.#settle(
          errorReply('UnhandledInvocationError', `Function time out after ${timeoutMs / 1000} seconds`),
        );
        this.end();
      };
      const isOver = this.#vessel.begin({ timeoutMs, work, onTimeout });
      this.#answer = (reply) => {
        isOver();
        resolve(reply);
      };
      this.#vessel.send({ kind: 'invoke', id: ++this.#requests, event, context, now });
    });
  }

  /** Last 4 KB that the current or last request printed. */
  get logTail(): string {
    return this.#log;
  }
  end(): void {
    this.isAlive = false;
    this.#vessel.end();
  }
  /** Dies in the midst of its request, if it has one; says whether it had. */
  crash(): boolean {
    const isAtWork = this.#answer !== undefined;
    if (isAtWork) {
      this.end();
      this.#settle(exitedEarly());
    }
    return isAtWork;
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

/**
 * Of an account, in a region. Source: Function Compute "Configure a retry mechanism" (April 2026); its page of limits says 300, and
 * the smaller of the two is taken.
 */
export const MAX_INSTANCES = 100;

/** All instances of an embedded cloud. One bare instance waits ready, so that a cold start need not wait for Node.js. */
export class InstancePool {
  readonly #warm = new Map<string, Instance[]>();
  readonly #all = new Set<Instance>();
  /** Those at work, by whose they are. */
  readonly #atWork = new Map<Instance, string>();
  #spare: Instance | undefined;
  #closed = false;

  constructor(
    private readonly startVessel: StartVessel,
    private readonly onLog: (text: string) => void,
    private readonly most = MAX_INSTANCES,
  ) {
    this.#spare = this.#start();
  }

  /** A warm instance of `key`, or a new one; `undefined` when there are as many as there may be. */
  async take(key: string, assignment: Assignment): Promise<Instance | InstanceReply | undefined> {
    const idle = this.#warm.get(key) ?? [];
    for (let instance = idle.pop(); instance !== undefined; instance = idle.pop())
      if (instance.isAlive) return this.#put(key, instance);
    // The one that waits bare is nobody's instance yet.
    const count = this.#all.size - (this.#spare === undefined ? 0 : 1);
    if (count >= this.most && !this.#dropIdle()) return undefined;
    const instance = this.#spare?.isAlive ? this.#spare : this.#start();
    this.#spare = this.#closed ? undefined : this.#start();
    this.#put(key, instance);
    const failure = await instance.assign(assignment);
    if (failure === undefined) return instance;
    this.#drop(instance);
    return failure;
  }

  #put(key: string, instance: Instance): Instance {
    this.#atWork.set(instance, key);
    return instance;
  }

  /** Back to the warm ones, unless it died on the way, or its code is no longer deployed. */
  giveBack(key: string, instance: Instance): void {
    const isCurrent = this.#atWork.delete(instance);
    if (!instance.isAlive || this.#closed || !isCurrent) this.#drop(instance);
    else this.#warm.set(key, [...(this.#warm.get(key) ?? []), instance]);
  }

  /** Ends the instances of code that is no longer deployed; those at work once they are done. */
  forget(key: string): void {
    for (const instance of this.#warm.get(key) ?? []) this.#drop(instance);
    this.#warm.delete(key);
    for (const [instance, whose] of this.#atWork) if (whose === key) this.#atWork.delete(instance);
  }

  /** Has all die that are at work, as of a host that fails; says how many. */
  crash(): number {
    return [...this.#all].filter((instance) => instance.crash()).length;
  }

  close(): void {
    this.#closed = true;
    for (const instance of this.#all) instance.end();
    this.#all.clear();
  }

  /** Room for another function's: one that does nothing is no concurrency. Says whether there was any. */
  #dropIdle(): boolean {
    for (const idle of this.#warm.values()) {
      const instance = idle.shift();
      if (instance === undefined) continue;
      this.#drop(instance);
      return true;
    }
    return false;
  }

  #start(): Instance {
    const instance = new Instance(this.startVessel, this.onLog);
    this.#all.add(instance);
    return instance;
  }
  #drop(instance: Instance): void {
    instance.end();
    this.#all.delete(instance);
    this.#atWork.delete(instance);
  }
}
