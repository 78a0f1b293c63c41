import { verifyBefore } from '../../shared/app/changing/verify-before.js';
import { parseStepInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `VerifyBefore` of `amendment`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = step(parseStepInput, verifyBefore);
