import { removeAccess } from '../../shared/app/remove-access.js';
import { type EndOutput, parseEndInput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `RemoveAccess` of `revocation`. Event: `{contractId, outcome}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<EndOutput> =>
  removeAccess(parseEndInput(event), composePorts(context));
