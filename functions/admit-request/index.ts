import { admitRequest } from '../../shared/app/admission/admit-request.js';
import { step, textOf } from '../../shared/step.js';

/** Step `AdmitRequest` of `onboarding`. Event: the whole CloudEvent `partner.onboarding.requested`, `.approved` or `.declined`, or `{contractId}` to go on. May run twice. */
export const handler = step(textOf, admitRequest);
