/** The clock, chance and log of the process we run in. */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { instantOf } from '../../domain/values.js';
import type { ChancePort, ClockPort, LogPort } from '../ports.js';

export const systemClock: ClockPort = {
  now: () => instantOf(Date.now()),
  ticks: () => performance.now(),
  sleep: async (seconds) => {
    await wait(seconds * 1000);
  },
};

export const systemChance: ChancePort = { nonce: () => randomBytes(16).toString('hex') };

/** One for all requests of an instance: to make one takes longer than to write a line. */
const log = pino(
  { base: null, timestamp: pino.stdTimeFunctions.isoTime },
  { write: (line) => process.stdout.write(line) },
);

/** One JSON line an entry on standard output, which Function Compute sends to the function's log store. */
export function makeLogPort(bindings: Readonly<Record<string, string>>): LogPort {
  // Not as bindings of the library's, which would put a field twice into a line that says it too.
  return {
    info: (fields, message) => log.info({ ...bindings, ...fields }, message),
    warn: (fields, message) => log.warn({ ...bindings, ...fields }, message),
  };
}
