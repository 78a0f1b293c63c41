/**
 * The published request rates, as an interceptor: what is beyond them is throttled as the vendor does it. Not on by default, since a
 * loopback is faster than any network. Sources: help page `api-ram-2015-05-01-quota`, and the STS FAQ.
 */
import { throttled } from './dispatch.js';
import type { CallInterceptor } from './kernel.js';

interface Rate {
  readonly product: string;
  readonly actions: RegExp;
  /** Calls a second, for each action and account; of AssumeRole for the account with all its users and roles. */
  readonly perSecond: number;
}

/** First match wins. */
const PUBLISHED: readonly Rate[] = [
  { product: 'Sts', actions: /^AssumeRole$/, perSecond: 100 },
  { product: 'Ram', actions: /^(?:AttachPolicyTo|DetachPolicyFrom)Role$/, perSecond: 10 },
  { product: 'Ram', actions: /^(?:Create|Delete)(?:Role|Policy|User)$|^CreatePolicyVersion$/, perSecond: 20 },
  { product: 'Ram', actions: /^(?:Get|List)/, perSecond: 100 },
];

/** For `Faults.add`. `now` tells host time in epoch ms: a rate limits how fast clients really call. */
export function publishedRates(now: () => number = Date.now): CallInterceptor {
  const windows = new Map<string, { readonly second: number; count: number }>();
  return {
    before: ({ product, action, callerArn = '' }) => {
      const rate = PUBLISHED.find((one) => one.product === product && one.actions.test(action));
      if (rate === undefined) return undefined;
      const account = callerArn.split(':')[3] ?? '';
      const second = Math.floor(now() / 1000);
      const known = windows.get(`${account} ${action}`);
      const window = known?.second === second ? known : { second, count: 0 };
      window.count += 1;
      windows.set(`${account} ${action}`, window);
      return window.count > rate.perSecond ? throttled : undefined;
    },
  };
}
