/** From a contract to what the event about it carries. */
import type { Settings } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { handOverOf, sealedHandOver } from './hand-over.js';
import { handOverPage } from './page.js';
import { type DeliveryPart, partsOf } from './parts.js';
import type { Secret } from './seal.js';

/**
 * All parts, in order; `more` is what was made for users of the grantee's, and goes nowhere else. Sealing differs each time, so
 * a repeat has other bytes under the same content.
 */
export async function deliveriesOf(
  contract: Contract,
  plan: AccessPlan,
  settings: Pick<Settings, 'owner'>,
  more: readonly Secret[] = [],
): Promise<readonly DeliveryPart[]> {
  const key = contract.terms?.request.grantee.publicKey;
  const externalId = contract.granting?.externalId ?? '';
  const handOver = await sealedHandOver(handOverOf(contract, plan, settings), { externalId, more }, key);
  return partsOf({ ...handOver, page: handOverPage(handOver) });
}
