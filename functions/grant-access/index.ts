import { grantAccess } from '../../shared/app/grant-access.js';
import { parseStepInput } from '../../shared/app/step-input.js';
import { step } from '../../shared/step.js';

/** Step `GrantAccess` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = step(parseStepInput, grantAccess);
