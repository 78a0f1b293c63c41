/** Whose turn it is to be looked at: round and round through everybody, a page at a time. Pure. */

import { DRIFT_PAGE } from '../pages.js';

/** As many are looked at in every hourly round, if there are. */
const AN_HOUR = 200;
/** Everybody's turn comes in so many hourly rounds; within a day also when some of them fail. */
const ROUND = 20;

export interface Turn {
  readonly page: readonly string[];
  /** Last of the page: where the next one goes on. */
  readonly cursor: string;
  /** Whether this round owes another page, which is an execution of its own. */
  readonly isMore: boolean;
}

/** The next page of `keys` (sorted, each once) after `cursor`, `looked` having been looked at in this round. */
export function takeTurn(keys: readonly string[], cursor: string, looked: number): Turn {
  const share = Math.max(AN_HOUR, Math.ceil(keys.length / ROUND));
  // Never the same one twice in a round.
  const owed = Math.min(share, keys.length) - looked;
  const size = Math.min(DRIFT_PAGE, owed);
  if (size <= 0) return { page: [], cursor, isMore: false };
  const at = keys.findIndex((key) => key > cursor);
  const from = Math.max(at, 0);
  const page = [...keys.slice(from), ...keys.slice(0, from)].slice(0, size);
  return { page, cursor: page.at(-1) ?? cursor, isMore: size < owed };
}
