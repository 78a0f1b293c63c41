import { withdrawAccess } from '../../shared/app/granting/withdraw-access.js';
import { parseFailureInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `WithdrawAccess`. Event: `{failed, step, code}` as JSON, `failed` being the input of the step that failed. May run twice. */
export const handler = step(parseFailureInput, withdrawAccess);
