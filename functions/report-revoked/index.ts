import type { EndOutput } from '../../shared/app/remove-access.js';
import { reportRevoked } from '../../shared/app/report-revoked.js';
import { parseEndInput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `ReportRevoked` of `revocation`. Event: `{contractId, outcome}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<EndOutput> =>
  reportRevoked(parseEndInput(event), composePorts(context));
