import { type DueWork, findDueWork, parseCursor } from '../../shared/app/sweep/find-due-work.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `FindDueWork` of `expiry`. Event: a clock tick, or `{cursor}` for the next page. Reads only. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<DueWork> =>
  findDueWork(parseCursor(event), composePorts(context));
