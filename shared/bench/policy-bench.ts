/** Decisions of the policy engine a second, on a role with 20 statements. */
import { type AccessRequest, authorize, compilePolicies, parsePolicy } from '../policy/index.js';

const ROUNDS = 7;
const PASSES = 4_000;
/** Statements of one product share its actions, as they do on a role that opens several instances. */
const PRODUCTS = 4;
const INSTANCES = 17;

/** Median of several rounds; requests that are allowed, unmatched, and denied by the time and by the place. */
export function benchPolicy(): { readonly decisionsPerSecond: number } {
  const sets = { accountLevel: compilePolicies([{ name: 'role', document: parsePolicy(roleDocument()) }]) };
  // As parsed requests carry them: every text an object of its own.
  const requests = JSON.parse(JSON.stringify(requestsOfAPass())) as readonly AccessRequest[];
  const rates = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    for (let pass = 0; pass < PASSES; pass++) for (const request of requests) authorize(request, sets);
    return (PASSES * requests.length) / ((performance.now() - started) / 1000);
  });
  return { decisionsPerSecond: Math.round(median(rates)) };
}

function roleDocument(): string {
  const allows = Array.from({ length: INSTANCES }, (_, n) => {
    const product = `s${n % PRODUCTS}`;
    return {
      Effect: 'Allow',
      Action: [`${product}:Get`, `${product}:List*`],
      Resource: [`acs:${product}:cn-hangzhou:1:instance/i-${n}`, `acs:${product}:*:1:instance/i-${n}/*`],
      Condition: {
        DateGreaterThanEquals: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' },
        DateLessThan: { 'acs:CurrentTime': '2027-01-01T00:00:00Z' },
      },
    };
  });
  const outside = (operator: string, key: string, bound: string) => ({
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: { [operator]: { [key]: bound } },
  });
  const denies = [
    outside('DateLessThan', 'acs:CurrentTime', '2026-01-01T00:00:00Z'),
    outside('DateGreaterThanEquals', 'acs:CurrentTime', '2027-01-01T00:00:00Z'),
    outside('NotIpAddress', 'acs:SourceIp', '10.0.0.0/8'),
  ];
  return JSON.stringify({ Version: '1', Statement: [...allows, ...denies] });
}

/** Four requests an instance within the lease, one after it, one from elsewhere. */
function requestsOfAPass(): readonly AccessRequest[] {
  const inside = { 'acs:CurrentTime': '2026-06-01T00:00:00Z', 'acs:SourceIp': '10.0.0.1' };
  const instances = Array.from({ length: INSTANCES }, (_, n) => {
    const product = `s${n % PRODUCTS}`;
    return { product, arn: `acs:${product}:cn-hangzhou:1:instance/i-${n}` };
  });
  const reads = (context: AccessRequest['context']): readonly AccessRequest[] =>
    instances.map(({ product, arn }) => ({ action: `${product}:Get`, resource: arn, context }));
  return [
    ...reads(inside),
    ...instances.flatMap(({ product, arn }) => [
      { action: `${product}:ListTopics`, resource: `${arn}/topic/t`, context: inside },
      { action: `${product}:Get`, resource: `${arn}-other`, context: inside },
      { action: 'ram:GetRole', resource: 'acs:ram::1:role/r', context: inside },
    ]),
    ...reads({ ...inside, 'acs:CurrentTime': '2027-01-01T00:00:00Z' }),
    ...reads({ ...inside, 'acs:SourceIp': '192.0.2.1' }),
  ];
}

export function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
