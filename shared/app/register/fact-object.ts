/**
 * What the object of a fact holds: the fact, and in `before` those that stand before it on the same page, so that one object tells many
 * facts. Copies are no evidence by themselves: `loadEntries` holds them against what stands there. Pure.
 */
import type { Fact } from '../../domain/fact.js';

/** How many facts one object tells at most. */
export const PAGE = 50;

/** Of `facts` (in sequence, from 1), those on the page of the fact that comes next. */
export const pageBefore = (facts: readonly Fact[]): readonly Fact[] =>
  facts.slice(facts.length - (facts.length % PAGE));

/** Of a fact and those before it, all as `JSON.stringify` writes them. */
export const objectText = (own: string, before: readonly string[]): string =>
  before.length === 0 ? own : `${own.slice(0, -1)},"before":[${before.join(',')}]}`;

/** Texts of facts, unjudged. */
export interface Told {
  /** Of the fact that the object is there for; all of the text, of what is no such object. */
  readonly own: string;
  readonly before: readonly string[];
}

export function toldBy(text: string): Told {
  const object = parseEntry(text);
  if (typeof object !== 'object' || object === null || !('before' in object))
    return { own: text, before: [] };
  const { before, ...fact } = object;
  // More than a page is nobody's of ours, and each copy may have to be held against an object.
  const isPage = Array.isArray(before) && before.length < PAGE;
  return { own: JSON.stringify(fact), before: isPage ? before.map((one) => JSON.stringify(one)) : [] };
}

/** `undefined` for what is not JSON, which no chain holds. */
export function parseEntry(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
