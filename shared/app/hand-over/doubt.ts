/**
 * Calls that got no answer. One that makes or deletes what somebody logs on with may have its effect when all is made anew: it would
 * take it from whoever was told it, or leave a key besides that nobody was told.
 */
import { isUnanswered } from '../../domain/errors.js';
import type { Unsettled } from '../../domain/fact.js';

/** Takes note of a call whose effect is not known. */
export type NoteDoubt = (unsettled: Unsettled) => void;

/**
 * Seconds after which such a call has had its effect, or never will: a signature is good for fifteen minutes, and what was let in by
 * then is done as soon as anything. Source of the former: error code `InvalidTimeStamp.Expired`.
 */
export const UNSETTLED_SECONDS = 1_200;

/** Runs `work`, and takes note when no answer tells whether it had its effect. */
export async function noting<T>(
  unsettled: Unsettled | undefined,
  note: NoteDoubt,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (unsettled !== undefined && isUnanswered(error)) note(unsettled);
    throw error;
  }
}
