/**
 * Makes and deletes alarms in CloudMonitor, for ROS knows no other statistics than Availability, Average, Maximum and Minimum, and
 * CloudMonitor takes only those that the metric has, such as `Value`.
 */
import type { AlarmToDeploy } from '../../domain/deployment.js';
import type { Connection } from './connection.js';
import { deployedAlarms } from './deployed/watch.js';
import { callMonitor } from './monitor.js';
import { listAt, text } from './open-api.js';

export interface AlarmControl {
  /**
   * Those that CloudMonitor knows of a metric; none when it does not know the metric.
   * Source: CloudMonitor API reference, DescribeMetricMetaList, which has them as one text with commas.
   */
  statisticsOf(namespace: string, metric: string): Promise<readonly string[]>;
  /**
   * Makes the alarm, or changes the one of that name, which is its id too. May run twice.
   * Source: CloudMonitor API reference, PutResourceMetricRule: an id that is there is changed, and since 2024-08-15 `Statistics` is
   * refused where the metric has no such one. How resources and contact groups are written: the vendor's Terraform provider,
   * `alicloud_cms_alarm`.
   */
  put(alarm: AlarmToDeploy, statistic: string): Promise<void>;
  /**
   * Deletes those of `names` that are there, and gives back which. May run twice.
   * Source: CloudMonitor API reference, DeleteMetricRules, which takes a hundred; of one that is not there it may say that it is not found.
   */
  remove(names: readonly string[]): Promise<readonly string[]>;
}

export function makeAlarmControl(connection: Connection): AlarmControl {
  return {
    statisticsOf: async (namespace, metric) => {
      const reply = await callMonitor(connection, `looking at metric ${metric}`, 'DescribeMetricMetaList', {
        Namespace: namespace,
        MetricName: metric,
      });
      return listAt(reply, 'Resources', 'Resource')
        .filter((one) => text(one, 'MetricName') === metric)
        .flatMap((one) => text(one, 'Statistics').split(','))
        .map((one) => one.trim())
        .filter((one) => one !== '');
    },
    put: async (alarm, statistic) => {
      await callMonitor(connection, `putting alarm ${alarm.name}`, 'PutResourceMetricRule', {
        RuleId: alarm.name,
        RuleName: alarm.name,
        Namespace: alarm.namespace,
        MetricName: alarm.metric,
        Resources: JSON.stringify(alarm.resources),
        ContactGroups: alarm.contacts.join(','),
        Period: String(alarm.periodSeconds),
        Interval: String(alarm.periodSeconds),
        NoDataPolicy: alarm.noData,
        'Escalations.Critical.ComparisonOperator': alarm.comparison,
        'Escalations.Critical.Statistics': statistic,
        'Escalations.Critical.Threshold': String(alarm.threshold),
        'Escalations.Critical.Times': String(alarm.times),
      });
    },
    remove: async (names) => {
      const there = (await deployedAlarms(names, connection)).map(({ name }) => name);
      if (there.length > 0)
        await callMonitor(
          connection,
          `deleting alarms ${there.join(', ')}`,
          'DeleteMetricRules',
          Object.fromEntries(there.map((name, at) => [`Id.${at + 1}`, name])),
        );
      return there;
    },
  };
}
