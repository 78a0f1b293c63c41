import { findDueWork, parseCursor } from '../../shared/app/sweep/find-due-work.js';
import { step } from '../../shared/step.js';

/** Step `FindDueWork` of `expiry`. Event: a clock tick, or `{cursor}` for the next page. Reads only. */
export const handler = step(parseCursor, findDueWork);
