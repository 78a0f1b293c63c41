import { type RestoreOutput, restoreAccess } from '../../shared/app/restore-access.js';
import { parseFailureInput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `RestoreAccess`. Event: `{failed, step, code}` as JSON, `failed` being the input of the step that failed. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<RestoreOutput> =>
  restoreAccess(parseFailureInput(event), composePorts(context));
