/** Decisions of the policy engine a second, on a role with 20 statements. */
import { authorize, compilePolicies, parsePolicy } from '../policy/index.js';

const ROUNDS = 7;
const DECISIONS = 400_000;

/** Median of several rounds; requests that are allowed, denied and unmatched in turn. */
export function benchPolicy(): { readonly decisionsPerSecond: number } {
  const window = {
    DateGreaterThanEquals: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' },
    DateLessThan: { 'acs:CurrentTime': '2027-01-01T00:00:00Z' },
  };
  const allows = Array.from({ length: 17 }, (_, n) => ({
    Effect: 'Allow',
    Action: [`s${n}:Get`, `s${n}:List*`],
    Resource: [`acs:s${n}:cn-hangzhou:1:instance/i-${n}`, `acs:s${n}:cn-hangzhou:1:instance/i-${n}/*`],
    Condition: window,
  }));
  const denies = [
    {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { DateLessThan: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' } },
    },
    {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { DateGreaterThanEquals: { 'acs:CurrentTime': '2027-01-01T00:00:00Z' } },
    },
    { Effect: 'Deny', Action: ['ram:*', 's3:ListSecrets'], Resource: '*' },
  ];
  const document = parsePolicy(JSON.stringify({ Version: '1', Statement: [...allows, ...denies] }));
  const sets = { accountLevel: compilePolicies([{ name: 'role', document }]) };
  const context = { 'acs:CurrentTime': '2026-06-01T00:00:00Z', 'acs:SourceIp': '10.0.0.1' };
  const requests = Array.from({ length: 17 }, (_, n) => [
    { action: `s${n}:Get`, resource: `acs:s${n}:cn-hangzhou:1:instance/i-${n}`, context },
    { action: `s${n}:ListAll`, resource: `acs:s${n}:cn-hangzhou:1:instance/i-${n}0`, context },
    { action: 'ram:GetRole', resource: 'acs:ram::1:role/r', context },
  ]).flat();
  const rates = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    for (let n = 0; n < DECISIONS; n++)
      authorize(requests[n % requests.length] ?? { action: '', resource: '', context }, sets);
    return DECISIONS / ((performance.now() - started) / 1000);
  });
  return { decisionsPerSecond: Math.round(median(rates)) };
}

export function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
