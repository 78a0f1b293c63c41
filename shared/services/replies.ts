/** Reads list replies of the products, whatever is missing from them. */

/** The value at `path`, or `undefined`. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, name)
        ? (at as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  );
}

/** The text under `name` of every object in the list `value`, each once; none when it is no list. */
export function idsIn(value: unknown, name: string): readonly string[] {
  const ids = Array.isArray(value) ? value.map((item) => field(item, name)) : [];
  return [...new Set(ids.filter((id): id is string => typeof id === 'string' && id !== ''))];
}
