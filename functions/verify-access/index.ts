import { verifyAccess } from '../../shared/app/granting/verify-access.js';
import { parseStepInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `VerifyAccess` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = step(parseStepInput, verifyAccess);
