import { parseContractInput } from '../../shared/app/step-input.js';
import { verifyOpening } from '../../shared/app/verify-opening.js';
import { step } from '../../shared/step.js';

/** Step `VerifyOpening` of `expiry`. Event: `{contractId}` as JSON. May run twice. */
export const handler = step(parseContractInput, verifyOpening);
