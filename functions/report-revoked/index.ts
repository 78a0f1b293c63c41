import { reportRevoked } from '../../shared/app/report-revoked.js';
import { type EndOutput, parseEndInput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `ReportRevoked` of `revocation`. Event: `{contractId, outcome}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<EndOutput> =>
  reportRevoked(parseEndInput(event), composePorts(context));
