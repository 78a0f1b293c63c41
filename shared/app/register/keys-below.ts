/** Keys that a bucket has, however many. Reads only. */
import type { Ports } from '../../cloud/ports.js';

/** Most that one listing call gives. Source: OSS API reference, ListObjectsV2. */
export const MOST_LISTED = 1000;

interface Walk {
  /** Where to begin, without that key itself. Default: at the beginning. */
  readonly after?: string;
  /** Keys that one listing call asks for. Default: as many as it may give. */
  readonly pageSize?: number;
}

/** Those of the index below `prefix`, in order, a listing call at a time; the next is made when its keys are asked for. */
export async function* pagesBelow(
  prefix: string,
  index: Ports['index'],
  { after = '', pageSize = MOST_LISTED }: Walk = {},
): AsyncGenerator<readonly string[], void> {
  let last = after;
  let keys: readonly string[];
  do {
    keys = await index.list(prefix, pageSize, last === '' ? undefined : last);
    yield keys;
    last = keys.at(-1) ?? '';
  } while (keys.length === pageSize);
}

/** As `pagesBelow`, key by key. */
export async function* keysBelow(
  prefix: string,
  index: Ports['index'],
  walk?: Walk,
): AsyncGenerator<string, void> {
  for await (const keys of pagesBelow(prefix, index, walk)) yield* keys;
}
