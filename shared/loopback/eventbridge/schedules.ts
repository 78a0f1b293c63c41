/** Scheduled event sources: they publish to their bus when the cloud's clock says so. Source: EventBridge "Scheduled events". */
import { randomUUID } from 'node:crypto';
import type { CloudClock, CloudTimer } from '../kernel.js';
import { parseSchedule, type Schedule } from './cron.js';
import { type CloudEvent, isObject, type Json } from './events.js';

export interface ScheduledParameters {
  readonly Schedule: string;
  readonly TimeZone: string;
  /** JSON object as text, '' when there is none. */
  readonly UserData: string;
}
export interface ScheduledSource {
  readonly name: string;
  readonly description: string;
  readonly parameters: ScheduledParameters;
  readonly createdAt: number;
  /** Ends the schedule. */
  stop(): void;
}

/** What can be fired; a text says why the parameters cannot be used. */
export function readScheduled(value: unknown): (ScheduledParameters & { readonly next: Schedule }) | string {
  if (!isObject(value)) return 'SourceScheduledEventParameters is missing';
  const { Schedule: text, TimeZone: timeZone = 'GMT+0:00', UserData: userData } = value;
  if (typeof text !== 'string' || typeof timeZone !== 'string') return 'Schedule is missing';
  const next = parseSchedule(text, timeZone);
  if (typeof next === 'string') return next;
  // A JSON text in one API, a map in the other.
  const data =
    typeof userData === 'string' ? userData : userData === undefined ? '' : JSON.stringify(userData);
  if (data !== '' && objectIn(data) === undefined) return 'UserData must be a JSON object';
  return { Schedule: text, TimeZone: timeZone, UserData: data, next };
}

/**
 * Fires from now on until stopped. When time is late or jumps over several turns, one event makes up for all of them, at the
 * time that is reached.
 */
export function startSchedule(clock: CloudClock, next: Schedule, fire: () => void): () => void {
  let timer: CloudTimer | undefined;
  const arm = (at: number | undefined): void => {
    timer = at === undefined ? undefined : clock.at(at, tick, { background: true });
  };
  const tick = (): void => {
    const [now, target] = [clock.now(), clock.headingFor];
    const following = next(now);
    const isAmidJump = target !== undefined && now < target && following !== undefined && following <= target;
    if (isAmidJump) {
      arm(target);
      return;
    }
    arm(following);
    fire();
  };
  arm(next(clock.now()));
  return () => timer?.cancel();
}

/** Where user data goes in the event is not documented: beside the other two, under its parameter's name. */
export function scheduledEvent(name: string, parameters: ScheduledParameters, now: number): CloudEvent {
  const { Schedule, TimeZone, UserData } = parameters;
  return {
    id: randomUUID(),
    source: name,
    specversion: '1.0',
    type: 'eventbridge:Events:ScheduledEvent',
    datacontenttype: 'application/json;charset=utf-8',
    time: new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    data: { TimeZone, Schedule, ...(UserData === '' ? {} : { UserData: objectIn(UserData) }) },
  };
}

function objectIn(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
