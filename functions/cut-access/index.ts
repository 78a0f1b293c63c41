import { cutAccess } from '../../shared/app/ending/cut-access.js';
import { step, textOf } from '../../shared/step.js';

/** Step `CutAccess` of `revocation`. Event: the whole CloudEvent `partner.contract.terminated`, or `{contractId}` of what is due. May run twice. */
export const handler = step(textOf, cutAccess);
