/**
 * How long a hand-over rests that comes to nothing again and again. Each try is two facts, and facts that nobody bounds become more than
 * a step can read in its time: then nothing could be done about the contract any more, its end included. Pure.
 */
import type { Contract } from '../../domain/contract.js';
import { addSeconds, type Instant, secondsBetween } from '../../domain/values.js';

/** Of the time since the first try: the next is as much later than the last. */
const SHARE = 1 / 4;
const LONGEST_SECONDS = 6 * 3600;

/** Before what has come to nothing for `seconds` is tried again. */
export const restSeconds = (seconds: number): number => Math.min(seconds * SHARE, LONGEST_SECONDS);

/**
 * Until when the sweep need not have it tried; `undefined` where nobody has tried since something was owed last. Who calls the step
 * waits for nothing.
 */
export function restsUntil({ facts, owed }: Contract): Instant | undefined {
  const since = Math.max(0, ...owed.map(({ of }) => of));
  const tries = facts.filter(({ kind, seq }) => kind === 'handing-over' && seq > since);
  const [first, last] = [tries[0], tries.at(-1)];
  if (owed.length === 0 || first === undefined || last === undefined) return undefined;
  return addSeconds(last.at, restSeconds(secondsBetween(first.at, last.at)));
}
