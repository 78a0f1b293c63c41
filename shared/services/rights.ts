/** Pairs of actions and resources, for the policy engine to judge. */
import type { Right } from './types.js';

/**
 * Every one of `actions` on the first of `resources`, and the first action on every other: as a statement gives all its
 * actions on all its resources, these tell whether it stands, and their number stays fit for evidence and hand-over.
 */
export function rightsOn(actions: readonly string[], resources: readonly string[]): readonly Right[] {
  const [first, ...others] = resources;
  if (first === undefined) return [];
  return [
    ...actions.map((action) => ({ action, resource: first })),
    ...others.flatMap((resource) => actions.slice(0, 1).map((action) => ({ action, resource }))),
  ];
}

/** A name that a prefix wildcard on `name` would let slip through, and that is not among `taken`. */
export function longer(name: string, taken: readonly string[] = []): string {
  const next = `${name}0`;
  return taken.includes(next) ? longer(next, taken) : next;
}

/** One such name for each of `names`: what is named may itself begin alike, such as `lb-1` and `lb-10`. */
export const beside = (names: readonly string[]): readonly string[] =>
  names.map((name) => longer(name, names));
