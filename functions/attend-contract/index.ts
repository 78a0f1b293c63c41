import { type AttendOutput, attendContract, parseDueItem } from '../../shared/app/sweep/attend-contract.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `AttendContract` of `expiry`. Event: `{key}` of one due entry, as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<AttendOutput> =>
  attendContract(parseDueItem(event), composePorts(context));
