import { type HealOutput, healDrift, parseHealInput } from '../../shared/app/drift/heal-drift.js';
import { composePorts, type FunctionContext } from '../../shared/compose.js';

/** Step `HealDrift` of `reconciliation`. Event: `{contractId, who}` as JSON. May run twice. */
export const handler = async (event: Buffer, context: FunctionContext): Promise<HealOutput> =>
  healDrift(parseHealInput(event), composePorts(context));
