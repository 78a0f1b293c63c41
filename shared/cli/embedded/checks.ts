/** What a trial looks at: what was expected, and what was seen. */

export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly ok: boolean;
}
export interface ContractReport {
  readonly contractId: string;
  readonly outcome: string;
  readonly timeToDenySeconds?: number;
  readonly checks: readonly Check[];
}
export const check = (what: string, expected: string, seen: string): Check => ({
  what,
  expected,
  seen,
  ok: expected === seen,
});
