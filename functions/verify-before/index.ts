import { parseStepInput } from '../../shared/app/step-input.js';
import { verifyBefore } from '../../shared/app/verify-before.js';
import { step } from '../../shared/step.js';

/** Step `VerifyBefore` of `amendment`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = step(parseStepInput, verifyBefore);
