/** Speed of the embedded CloudFlow. */
import { startCloud } from '../loopback/cloud.js';
import { type CloudFlowParts, cloudFlowService } from '../loopback/cloudflow/service.js';
import { median } from './policy-bench.js';

const ACCOUNT = '1000000000000001';
/** An execution holds 5,000 events, two a state. */
const STATES = 2_000;
const ROUNDS = 5;

/** Pass states a second, through a chain in one execution: from StartExecution to its end, in host time. */
export async function benchPassStates(): Promise<{ readonly passStatesPerSecond: number }> {
  let flows: CloudFlowParts | undefined;
  const running = await startCloud({
    services: [
      (cloud) => {
        flows = cloudFlowService(cloud);
        return flows;
      },
    ],
  });
  try {
    running.accounts.createAccount(ACCOUNT);
    const call = (action: string, params: Readonly<Record<string, string>>) =>
      running.cloud.call(running.accounts.rootOf(ACCOUNT), '2019-03-15', action, params, 'cn-hangzhou');
    await call('CreateFlow', {
      Name: 'chain',
      Definition: chainOf(STATES),
      Type: 'FDL',
      Description: 'benchmark',
    });
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now();
      await call('StartExecution', { FlowName: 'chain', ExecutionName: `e${round}`, Input: '{"a":1}' });
      const execution = flows?.executionsOf(ACCOUNT, 'chain').at(-1);
      await execution?.over;
      if (execution?.status !== 'Succeeded') throw new Error('the chain did not succeed');
      rates.push(STATES / ((performance.now() - started) / 1000));
    }
    return { passStatesPerSecond: Math.round(median(rates)) };
  } finally {
    await running.close();
  }
}

function chainOf(length: number): string {
  const States = Array.from({ length }, (_, n) => ({
    Type: 'Pass',
    Name: `P${n}`,
    ...(n === length - 1 ? { End: true } : { Next: `P${n + 1}` }),
  }));
  return JSON.stringify({ Type: 'StateMachine', SpecVersion: 'v1', Name: 'chain', StartAt: 'P0', States });
}
