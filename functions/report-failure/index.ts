import { reportFailure } from '../../shared/app/report-failure.js';
import { parseFailureInput } from '../../shared/app/step-input.js';
import { step } from '../../shared/step.js';

/** Step `ReportFailure`. Event: `{failed, step, code}` as JSON, `failed` being the input of the step that failed. May run twice. */
export const handler = step(parseFailureInput, reportFailure);
