/** Speed of the embedded cloud itself. */
import { makeRamPort } from '../cloud/alibaba/ram.js';
import { startCloud } from '../loopback/cloud.js';
import { cloudFlowService } from '../loopback/cloudflow/service.js';
import { median } from './policy-bench.js';

const ACCOUNT = '1000000000000001';
const REGION = 'cn-hangzhou';
/** An execution holds 5,000 events, two a state. */
const STATES = 2_000;
const ROUNDS = 7;

/** Pass states a second, through a chain in one execution. */
export async function benchPassStates(): Promise<number> {
  let flows: ReturnType<typeof cloudFlowService> | undefined;
  const running = await startCloud({
    services: [
      (cloud) => {
        flows = cloudFlowService(cloud);
        return flows;
      },
    ],
  });
  running.accounts.createAccount(ACCOUNT);
  const states = Array.from({ length: STATES }, (_, n) => ({
    Type: 'Pass',
    Name: `P${n}`,
    ...(n === STATES - 1 ? { End: true } : { Next: `P${n + 1}` }),
  }));
  const Definition = JSON.stringify({
    Type: 'StateMachine',
    SpecVersion: 'v1',
    Name: 'chain',
    StartAt: 'P0',
    States: states,
  });
  const call = (action: string, params: Readonly<Record<string, string>>) =>
    running.cloud.call(running.accounts.rootOf(ACCOUNT), '2019-03-15', action, params, REGION);
  await call('CreateFlow', { Name: 'chain', Definition, Type: 'FDL', Description: 'benchmark' });
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await call('StartExecution', { FlowName: 'chain', ExecutionName: `e${round}`, Input: '{"a":1}' });
    await flows?.executionsOf(ACCOUNT, 'chain').at(-1)?.over;
    rates.push(STATES / ((performance.now() - started) / 1000));
  }
  await running.close();
  return Math.round(median(rates));
}

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
