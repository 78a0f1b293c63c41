/**
 * The published request rates, as an interceptor: what is beyond them is throttled as the vendor does it. Not on by default, since a
 * loopback is faster than any network. Sources: help page `api-ram-2015-05-01-quota`, the STS FAQ, and CloudFlow "Limits".
 */
import { throttled } from './dispatch.js';
import type { CallInfo, CallInterceptor } from './kernel.js';

interface Rate {
  readonly product: string;
  readonly actions: RegExp;
  /** Calls a second, for each action and account; of AssumeRole for the account with all its users and roles. */
  readonly perSecond: number;
  /** Of a bucket that holds more than it is given a second: how many calls at once a full one takes. */
  readonly atOnce?: number;
}

/** First match wins. What RAM's page leaves out of its writes is taken as the others of them. */
const PUBLISHED: readonly Rate[] = [
  { product: 'Sts', actions: /^AssumeRole$/, perSecond: 100 },
  { product: 'Ram', actions: /^(?:AttachPolicyTo|DetachPolicyFrom)Role$/, perSecond: 10 },
  { product: 'Ram', actions: /^(?:Get|List)/, perSecond: 100 },
  { product: 'Ram', actions: /^/, perSecond: 20 },
  { product: 'fnf', actions: /^StartExecution$/, perSecond: 100 },
  { product: 'fnf', actions: /^(?:DescribeExecution|GetExecutionHistory)$/, perSecond: 5, atOnce: 50 },
  { product: 'fnf', actions: /^/, perSecond: 2, atOnce: 10 },
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
  const windows = new Map<string, { readonly second: number; count: number }>();
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
      const key = `${call.callerArn?.split(':')[3] ?? ''} ${call.action}`;
      const atOnce = publishedOf(call)?.atOnce;
      if (atOnce !== undefined) return isTaken(key, perSecond, atOnce) ? undefined : throttled;
      const second = Math.floor(now() / 1000);
      const known = windows.get(key);
      const window = known?.second === second ? known : { second, count: 0 };
      window.count += 1;
      windows.set(key, window);
      return window.count > perSecond ? throttled : undefined;
    },
  };
}
