/** What a command ends with, where that is not 0; as of `grep` and `diff`. `doctor` has grades of its own (`exitCodeOf`). */
import { InvalidRequestError } from '../domain/errors.js';

/** It was looked or tried, and the answer is no: refused, unknown, not whole, a promise broken. */
export const ANSWER_IS_NO = 1;
/** It could not be: wrong options, a file or cloud that cannot be read, a right that is missing. */
export const COULD_NOT = 2;

/** It was looked, and there is nothing of what was asked for. */
export class NothingThereError extends Error {
  override readonly name = 'NothingThereError';
}

/** What a command that threw ends with. */
export function codeFor(error: unknown): number {
  const isNoQuestion = error instanceof InvalidRequestError && error.code === 'NOTHING_TO_ANSWER';
  return isNoQuestion || error instanceof NothingThereError ? ANSWER_IS_NO : COULD_NOT;
}
