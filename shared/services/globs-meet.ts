/** Whether two patterns have a text in common. */

/** `*` is any run of characters, `?` exactly one. Time and space: the product of the two lengths. */
export function globsMeet(left: string, right: string): boolean {
  // `meets[r]` for the rest of `left` under way: whether it and `right` from r on have a text in common.
  let meets = emptyEnds(right);
  for (let at = left.length - 1; at >= 0; at--) {
    const symbol = left.charAt(at);
    const shorter = meets;
    const row: boolean[] = [];
    for (let r = right.length; r >= 0; r--) {
      const other = right.charAt(r);
      if (symbol === '*') row[r] = shorter[r] === true || row[r + 1] === true;
      else if (other === '*') row[r] = row[r + 1] === true || shorter[r] === true;
      // At the end of `right` there is no shorter rest of it, so nothing is left for `symbol` to match.
      else row[r] = (symbol === other || symbol === '?' || other === '?') && shorter[r + 1] === true;
    }
    meets = row;
  }
  return meets[0] === true;
}

/** Which ends of `right` match the empty text: those of stars only. */
const emptyEnds = (right: string): readonly boolean[] =>
  Array.from({ length: right.length + 1 }, (_, from) => /^\**$/.test(right.slice(from)));
