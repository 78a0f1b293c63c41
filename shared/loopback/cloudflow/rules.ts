/** Which Retry and Catch rules apply, and how long a retry waits. Source: CloudFlow "Error handling". */
import type { RetryRule } from './definition.js';

const MAX_PAUSE_SECONDS = 86_400;

/** The first rule that names `code`; only that one is used. */
export const ruleFor = <Rule extends { readonly Errors: readonly string[] }>(
  rules: readonly Rule[] | undefined,
  code: string,
): Rule | undefined => rules?.find(({ Errors }) => Errors.includes('FnF.ALL') || Errors.includes(code));

/** Seconds before the next retry, when `tried` retries were made under this rule. */
export function pauseBefore(rule: RetryRule, tried: number): number {
  const seconds = rule.IntervalSeconds * (rule.BackoffRate ?? 1) ** tried;
  return Math.min(seconds, rule.MaxBackoffSeconds ?? MAX_PAUSE_SECONDS, MAX_PAUSE_SECONDS);
}
