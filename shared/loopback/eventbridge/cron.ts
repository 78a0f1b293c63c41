/**
 * Schedules of scheduled event sources: `sec min hour day month weekday`, or a period in whole seconds. Source: EventBridge
 * "Scheduled events". Not documented, taken from the schedulers whose form it is: `?` is `*`; weekdays are 0–7, Sunday both;
 * day and weekday must both fit; a period is written as a bare number. Names (`MON`, `JAN`), `L`, `W` and `#` are refused.
 */

/** The first time after `after` (both epoch ms) at which the schedule fires; `undefined` when it never does. */
export type Schedule = (after: number) => number | undefined;

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}
const FIELDS: readonly Field[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12 },
  { name: 'weekday', min: 0, max: 7 },
];
const DAY_MS = 86_400_000;
/** Every combination of day, month and weekday that exists comes round in 28 years, 40 across a year like 2100. */
const MAX_DAYS = 40 * 366;

/** `text` is read in `timeZone`, such as `GMT+8:00`. Returns why it cannot be read as text. */
export function parseSchedule(text: string, timeZone: string): Schedule | string {
  const offset = offsetMs(timeZone);
  if (offset === undefined) return 'TimeZone must be like GMT+8:00';
  if (/^[1-9]\d{0,7}$/.test(text)) return (after) => after + Number(text) * 1000;
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return 'a cron expression has six fields, seconds first';
  const sets: ReadonlySet<number>[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const values = valuesOf(parts[index] ?? '', field);
    if (values === undefined) return `the ${field.name} is not valid`;
    sets.push(values);
  }
  return (after) => nextAfter(sets, after, offset);
}

function offsetMs(timeZone: string): number | undefined {
  const match = /^GMT(?:([+-])(\d{1,2}):([0-5]\d))?$/.exec(timeZone);
  if (match === null) return undefined;
  const [, sign = '+', hours = '0', minutes = '0'] = match;
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return size > 14 * 3_600_000 ? undefined : sign === '-' ? -size : size;
}

function valuesOf(text: string, field: Field): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(?:[*?]|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (match === null) return undefined;
    const [, from, to, step] = match;
    const first = from === undefined ? field.min : Number(from);
    const isOpen = from === undefined || (to === undefined && step !== undefined);
    const last = isOpen ? field.max : Number(to ?? from);
    const stride = Number(step ?? 1);
    if (first < field.min || last > field.max || first > last || stride === 0) return undefined;
    for (let value = first; value <= last; value += stride) values.add(value);
  }
  return values;
}

/** Works on local times written as if they were UTC. */
function nextAfter(sets: readonly ReadonlySet<number>[], after: number, offset: number): number | undefined {
  const local = Math.floor((after + offset) / 1000) * 1000 + 1000;
  const firstDay = Math.floor(local / DAY_MS) * DAY_MS;
  for (let day = 0; day < MAX_DAYS; day++) {
    const midnight = firstDay + day * DAY_MS;
    if (!isDay(sets, new Date(midnight))) continue;
    const second = secondOfDay(sets, day === 0 ? (local - midnight) / 1000 : 0);
    if (second !== undefined) return midnight + second * 1000 - offset;
  }
  return undefined;
}

function isDay([, , , days, months, weekdays]: readonly ReadonlySet<number>[], date: Date): boolean {
  const weekday = date.getUTCDay();
  return (
    (days?.has(date.getUTCDate()) ?? false) &&
    (months?.has(date.getUTCMonth() + 1) ?? false) &&
    ((weekdays?.has(weekday) ?? false) || (weekday === 0 && (weekdays?.has(7) ?? false)))
  );
}

/** The first second of a day, from `from` on, that fits. */
function secondOfDay(
  [seconds = new Set(), minutes = new Set(), hours = new Set()]: readonly ReadonlySet<number>[],
  from: number,
): number | undefined {
  for (const hour of sorted(hours)) {
    if ((hour + 1) * 3600 <= from) continue;
    for (const minute of sorted(minutes)) {
      if (hour * 3600 + (minute + 1) * 60 <= from) continue;
      for (const second of sorted(seconds)) {
        const at = hour * 3600 + minute * 60 + second;
        if (at >= from) return at;
      }
    }
  }
  return undefined;
}
const sorted = (values: ReadonlySet<number>): readonly number[] => [...values].sort((a, b) => a - b);
