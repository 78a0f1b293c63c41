/**
 * The published request rates, as an interceptor: what is beyond them is refused as the vendor does it. Not on by default, since a
 * loopback is faster than any network. Sources: help page `api-ram-2015-05-01-quota`, the STS FAQ, CloudFlow "Limits", OSS "HTTP status
 * code 503". What EventBridge counts are events, not calls (`eventbridge/put-events.ts`), and CloudFlow state entries too.
 */
import { throttled } from './dispatch.js';
import type { CallInfo, CallInterceptor, Fault } from './kernel.js';

interface Rate {
  readonly product: string;
  readonly actions: RegExp;
  /** Calls a second, for each action and account; of AssumeRole for the account with all its users and roles. */
  readonly perSecond: number;
  /** Of a bucket that holds more than it is given a second: how many calls at once a full one takes. */
  readonly atOnce?: number;
  /** All actions of the product are counted together. */
  readonly isOfAll?: boolean;
  /** Default: the gateway's `throttled`. */
  readonly refusal?: Fault;
}

const OSS_BUSY: Fault = {
  kind: 'error',
  status: 503,
  code: 'TotalQpsLimitExceeded',
  message: 'Max total qps limit is exceeded',
};

/** First match wins. What RAM's page leaves out of its writes is taken as the others of them. */
const PUBLISHED: readonly Rate[] = [
  { product: 'Sts', actions: /^AssumeRole$/, perSecond: 100 },
  { product: 'Ram', actions: /^(?:AttachPolicyTo|DetachPolicyFrom)Role$/, perSecond: 10 },
  { product: 'Ram', actions: /^(?:Get|List)/, perSecond: 100 },
  { product: 'Ram', actions: /^/, perSecond: 20 },
  { product: 'fnf', actions: /^StartExecution$/, perSecond: 100 },
  { product: 'fnf', actions: /^(?:DescribeExecution|GetExecutionHistory)$/, perSecond: 5, atOnce: 50 },
  { product: 'fnf', actions: /^/, perSecond: 2, atOnce: 10 },
  // As few as 2,000 where names follow each other; how OSS tells that is not published.
  { product: 'oss', actions: /^/, perSecond: 10_000, isOfAll: true, refusal: OSS_BUSY },
];

const publishedOf = ({ product, action }: Pick<CallInfo, 'product' | 'action'>): Rate | undefined =>
  PUBLISHED.find((one) => one.product === product && one.actions.test(action));

/** Calls a second; `undefined` where none is published. */
export const publishedRateOf = (call: Pick<CallInfo, 'product' | 'action'>): number | undefined =>
  publishedOf(call)?.perSecond;

/**
 * For `Faults.add`. `now` in epoch ms; by default host time, since a rate limits how fast clients really call. `rateOf`: other rates
 * than the published ones.
 */
export function publishedRates(now: () => number = Date.now, rateOf = publishedRateOf): CallInterceptor {
  const seconds = new Seconds(now);
  const buckets = new Map<string, { at: number; left: number }>();
  const isTaken = (key: string, perSecond: number, atOnce: number): boolean => {
    const bucket = buckets.get(key) ?? { at: now(), left: atOnce };
    const left = Math.min(atOnce, bucket.left + ((now() - bucket.at) / 1000) * perSecond);
    buckets.set(key, { at: now(), left: left < 1 ? left : left - 1 });
    return left >= 1;
  };
  return {
    before: (call) => {
      const perSecond = rateOf(call);
      if (perSecond === undefined) return undefined;
      const { atOnce, isOfAll = false, refusal = throttled } = publishedOf(call) ?? {};
      const key = `${call.callerArn?.split(':')[3] ?? ''} ${call.product} ${isOfAll ? '' : call.action}`;
      const taken = atOnce === undefined ? seconds.take(key, perSecond) : isTaken(key, perSecond, atOnce);
      return taken ? undefined : refusal;
    },
  };
}

/** What was taken in the current second, by key. */
export class Seconds {
  readonly #taken = new Map<string, { readonly second: number; count: number }>();

  constructor(private readonly now: () => number) {}

  /** Takes `count` at once, or nothing and is false where `perSecond` of this second have no room for it. */
  take(key: string, perSecond: number, count = 1): boolean {
    const second = Math.floor(this.now() / 1000);
    const known = this.#taken.get(key);
    const current = known?.second === second ? known : { second, count: 0 };
    this.#taken.set(key, current);
    if (current.count + count > perSecond) return false;
    current.count += count;
    return true;
  }
}
