/** `leasehold alarms`: makes what rings, or takes it away. `s.yaml` runs it; it may also be run alone, and twice. */
import { Command } from 'commander';
import { statisticFor } from '../app/deployment/alarm-statistic.js';
import type { AlarmControl } from '../cloud/alibaba/alarm-control.js';
import type { AlarmToDeploy } from '../domain/deployment.js';
import { type ConnectOptions, connectionFrom, withConnectOptions } from './connect.js';
import { environmentOf } from './operator.js';
import { plainError } from './plain-error.js';
import { readProject } from './project.js';

interface Options extends ConnectOptions {
  readonly remove?: true;
}

export function alarmsCommand(): Command {
  return withConnectOptions(new Command('alarms'))
    .description(
      'make what rings at LEASEHOLD_ALARM_CONTACTS, each alarm with the statistic that its metric has; part of `s deploy`',
    )
    .option('--remove', 'take the alarms of this stage away instead; part of `s remove`')
    .action(async (options: Options) => {
      const connection = connectionFrom(options);
      const { alarms, alarmNames } = readProject({
        env: environmentOf({}, connection),
        accountId: connection.owner,
      });
      const { makeAlarmControl } = await import('../cloud/alibaba/alarm-control.js');
      const control = makeAlarmControl(connection);
      if (options.remove) await removeAll(alarmNames, control);
      else if (alarms.length === 0)
        console.log(
          'LEASEHOLD_ALARM_CONTACTS is empty, so nothing is made that rings; --remove takes away what was made before',
        );
      else await putAll(alarms, control);
    });
}

async function removeAll(names: readonly string[], control: AlarmControl): Promise<void> {
  let removed: readonly string[];
  try {
    removed = await control.remove(names);
  } catch (failure) {
    throw new Error(told(failure));
  }
  for (const name of removed) console.log(`remove ${name}`);
  if (removed.length === 0) console.log('nothing to do: none of the alarms is there');
}

/**
 * One that is refused keeps none of the others from being there.
 * @throws {Error} naming all that were refused, each with what CloudMonitor says
 */
async function putAll(alarms: readonly AlarmToDeploy[], control: AlarmControl): Promise<void> {
  const refused: string[] = [];
  for (const alarm of alarms) {
    try {
      console.log(`put ${alarm.name}: ${alarm.metric} by ${await putOne(alarm, control)}`);
    } catch (failure) {
      refused.push(`${alarm.name}: ${told(failure)}`);
    }
  }
  if (refused.length > 0)
    throw new Error(
      [`${refused.length} of ${alarms.length} alarms could not be put, and do not ring:`, ...refused].join(
        '\n  ',
      ),
    );
}

/** Gives back the statistic by which it is watched. */
async function putOne(alarm: AlarmToDeploy, control: AlarmControl): Promise<string> {
  const known = await control.statisticsOf(alarm.namespace, alarm.metric);
  const statistic = statisticFor(alarm, known);
  if (statistic === undefined)
    throw new Error(
      known.length === 0
        ? `CloudMonitor knows no metric ${alarm.metric} of ${alarm.namespace}`
        : `of ${alarm.metric} CloudMonitor has ${known.join(', ')}, and the alarm takes ${alarm.statistics.join(' or ')}`,
    );
  await control.put(alarm, statistic);
  return statistic;
}

/** With the words of CloudMonitor, which our errors leave out; of these calls nothing in them is secret. */
function told(failure: unknown): string {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause instanceof Error ? `${plainError(failure)} (${cause.message})` : plainError(failure);
}
