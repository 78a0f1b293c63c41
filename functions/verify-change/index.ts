import { parseChangeInput } from '../../shared/app/admission/amend-output.js';
import { verifyChange } from '../../shared/app/changing/verify-change.js';
import { step } from '../../shared/step.js';

/** Step `VerifyChange`. Event: `{contractId, epoch, suspension}` as JSON. May run twice. */
export const handler = step(parseChangeInput, verifyChange);
