import type { AdmitOutput } from '../../shared/app/admission-outcome.js';
import { admitRequest } from '../../shared/app/admit-request.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `AdmitRequest` of `onboarding`. Event: the whole CloudEvent `partner.onboarding.requested`, `.approved` or `.declined`, or `{contractId}` to go on. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<AdmitOutput> =>
  admitRequest(event.toString('utf8'), composePorts(context));
