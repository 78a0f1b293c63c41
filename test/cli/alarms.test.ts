import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeProgram } from '../../shared/cli/program.js';
import { type CannedMonitor, startCannedMonitor } from '../support/canned-monitor.js';
import { deploymentWith } from '../support/deployments.js';
import { OWNER } from '../support/requests.js';

const { alarms, alarmNames } = deploymentWith({ LEASEHOLD_ALARM_CONTACTS: 'on-call' });

let cloud: CannedMonitor;
let printed: string[];
beforeEach(async () => {
  cloud = await startCannedMonitor();
  for (const { metric } of alarms) cloud.metrics.set(metric, 'Value');
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await cloud.close();
});

async function run(contacts: string, ...words: readonly string[]): Promise<void> {
  vi.stubEnv('AccessKeyID', 'id');
  vi.stubEnv('AccessKeySecret', 'secret');
  vi.stubEnv('LEASEHOLD_ALARM_CONTACTS', contacts);
  const args = ['--account', OWNER, '--endpoint', cloud.connection.endpoint ?? '', ...words];
  await (await makeProgram('alarms')).parseAsync(['alarms', ...args], { from: 'user' });
}

describe('leasehold alarms', () => {
  it('puts every alarm with the statistic that its metric has, a line each, and may run twice', async () => {
    cloud.metrics.set('ExecutionsFailed', 'Average,Maximum,Sum');
    await run('on-call');
    await run('on-call');
    expect([...cloud.rules.keys()]).toEqual(alarmNames);
    expect(printed.slice(0, alarms.length)).toEqual(printed.slice(alarms.length));
    expect(printed).toContain('put leasehold-flow-failed: ExecutionsFailed by Sum');
    expect(printed).toContain('put leasehold-slow-denial: FunctionMaxDuration by Value');
  });

  it('calls nobody where nobody is to be told, says so and ends well', async () => {
    await run('');
    expect(printed).toEqual([expect.stringContaining('LEASEHOLD_ALARM_CONTACTS is empty')]);
    expect(cloud.asked).toEqual([]);
  });

  it('puts the others where some are refused, and fails with all of these and why', async () => {
    cloud.metrics.set('FunctionMaxDuration', 'P90,P99');
    cloud.metrics.delete('ExecutionsTimedOut');
    const failed = run('on-call');
    await expect(failed).rejects.toThrow(`2 of ${alarms.length} alarms could not be put`);
    await expect(failed).rejects.toThrow(
      'leasehold-flow-timed-out: CloudMonitor knows no metric ExecutionsTimedOut',
    );
    await expect(failed).rejects.toThrow(
      'leasehold-slow-denial: of FunctionMaxDuration CloudMonitor has P90, P99, and the alarm takes Maximum or Value',
    );
    const put = alarmNames.filter((name) => !/flow-timed-out|slow-denial/.test(name));
    expect([...cloud.rules.keys()]).toEqual(put);
    expect(printed).toHaveLength(put.length);
  });

  it('says what CloudMonitor says', async () => {
    cloud.denied.add('PutResourceMetricRule');
    const failed = run('on-call');
    await expect(failed).rejects.toThrow(`${alarms.length} of ${alarms.length}`);
    await expect(failed).rejects.toThrow(/your key has not the right to do that \(.*User not authorized/);
  });
});

describe('leasehold alarms --remove', () => {
  it('takes away those of the stage, also where nobody is told any more, and may run twice', async () => {
    await run('on-call');
    cloud.rules.set('of-somebody-else', {});
    printed = [];
    await run('', '--remove');
    await run('', '--remove');
    expect([...cloud.rules.keys()]).toEqual(['of-somebody-else']);
    expect(printed).toEqual([
      ...alarmNames.map((name) => `remove ${name}`),
      'nothing to do: none of the alarms is there',
    ]);
  });

  it('fails where CloudMonitor refuses, and says what it says', async () => {
    cloud.rules.set(alarmNames[0] ?? '', {});
    cloud.denied.add('DeleteMetricRules');
    await expect(run('', '--remove')).rejects.toThrow('User not authorized');
  });
});
