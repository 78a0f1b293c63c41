/** Reads list replies of the products, whatever is missing from them. */
import { member } from '../domain/member.js';

/** The text under `name` of every object in the list `value`, each once; none when it is no list. */
export function idsIn(value: unknown, name: string): readonly string[] {
  const ids = Array.isArray(value) ? value.map((item) => member(item, name)) : [];
  return [...new Set(ids.filter((id): id is string => typeof id === 'string' && id !== ''))];
}
