import { amendAccess } from '../../shared/app/amend-access.js';
import { parseStepInput, type StepOutput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `AmendAccess`. Event: `{contractId, epoch}` as JSON, `epoch` being that of the amendment. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<StepOutput> =>
  amendAccess(parseStepInput(event), composePorts(context));
