/** The way every call takes, from the wire or in process: faults, the action, the record of calls. */

import { asApiError } from './http/replies.js';
import type { CallInfo, CallInterceptor, Fault, Faults } from './kernel.js';
import { ApiError } from './kernel.js';

/** One call that reached an action (or a fault). */
export interface RecordedCall {
  readonly product: string;
  readonly version: string;
  readonly action: string;
  readonly callerArn?: string;
  /** Epoch ms on the cloud's clock. */
  readonly at: number;
  /** True when a writing action was applied, also if its reply was lost. */
  readonly effect: boolean;
  /** Code of the refusal. */
  readonly code?: string;
  readonly requestId: string;
}

/** Stands for a connection that dropped: the client never learns what happened. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

const READS =
  /^(?:Get|Head|List|Describe|Query|Check|Decode|Verify|HEAD |GET |Ons\w*(?:List|Get|Query|Status|Info|Detail)|AssumeRole$)/;
/** Older entries are forgotten beyond this many, so that a long-lived cloud does not grow without end. */
const MAX_RECORDED = 100_000;

export class Dispatcher implements Faults {
  readonly calls: RecordedCall[] = [];
  #interceptors: CallInterceptor[] = [];
  readonly #counts = new Map<string, number>();

  constructor(
    private readonly now: () => number,
    private readonly trace: (line: Readonly<Record<string, unknown>>) => void,
  ) {}

  add(interceptor: CallInterceptor): () => void {
    this.#interceptors = [...this.#interceptors, interceptor];
    return () => {
      this.#interceptors = this.#interceptors.filter((other) => other !== interceptor);
    };
  }

  clear(): void {
    this.#interceptors = [];
  }

  /**
   * Runs `apply` unless a fault comes first. `refusalOf` tells whether a reply that was returned is a refusal all the same.
   * @throws {ApiError} what the action threw, or the fault; {ConnectionLost} when request or reply is lost.
   */
  async run<T>(
    call: Omit<CallInfo, 'nth'>,
    apply: () => T | Promise<T>,
    refusalOf: (reply: T) => string | undefined = () => undefined,
  ): Promise<T> {
    const info = { ...call, nth: this.#count(call) };
    let fault: Fault | undefined;
    for (const interceptor of this.#interceptors) fault ??= await interceptor.before?.(info);
    try {
      if (fault?.kind === 'error')
        throw new ApiError(fault.status, fault.code, fault.message ?? 'A planted fault.');
      if (fault?.kind === 'lost-request') throw new ConnectionLost('the request was lost');
      const reply = await apply();
      await this.#record(info, refusalOf(reply));
      if (fault?.kind === 'lost-reply') throw new ConnectionLost('the reply was lost');
      return reply;
    } catch (error) {
      if (!(error instanceof ConnectionLost)) await this.#record(info, asApiError(error).code);
      throw error;
    }
  }

  #count(call: Omit<CallInfo, 'nth'>): number {
    const key = `${call.product} ${call.version} ${call.action}`;
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    return nth;
  }

  async #record(call: CallInfo, code: string | undefined): Promise<void> {
    const { product, version, action, callerArn, requestId } = call;
    const entry: RecordedCall = {
      product,
      version,
      action,
      at: this.now(),
      effect: code === undefined && !READS.test(action),
      requestId,
      ...(callerArn === undefined ? {} : { callerArn }),
      ...(code === undefined ? {} : { code }),
    };
    this.calls.push(entry);
    if (this.calls.length > MAX_RECORDED) this.calls.splice(0, MAX_RECORDED / 10);
    this.trace({ ...entry });
    for (const interceptor of this.#interceptors)
      await interceptor.after?.(call, code === undefined ? {} : { code });
  }
}

/** A fault at the `nth` call (or, without `nth`, at every call) of an action. For `Faults.add`. */
export function failing(
  target: { readonly action: string; readonly product?: string; readonly nth?: number },
  fault: Fault,
): CallInterceptor {
  let seen = 0;
  return {
    before: (call) => {
      if (call.action !== target.action || (target.product ?? call.product) !== call.product)
        return undefined;
      seen += 1;
      return target.nth === undefined || target.nth === seen ? fault : undefined;
    },
  };
}

export const throttled: Fault = {
  kind: 'error',
  status: 400,
  code: 'Throttling.User',
  message: 'Request was denied due to user flow control.',
};
