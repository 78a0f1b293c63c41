import { attendContract, parseDueItem } from '../../shared/app/sweep/attend-contract.js';
import { step } from '../../shared/step.js';

/** Step `AttendContract` of `expiry`. Event: `{key}` of one due entry, as JSON. May run twice. */
export const handler = step(parseDueItem, attendContract);
