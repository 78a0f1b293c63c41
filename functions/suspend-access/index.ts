import { type AmendOutput, parseSuspensionInput } from '../../shared/app/amend-output.js';
import { suspendAccess } from '../../shared/app/suspend-access.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `SuspendAccess`. Event: `{contractId, suspension}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<AmendOutput> =>
  suspendAccess(parseSuspensionInput(event), composePorts(context));
