import { amendAccess } from '../../shared/app/changing/amend-access.js';
import { parseStepInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `AmendAccess`. Event: `{contractId, epoch}` as JSON, `epoch` being that of the amendment. May run twice. */
export const handler = step(parseStepInput, amendAccess);
