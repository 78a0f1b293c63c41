/** Speed of the embedded cloud itself. */
import { makeRamPort } from '../cloud/alibaba/ram.js';
import { startCloud } from '../loopback/cloud.js';
import { median } from './policy-bench.js';

const ACCOUNT = '1000000000000001';
const REGION = 'cn-hangzhou';
const ROUNDS = 7;

/** GetRole a second, by the official SDK, eight at a time. */
export async function benchReads(): Promise<number> {
  const running = await startCloud();
  const { rootAccessKey } = running.accounts.createAccount(ACCOUNT);
  const ram = makeRamPort({
    region: REGION,
    owner: ACCOUNT,
    credentials: rootAccessKey,
    endpoint: running.endpoint,
    timeoutMilliseconds: 10_000,
  });
  const name = 'lease-benchmark' as Parameters<typeof ram.observeRole>[0];
  const trust = JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${ACCOUNT}:root`] } },
    ],
  });
  await ram.createRole({ name, trust, description: 'benchmark', maxSessionSeconds: 3600, tags: {} });
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    for (let n = 0; n < 50; n++) await Promise.all(Array.from({ length: 8 }, () => ram.observeRole(name)));
    rates.push(400 / ((performance.now() - started) / 1000));
  }
  await running.close();
  return Math.round(median(rates));
}
