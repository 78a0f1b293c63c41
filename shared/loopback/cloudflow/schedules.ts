/** Time schedules of a flow. Source: CloudFlow "Create a time-based schedule", ROS `ALIYUN::FNF::Schedule`. */
import { parseSchedule } from '../eventbridge/cron.js';
import { startSchedule } from '../eventbridge/schedules.js';
import type { CloudClock } from '../kernel.js';
import { invalid } from './parameters.js';

export interface Schedule {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly cron: string;
  /** JSON object as text, '' when there is none. */
  readonly payload: string;
  readonly isEnabled: boolean;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Ends it; of one that is not enabled, does nothing. */
  stop(): void;
}

/** Times at which a schedule fires: six fields, seconds first, in UTC; or `@every <minutes>m`, as the console writes it. */
type Times = (after: number) => number | undefined;

/** @throws {ApiError} `InvalidArgument` */
export function timesOf(cron: string): Times {
  const every = /^@every ([1-9]\d{0,4})m$/.exec(cron);
  if (every !== null) return (after) => after + Number(every[1]) * 60_000;
  const times = /\s/.test(cron.trim())
    ? parseSchedule(cron, 'GMT+0:00')
    : 'a cron expression has six fields, seconds first';
  if (typeof times === 'string') throw invalid(`CronExpression is not valid: ${times}.`);
  return times;
}

/** Calls `fire` at each of its times from now on. @throws {ApiError} `InvalidArgument` for its cron expression */
export function makeSchedule(clock: CloudClock, parts: Omit<Schedule, 'stop'>, fire: () => void): Schedule {
  const times = timesOf(parts.cron);
  return { ...parts, stop: parts.isEnabled ? startSchedule(clock, times, fire) : () => undefined };
}
