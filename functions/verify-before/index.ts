import { parseStepInput, type StepOutput } from '../../shared/app/step-input.js';
import { verifyBefore } from '../../shared/app/verify-before.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `VerifyBefore` of `amendment`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<StepOutput> =>
  verifyBefore(parseStepInput(event), composePorts(context));
