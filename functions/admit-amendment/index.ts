import { admitAmendment } from '../../shared/app/admission/admit-amendment.js';
import { step, textOf } from '../../shared/step.js';

/** Step `AdmitAmendment`. Event: a whole CloudEvent that amends, suspends or resumes, or `{contractId}` to go on. May run twice. */
export const handler = step(textOf, admitAmendment);
