import { parseStepInput } from '../../shared/app/step-input.js';
import { verifyAccess } from '../../shared/app/verify-access.js';
import { step } from '../../shared/step.js';

/** Step `VerifyAccess` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = step(parseStepInput, verifyAccess);
