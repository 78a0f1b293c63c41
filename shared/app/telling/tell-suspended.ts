/** That a suspension was seen to work, to the world. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { announce } from './outbound.js';

/** Announces a suspension that was seen; of any other there is nothing to tell. May run twice: the announcement is sent again under the same id. */
export async function tellSuspended(
  contract: Contract,
  id: string,
  ports: Pick<Ports, 'events' | 'clock' | 'log'>,
): Promise<void> {
  const suspension = contract.suspensions.find((one) => one.id === id);
  if (suspension?.seen === undefined) return;
  const { by, reason, since, seen, seq } = suspension;
  await announce(
    'partner.access.suspended',
    contract,
    {
      suspension: id,
      by,
      reason,
      since,
      timeToDenySeconds: seen.timeToDenySeconds ?? 'n/a',
      witness: seen.witness,
      unseen: seen.unseen,
      ...(seen.sideDoors === undefined ? {} : { sideDoors: seen.sideDoors }),
    },
    ports,
    seq,
  );
  ports.log.info({ contractId: contract.contractId, suspension: id }, 'suspended');
}
