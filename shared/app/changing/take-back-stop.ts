/** A suspension's stop that was put on by somebody who did not know yet that the suspension had been lifted. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isLive } from '../../domain/contract.js';
import { roleNameOf } from '../../domain/role-name.js';
import { attachStop } from '../ending/stops.js';
import { loadContract } from '../register/register.js';
import { suspensionStop } from '../role/wanted-access.js';

/**
 * Takes it off, unless the contract is suspended after all. Whoever suspends says so in the register before he puts the stop on: one that
 * came between is seen there afterwards, and has his stop back. May run twice.
 */
export async function takeBackStop(
  { contractId }: Pick<Contract, 'contractId'>,
  ports: Pick<Ports, 'ram' | 'evidence' | 'settings' | 'log'>,
): Promise<void> {
  const role = roleNameOf(contractId);
  const stop = suspensionStop(ports.settings);
  const before = await loadContract(contractId, ports.evidence);
  if (!isLive(before) || before.suspensions.length > 0) return;
  await ports.ram.detach(role, stop);
  const after = await loadContract(contractId, ports.evidence);
  if (isLive(after) && after.suspensions.length > 0)
    await attachStop(after, ports.settings.stops.suspended, ports);
}
