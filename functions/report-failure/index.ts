import { parseFailureInput } from '../../shared/app/inbound/step-input.js';
import { reportFailure } from '../../shared/app/telling/report-failure.js';
import { step } from '../../shared/step.js';

/** Step `ReportFailure`. Event: `{failed, step, code}` as JSON, `failed` being the input of the step that failed. May run twice. */
export const handler = step(parseFailureInput, reportFailure);
