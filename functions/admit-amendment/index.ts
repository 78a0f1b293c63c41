import { admitAmendment } from '../../shared/app/admit-amendment.js';
import type { AmendOutput } from '../../shared/app/amend-output.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `AdmitAmendment`. Event: a whole CloudEvent that amends, suspends or resumes, or `{contractId}` to go on. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<AmendOutput> =>
  admitAmendment(event.toString('utf8'), composePorts(context));
