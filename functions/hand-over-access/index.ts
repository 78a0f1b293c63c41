import { handOverAccess } from '../../shared/app/granting/hand-over-access.js';
import { parseContractInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `HandOverAccess` of `onboarding`, `amendment` and `expiry`. Event: `{contractId}` as JSON. May run twice. */
export const handler = step(parseContractInput, handOverAccess);
