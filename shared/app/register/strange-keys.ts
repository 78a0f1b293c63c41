/** Keys that are not ours: a folder made in the console, or what another version has put there. One of them stops nothing else. */
import type { Ports } from '../../cloud/ports.js';
import { InvalidRequestError } from '../../domain/errors.js';

/** What `parse` makes of a key; `undefined` where it refuses it. */
export function unlessStrange<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidRequestError) return undefined;
    throw error;
  }
}

/** What `parse` makes of each of `keys`, without those that it refuses; the log says how many they are, and which is the first. */
export function readable<T>(
  keys: readonly string[],
  parse: (key: string) => T,
  { log }: Pick<Ports, 'log'>,
): readonly T[] {
  const read = keys.map((key) => ({ key, is: unlessStrange(() => ({ value: parse(key) })) }));
  const strange = read.filter(({ is }) => is === undefined);
  if (strange.length > 0)
    log.warn(
      { keys: strange.length, first: strange[0]?.key },
      'keys that say nothing to Leasehold are passed over',
    );
  return read.flatMap(({ is }) => (is === undefined ? [] : [is.value]));
}
