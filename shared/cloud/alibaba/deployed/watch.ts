/** What watches: stacks of Resource Orchestration, by which logs are seen too, and the alarms of CloudMonitor. */
import type { DeployedAlarm, DeployedStack } from '../../../domain/deployed.js';
import type { Connection } from '../connection.js';
import { doing } from '../failures.js';
import { callMonitor } from '../monitor.js';
import { callOpenApi, listAt, text } from '../open-api.js';

/**
 * `undefined` when there is no such stack. One that was deleted can still be read, and whether the list shows it is not documented.
 * Source: ROS API reference, ListStacks, GetStack and ListStackResources.
 */
export async function deployedStack(
  name: string,
  connection: Connection,
): Promise<DeployedStack | undefined> {
  const { region } = connection;
  const call = (action: string, query: Readonly<Record<string, string>>) =>
    doing(`looking at stack ${name}`, () =>
      callOpenApi(connection, { product: 'ROS', version: '2019-09-10', region, action, query }),
    );
  const stacks = listAt(await call('ListStacks', { 'StackName.1': name }), 'Stacks');
  const stack = stacks.find(
    (one) => text(one, 'StackName') === name && text(one, 'Status') !== 'DELETE_COMPLETE',
  );
  if (stack === undefined) return undefined;
  const resources = listAt(
    await call('ListStackResources', { StackId: text(stack, 'StackId') }),
    'Resources',
  );
  return {
    status: text(stack, 'Status'),
    resources: Object.fromEntries(
      resources.map((one) => [text(one, 'LogicalResourceId'), text(one, 'Status')]),
    ),
  };
}

/** RuleIds takes twenty at most. Source: CloudMonitor API reference, DescribeMetricRuleList. */
const AT_ONCE = 20;

/** Of the alarms with these names, which are their ids too. */
export async function deployedAlarms(
  names: readonly string[],
  connection: Connection,
): Promise<readonly DeployedAlarm[]> {
  const found: DeployedAlarm[] = [];
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const reply = await callMonitor(connection, 'listing alarms', 'DescribeMetricRuleList', {
      RuleIds: names.slice(from, from + AT_ONCE).join(','),
      PageSize: String(AT_ONCE),
    });
    found.push(
      ...listAt(reply, 'Alarms', 'Alarm').map((alarm) => ({
        name: text(alarm, 'RuleId'),
        isEnabled: (alarm as { readonly EnableState?: unknown }).EnableState !== false,
        isRinging: text(alarm, 'AlertState') === 'ALARM',
      })),
    );
  }
  return found;
}
