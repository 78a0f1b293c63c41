/** How many of what, as a person says it: `1 policy`, `2 policies`. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`;
