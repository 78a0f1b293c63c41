import { grantAccess } from '../../shared/app/grant-access.js';
import { parseStepInput, type StepOutput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `GrantAccess` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<StepOutput> =>
  grantAccess(parseStepInput(event), composePorts(context));
