import { reportRevoked } from '../../shared/app/ending/report-revoked.js';
import { parseEndInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `ReportRevoked` of `revocation`. Event: `{contractId, outcome}` as JSON. May run twice. */
export const handler = step(parseEndInput, reportRevoked);
