import { parseSuspensionInput } from '../../shared/app/amend-output.js';
import { resumeAccess } from '../../shared/app/resume-access.js';
import { step } from '../../shared/step.js';

/** Step `ResumeAccess`. Event: `{contractId, suspension}` as JSON. May run twice. */
export const handler = step(parseSuspensionInput, resumeAccess);
