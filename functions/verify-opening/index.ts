import { parseContractInput } from '../../shared/app/step-input.js';
import { verifyOpening } from '../../shared/app/verify-opening.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `VerifyOpening` of `expiry`. Event: `{contractId}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<void> =>
  verifyOpening(parseContractInput(event), composePorts(context));
