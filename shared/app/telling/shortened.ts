/** What is told is shortened to what an event has room for: how long its lists are, strangers decide too. Pure. */

type Data = Readonly<Record<string, unknown>>;
interface List {
  /** Where it stands: `appeared`, `findings.0.widens`. */
  readonly name: string;
  readonly items: unknown[];
}

/** An event has at most 60 KB; what Leasehold and EventBridge put around the data takes less than two. */
export const MAX_DATA_BYTES = 58 * 1024;
/** Of a list, each time that it is the longest. */
const KEPT = 3 / 4;

/**
 * `data`, where it has room; otherwise the longest lists in it lose their ends, and `notTold` says how many items each has lost. What is
 * sealed is given whole or not at all, so it is parted before it comes here, and never shortened.
 */
export function shortened(data: Data, maxBytes: number = MAX_DATA_BYTES): Data {
  if (bytesOf(data) <= maxBytes) return data;
  const short = JSON.parse(JSON.stringify(data)) as Data;
  const notTold: Record<string, number> = {};
  const told: Data = { ...short, notTold };
  while (bytesOf(told) > maxBytes) {
    const list = longestOf(listsIn(short));
    if (list === undefined) break;
    const { name, items } = list;
    const lost = items.splice(Math.floor(items.length * KEPT)).length;
    notTold[name] = (notTold[name] ?? 0) + lost;
  }
  return told;
}

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

function listsIn(value: unknown, name = ''): readonly List[] {
  if (typeof value !== 'object' || value === null || name === 'sealed') return [];
  const below = Object.entries(value).flatMap(([key, one]) =>
    listsIn(one, name === '' ? key : `${name}.${key}`),
  );
  return Array.isArray(value) && value.length > 0 ? [{ name, items: value }, ...below] : below;
}

/** One that is but one item goes last: what is in that may be shortened instead. */
function longestOf(lists: readonly List[]): List | undefined {
  const longer = lists.filter(({ items }) => items.length > 1);
  const sized = (longer.length > 0 ? longer : lists).map((list) => ({ list, bytes: bytesOf(list.items) }));
  return sized.sort((left, right) => right.bytes - left.bytes)[0]?.list;
}
