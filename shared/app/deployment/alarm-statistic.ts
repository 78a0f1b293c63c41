/** By which of its statistics a metric is watched. Pure. */
import type { AlarmToDeploy } from '../../domain/deployment.js';

/** The best of those that CloudMonitor knows of the metric; `undefined` where none of them says what the alarm is about. */
export const statisticFor = (
  { statistics }: Pick<AlarmToDeploy, 'statistics'>,
  known: readonly string[],
): string | undefined => statistics.find((one) => known.includes(one));
