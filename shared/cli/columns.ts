/** Text laid out in columns of a terminal, in whatever script it is. Pure. */

/** Two columns: Unicode's East Asian Width, W and F, without what is rare. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** None: it stands on the letter before. */
const ON_ANOTHER = /\p{Mn}/u;

export const columnsOf = (text: string): number =>
  [...text].reduce((sum, one) => sum + (WIDE.test(one) ? 2 : ON_ANOTHER.test(one) ? 0 : 1), 0);

export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

/** What takes more ends in dots. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  for (const one of text) {
    if (columnsOf(kept + one) >= columns) break;
    kept += one;
  }
  return `${kept}…`;
}
