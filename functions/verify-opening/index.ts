import { verifyOpening } from '../../shared/app/granting/verify-opening.js';
import { parseContractInput } from '../../shared/app/inbound/step-input.js';
import { step } from '../../shared/step.js';

/** Step `VerifyOpening` of `expiry`. Event: `{contractId}` as JSON. May run twice. */
export const handler = step(parseContractInput, verifyOpening);
