import { handOverAccess } from '../../shared/app/hand-over-access.js';
import { parseContractInput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `HandOverAccess` of `onboarding`, `amendment` and `expiry`. Event: `{contractId}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<void> =>
  handOverAccess(parseContractInput(event), composePorts(context));
