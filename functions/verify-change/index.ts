import { type AmendOutput, parseChangeInput } from '../../shared/app/amend-output.js';
import { verifyChange } from '../../shared/app/verify-change.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `VerifyChange`. Event: `{contractId, epoch, suspension}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<AmendOutput> =>
  verifyChange(parseChangeInput(event), composePorts(context));
