import { grantAccess } from '../../shared/app/granting/grant-access.js';
import { parseStepInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `GrantAccess` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = step(parseStepInput, grantAccess);
