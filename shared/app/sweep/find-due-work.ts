/** Step FindDueWork: what is due by now, earliest first. */
import type { Ports } from '../../cloud/ports.js';
import { parseObject } from '../inbound/step-input.js';
import { DUE_PAGE } from '../pages.js';
import { DUE_PREFIX, dueEntryOf } from '../register/index-entries.js';
import { MOST_LISTED } from '../register/keys-below.js';

export interface DueWork {
  readonly items: readonly { readonly key: string }[];
  /** Where the next page begins; empty when this was the last. */
  readonly cursor: string;
}

/** Where to go on, in the input of the step; a clock tick begins at the beginning. @throws {InvalidRequestError} */
export function parseCursor(event: Buffer): string {
  const { cursor } = parseObject(event);
  return typeof cursor === 'string' ? cursor : '';
}

/**
 * One listing call, also on an idle tick: keys begin with their instant, and instants sort as text. What this version does not know is
 * left, and keeps nothing else from being done: a page of nothing else would be taken for the last. Reads only.
 */
export async function findDueWork(cursor: string, ports: Ports): Promise<DueWork> {
  const { index, clock, log } = ports;
  const keys = await index.list(DUE_PREFIX, MOST_LISTED, cursor === '' ? undefined : cursor);
  // The key of what is due this second sorts after the bare instant, and before anything of the next.
  const end = `${DUE_PREFIX}${clock.now()}~`;
  const due = keys.filter((key) => key <= end);
  const known = due.filter((key) => dueEntryOf(key) !== undefined);
  if (known.length < due.length)
    log.warn({ entries: due.length - known.length }, 'entries that this version does not know are left');
  const page = known.slice(0, DUE_PAGE);
  const isMore = page.length < known.length;
  const next = (isMore ? page.at(-1) : due.length === MOST_LISTED ? due.at(-1) : '') ?? '';
  if (page.length === 0 && next !== '') return findDueWork(next, ports);
  return { items: page.map((key) => ({ key })), cursor: next };
}
