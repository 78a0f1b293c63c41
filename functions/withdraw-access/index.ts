import { parseFailureInput } from '../../shared/app/step-input.js';
import { withdrawAccess } from '../../shared/app/withdraw-access.js';
import { step } from '../../shared/step.js';

/** Step `WithdrawAccess`. Event: `{failed, step, code}` as JSON, `failed` being the input of the step that failed. May run twice. */
export const handler = step(parseFailureInput, withdrawAccess);
