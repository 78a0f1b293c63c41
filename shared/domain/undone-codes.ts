/** Why what was asked for came to nothing, where something follows from why. */

/** Nobody said yes or no in time; it may be asked for again. */
export const TIMED_OUT = 'APPROVAL_TIMED_OUT';
/** Another change took its place; it stays undone. */
export const OVERTAKEN = 'OVERTAKEN';
/** Its execution was given up for dead; it stays undone. */
export const ABANDONED = 'ABANDONED';
