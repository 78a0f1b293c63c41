/** Whose turn it is to be looked at: round and round through everybody, a page at a time. Pure. */

/** As many as one Map takes in without an execution outgrowing its history. */
export const PAGE = 200;
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
  // Never the same one twice in a round.
  const size = Math.min(PAGE, keys.length - looked);
  if (size <= 0) return { page: [], cursor, isMore: false };
  const at = keys.findIndex((key) => key > cursor);
  const from = Math.max(at, 0);
  const page = [...keys.slice(from), ...keys.slice(0, from)].slice(0, size);
  const share = Math.ceil(keys.length / ROUND);
  return { page, cursor: page.at(-1) ?? cursor, isMore: looked + page.length < share };
}
