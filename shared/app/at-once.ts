/** Looks at once: enough to hide their latency, few enough for nobody to be throttled. */
export const AT_ONCE = 16;

/** What `look` makes of each of `all`, in their order. */
export async function lookAtEach<T, R>(
  all: readonly T[],
  look: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const seen: R[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE)
    seen.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(look))));
  return seen;
}
