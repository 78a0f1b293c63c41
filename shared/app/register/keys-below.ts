/** Keys that a bucket has, however many. Reads only. */
import type { Ports } from '../../cloud/ports.js';

/** Most that one listing call gives. Source: OSS API reference, ListObjectsV2. */
export const MOST_LISTED = 1000;

/** Those of the index below `prefix`, in order, a listing call at a time; the next is made when its keys are asked for. */
export async function* pagesBelow(
  prefix: string,
  index: Ports['index'],
): AsyncGenerator<readonly string[], void> {
  let after: string | undefined;
  do {
    const keys: readonly string[] = await index.list(prefix, MOST_LISTED, after);
    yield keys;
    after = keys.length < MOST_LISTED ? undefined : keys.at(-1);
  } while (after !== undefined);
}

/** As `pagesBelow`, key by key. */
export async function* keysBelow(prefix: string, index: Ports['index']): AsyncGenerator<string, void> {
  for await (const keys of pagesBelow(prefix, index)) yield* keys;
}
