import { parseSuspensionInput } from '../../shared/app/admission/amend-output.js';
import { suspendAccess } from '../../shared/app/changing/suspend-access.js';
import { step } from '../../shared/step.js';

/** Step `SuspendAccess`. Event: `{contractId, suspension}` as JSON. May run twice. */
export const handler = step(parseSuspensionInput, suspendAccess);
