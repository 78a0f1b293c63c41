/** Shapes of JSON, checked; what is wrong goes to the list of problems. */

export type Json = Readonly<Record<string, unknown>>;

/** `value` if it is a mapping, otherwise an empty one and a problem. */
export function asObject(value: unknown, what: string, problems: string[]): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  problems.push(`${what} is no mapping`);
  return {};
}

/** The mappings of a list; an absent list is empty. */
export function objects(value: unknown, what: string, problems: string[]): readonly Json[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((one) => asObject(one, what, problems));
  problems.push(`${what} is no list`);
  return [];
}

export function onlyKnown(json: Json, known: readonly string[], what: string, problems: string[]): void {
  for (const field of Object.keys(json))
    if (!known.includes(field)) problems.push(`${what} has no field ${field.slice(0, 40)}`);
}

export function checkText(value: unknown, what: string, problems: string[]): void {
  if (value !== undefined && typeof value !== 'string') problems.push(`${what} is no text`);
}

/** An absent value is in range. */
export function checkRange(value: unknown, from: number, to: number, what: string, problems: string[]): void {
  if (value !== undefined && !(isWhole(value) && Number(value) >= from && Number(value) <= to))
    problems.push(`${what} must be a whole number, ${from} to ${to}`);
}
/** The vendor writes numbers of seconds both bare and quoted. */
const isWhole = (value: unknown): boolean =>
  Number.isInteger(value) || (typeof value === 'string' && /^\d{1,9}$/.test(value));

/** A value of any kind in a message; what calls itself text by a `toString` of its own must not get to do so. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
