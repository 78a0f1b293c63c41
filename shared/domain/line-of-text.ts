/** Text that is shown as it is: one line, and nothing that a terminal or a page obeys instead. `lineOfText` in shared/schemas. Pure. */

/** Controls, line separators, and marks that turn the direction of writing. */
const OBEYED = /[\p{Cc}\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;
const LONGEST = 128;

export const isLineOfText = (text: string): boolean =>
  text.length > 0 && [...text].length <= LONGEST && text.search(OBEYED) < 0;

/** `text` without what is obeyed. */
export const toLineOfText = (text: string): string => text.replace(OBEYED, '');
