import { prepareGrantee } from '../../shared/app/granting/prepare-grantee.js';
import { parseStepInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `PrepareGrantee` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = step(parseStepInput, prepareGrantee);
