/** Reads list replies of the products, whatever is missing from them. */

/** The value at `path`, or `undefined`. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[name] : undefined,
    value,
  );
}

/** The text under `name` of every object in the list `value`; none when it is no list. */
export function idsIn(value: unknown, name: string): readonly string[] {
  return Array.isArray(value)
    ? value.map((item) => field(item, name)).filter((id): id is string => typeof id === 'string')
    : [];
}
