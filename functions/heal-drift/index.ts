import { healDrift, parseHealInput } from '../../shared/app/drift/heal-drift.js';
import { step } from '../../shared/step.js';

/** Step `HealDrift` of `reconciliation`. Event: `{contractId, who}` as JSON. May run twice. */
export const handler = step(parseHealInput, healDrift);
