/** Step FindDueWork: what is due by now, earliest first. */
import type { Ports } from '../../cloud/ports.js';
import { parseObject } from '../inbound/step-input.js';
import { DUE_PAGE } from '../pages.js';
import { DUE_PREFIX, dueEntryOf } from '../register/index-entries.js';
import { keysBelow } from '../register/keys-below.js';

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
 * left, and keeps nothing else from being done. Reads only.
 */
export async function findDueWork(cursor: string, { index, clock, log }: Ports): Promise<DueWork> {
  // The key of what is due this second sorts after the bare instant, and before anything of the next.
  const end = `${DUE_PREFIX}${clock.now()}~`;
  const known: string[] = [];
  let unknown = 0;
  // One more than is taken tells whether there is more.
  for await (const key of keysBelow(DUE_PREFIX, index, { after: cursor, pageSize: DUE_PAGE + 1 })) {
    if (key > end || known.length > DUE_PAGE) break;
    if (dueEntryOf(key) === undefined) unknown += 1;
    else known.push(key);
  }
  if (unknown > 0) log.warn({ entries: unknown }, 'entries that this version does not know are left');
  const page = known.slice(0, DUE_PAGE);
  return {
    items: page.map((key) => ({ key })),
    cursor: page.length < known.length ? (page.at(-1) ?? '') : '',
  };
}
