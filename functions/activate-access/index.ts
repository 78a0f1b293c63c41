import { activateAccess } from '../../shared/app/granting/activate-access.js';
import { parseStepInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `ActivateAccess` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = step(parseStepInput, activateAccess);
