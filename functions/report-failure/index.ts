import { type ReportOutput, reportFailure } from '../../shared/app/report-failure.js';
import { parseFailureInput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `ReportFailure`. Event: `{failed, step, code}` as JSON, `failed` being the input of the step that failed. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<ReportOutput> =>
  reportFailure(parseFailureInput(event), composePorts(context));
