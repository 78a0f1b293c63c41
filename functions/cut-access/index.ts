import { cutAccess } from '../../shared/app/cut-access.js';
import type { EndOutput } from '../../shared/app/step-input.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `CutAccess` of `revocation`. Event: the whole CloudEvent `partner.contract.terminated`, or `{contractId}` of what is due. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<EndOutput> =>
  cutAccess(event.toString('utf8'), composePorts(context));
