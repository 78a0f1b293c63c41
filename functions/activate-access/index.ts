import { activateAccess } from '../../shared/app/activate-access.js';
import { parseStepInput, type StepOutput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `ActivateAccess` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<StepOutput> =>
  activateAccess(parseStepInput(event), composePorts(context));
