import { type AdmitOutput, admitRequest } from '../../shared/app/admit-request.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `AdmitRequest` of `onboarding`. Event: the whole CloudEvent `partner.onboarding.requested`. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<AdmitOutput> =>
  admitRequest(event.toString('utf8'), composePorts(context));
