import { parseStepInput, type StepOutput } from '../../shared/app/step-input.js';
import { verifyAccess } from '../../shared/app/verify-access.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `VerifyAccess` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<StepOutput> =>
  verifyAccess(parseStepInput(event), composePorts(context));
