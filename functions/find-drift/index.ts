import { type FoundDrift, findDrift, parseDriftCall } from '../../shared/app/drift/find-drift.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `FindDrift` of `reconciliation`. Event: a clock tick, `{looked}`, `{contractId}`, or an event of the audit trail. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<FoundDrift> =>
  findDrift(parseDriftCall(event), composePorts(context));
