import { type AmendOutput, parseSuspensionInput } from '../../shared/app/amend-output.js';
import { resumeAccess } from '../../shared/app/resume-access.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `ResumeAccess`. Event: `{contractId, suspension}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<AmendOutput> =>
  resumeAccess(parseSuspensionInput(event), composePorts(context));
