/** Reads the values that conditions compare. All are strings in RAM: numbers, dates and addresses too. */

/** Decimal number; RAM writes numbers as strings. */
export const readNumber = (text: string): number | undefined =>
  /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;

const DATE_WITH_ZONE = /^(.{16})(?::(\d{2})(?:\.(\d+))?)?(?:Z|([+-])(\d{2}):(\d{2}))$/;
const MINUTE_MS = 60_000;

/**
 * Epoch milliseconds of an ISO-8601 date with zone: `2012-11-11T23:59:59Z`, `2019-08-12T17:00:00+08:00`. The calendar is
 * checked here, since `Date.parse` takes 30 February for 2 March, and a window must not end on a day that nobody wrote.
 */
export function readDate(text: string): number | undefined {
  // Nearly every date asked about has this form, and is asked about at every decision.
  if (text.length === 20 && text.charCodeAt(19) === Z && text.charCodeAt(16) === COLON)
    return instant(text, digits(text, 17, 19), 0);
  const parts = DATE_WITH_ZONE.exec(text);
  if (parts === null) return undefined;
  const [, , seconds = '0', fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = parts;
  const [hours, minutes] = [Number(offsetHours), Number(offsetMinutes)];
  if (hours > 23 || minutes > 59) return undefined;
  const local = instant(text, Number(seconds), Number(`${fraction}000`.slice(0, 3)));
  const offset = (hours * 60 + minutes) * MINUTE_MS * (sign === '-' ? -1 : 1);
  return local === undefined ? undefined : local - offset;
}

const Z = 90;
const COLON = 58;

/** `YYYY-MM-DDTHH:MM` at the start of `text` as UTC. */
function instant(text: string, second: number, millisecond: number): number | undefined {
  const isDashed = text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45;
  if (!isDashed || text.charCodeAt(10) !== 84 || text.charCodeAt(13) !== COLON) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const isDate = year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  const isTime = hour <= 23 && minute <= 59 && second <= 59;
  return isDate && isTime ? Date.UTC(year, month - 1, day, hour, minute, second, millisecond) : undefined;
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysIn = (year: number, month: number): number =>
  month === 2
    ? isLeap(year)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31;

/** Never negative. `NaN`, which no comparison lets pass, when something else than digits stands there. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

export function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** An IPv4 address as an unsigned number. */
export function readIpv4(text: string): number | undefined {
  let address = 0;
  let from = 0;
  for (let part = 0; part < 4; part++) {
    const dot = text.indexOf('.', from);
    const to = part === 3 ? text.length : dot;
    if ((part === 3) !== dot < 0 || to === from || to - from > 3) return undefined;
    const value = digits(text, from, to);
    if (!(value <= 255)) return undefined;
    address = address * 256 + value;
    from = to + 1;
  }
  return address;
}

/** A network: the first address and how many there are. `10.0.0.1` is a network of one. */
export function readNetwork(text: string): { readonly first: number; readonly size: number } | undefined {
  const [address = '', prefixText = '32', ...rest] = text.split('/');
  const base = readIpv4(address);
  const prefix = /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : 33;
  if (base === undefined || prefix > 32 || rest.length > 0) return undefined;
  const size = 2 ** (32 - prefix);
  return { first: base - (base % size), size };
}
