import { prepareGrantee } from '../../shared/app/prepare-grantee.js';
import { parseStepInput, type StepOutput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `PrepareGrantee` of `onboarding`. Event: `{contractId, epoch}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<StepOutput> =>
  prepareGrantee(parseStepInput(event), composePorts(context));
