import { parseSuspensionInput } from '../../shared/app/admission/amend-output.js';
import { resumeAccess } from '../../shared/app/changing/resume-access.js';
import { step } from '../../shared/step.js';

/** Step `ResumeAccess`. Event: `{contractId, suspension}` as JSON. May run twice. */
export const handler = step(parseSuspensionInput, resumeAccess);
