/** What a command ends with, where that is not 0; as of `grep` and `diff`. `doctor` has grades of its own (`exitCodeOf`). */

/** It was looked or tried, and the answer is no: refused, unknown, not whole, a promise broken. */
export const ANSWER_IS_NO = 1;
/** It could not be: wrong options, a file or cloud that cannot be read, a right that is missing. */
export const COULD_NOT = 2;
