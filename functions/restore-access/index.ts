import { restoreAccess } from '../../shared/app/changing/restore-access.js';
import { parseFailureInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `RestoreAccess`. Event: `{failed, step, code}` as JSON, `failed` being the input of the step that failed. May run twice. */
export const handler = step(parseFailureInput, restoreAccess);
