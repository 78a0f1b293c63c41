import { findDrift, parseDriftCall } from '../../shared/app/drift/find-drift.js';
import { step } from '../../shared/step.js';

/** Step `FindDrift` of `reconciliation`. Event: a clock tick, `{looked}`, `{contractId}`, or an event of the audit trail. May run twice. */
export const handler = step(parseDriftCall, findDrift);
