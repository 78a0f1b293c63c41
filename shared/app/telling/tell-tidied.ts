/** That what an end, or a failed onboarding, had left behind in the grantee's account is gone too, to the world. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { announce } from './outbound.js';

/** May run twice: as long as nothing is recorded besides, it has the same id. */
export async function tellTidied(contract: Contract, ports: Pick<Ports, 'events' | 'clock'>): Promise<void> {
  const message =
    "what was there still in the grantee's account of this contract, which is over, was removed after all, but for what is listed";
  const { leftBehind } = contract.granteeSide;
  const data = { findings: [{ code: 'LEFT_BEHIND', message }], leftBehind, action: 'healed' };
  await announce('partner.access.drift-found', contract, data, ports);
}
