import { parseFailureInput } from '../../shared/app/step-input.js';
import { type WithdrawOutput, withdrawAccess } from '../../shared/app/withdraw-access.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `WithdrawAccess`. Event: `{failed, step, code}` as JSON, `failed` being the input of the step that failed. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<WithdrawOutput> =>
  withdrawAccess(parseFailureInput(event), composePorts(context));
