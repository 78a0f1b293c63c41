/**
 * Whether RAM may take two names, of users or of roles, for one. Of roles it does; of users its pages do not say, so what differs in
 * case alone is taken for one wherever that keeps somebody from being made twice, or from being taken for nobody's.
 */
export const isSameName = (left: string, right: string): boolean =>
  left.toLowerCase() === right.toLowerCase();

/** Those of `names` that are none of `others`, in whatever case. */
export const withoutNames = (names: readonly string[], others: readonly string[]): readonly string[] =>
  names.filter((name) => !others.some((other) => isSameName(name, other)));
