import { type CutOutput, cutAccess } from '../../shared/app/cut-access.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `CutAccess` of `revocation`. Event: the whole CloudEvent `partner.contract.terminated`. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<CutOutput> =>
  cutAccess(event.toString('utf8'), composePorts(context));
