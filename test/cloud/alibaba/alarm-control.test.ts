import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AlarmControl, makeAlarmControl } from '../../../shared/cloud/alibaba/alarm-control.js';
import { type CannedMonitor, startCannedMonitor } from '../../support/canned-monitor.js';
import { deploymentWith } from '../../support/deployments.js';

const { alarms } = deploymentWith({ LEASEHOLD_ALARM_CONTACTS: 'on-call, security' });
const slow = alarms.find(({ name }) => name === 'leasehold-slow-denial')!;

let cloud: CannedMonitor;
let control: AlarmControl;
beforeEach(async () => {
  cloud = await startCannedMonitor();
  control = makeAlarmControl(cloud.connection);
});
afterEach(() => cloud.close());

describe('statistics of a metric', () => {
  it('are those that CloudMonitor tells of it', async () => {
    cloud.metrics.set('FunctionMaxDuration', 'Average, Value');
    expect(await control.statisticsOf('acs_fc', 'FunctionMaxDuration')).toEqual(['Average', 'Value']);
    expect(cloud.asked.at(-1)).toMatchObject({
      action: 'DescribeMetricMetaList',
      query: { Namespace: 'acs_fc', MetricName: 'FunctionMaxDuration' },
    });
  });
  it('are none of a metric that it does not know', async () => {
    expect(await control.statisticsOf('acs_fc', 'FunctionMaxDuration')).toEqual([]);
  });
});

describe('an alarm', () => {
  it('is put under its name for its id, with all that PutResourceMetricRule asks for', async () => {
    cloud.metrics.set('FunctionMaxDuration', 'Value');
    await control.put(slow, 'Value');
    const { RegionId, ...put } = cloud.rules.get('leasehold-slow-denial') ?? {};
    expect(RegionId).toBe('cn-hangzhou');
    expect(put).toEqual({
      RuleId: 'leasehold-slow-denial',
      RuleName: 'leasehold-slow-denial',
      Namespace: 'acs_fc',
      MetricName: 'FunctionMaxDuration',
      Resources: JSON.stringify(slow.resources),
      ContactGroups: 'on-call,security',
      Period: '60',
      Interval: '60',
      NoDataPolicy: 'OK',
      'Escalations.Critical.ComparisonOperator': 'GreaterThanThreshold',
      'Escalations.Critical.Statistics': 'Value',
      'Escalations.Critical.Threshold': '120000',
      'Escalations.Critical.Times': '1',
    });
  });
  it('that CloudMonitor refuses in a reply of status 200 is refused', async () => {
    cloud.metrics.set('FunctionMaxDuration', 'Value');
    await expect(control.put(slow, 'Maximum')).rejects.toThrow('statistics Maximum is not supported');
  });
});

describe('removal', () => {
  it('deletes what is there and nothing else, and may run twice', async () => {
    cloud.rules.set('leasehold-slow-denial', {}).set('other', {});
    const names = alarms.map(({ name }) => name);
    expect(await control.remove(names)).toEqual(['leasehold-slow-denial']);
    expect(await control.remove(names)).toEqual([]);
    expect([...cloud.rules.keys()]).toEqual(['other']);
  });
});
