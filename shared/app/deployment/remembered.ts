/** What is made of the same texts again and again, since a process may have many deployments of one project. */

/** More than a project has files, times a few stages. */
const MOST = 64;

/** `make()`, or what it returned for the same `key` before. Nobody changes what is returned. */
export function makeMemory<T>(): (key: string, make: () => T) => T {
  const made = new Map<string, T>();
  return (key, make) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const result = make();
    if (made.size >= MOST) made.clear();
    made.set(key, result);
    return result;
  };
}
