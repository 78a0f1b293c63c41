import { removeAccess } from '../../shared/app/ending/remove-access.js';
import { parseEndInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `RemoveAccess` of `revocation`. Event: `{contractId, outcome}` as JSON. May run twice. */
export const handler = step(parseEndInput, removeAccess);
