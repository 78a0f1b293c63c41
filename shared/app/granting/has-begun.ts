/** Whether a lease that was set up earlier has begun, by a clock that may be behind that of whoever found it due. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { TryLaterError } from '../../domain/errors.js';
import { addSeconds, type Instant } from '../../domain/values.js';
import { MOST_SKEW_SECONDS } from '../clock-skew.js';

/** @throws {TryLaterError} `CONFLICT` when it may have begun by the clock of who thought so */
export function hasBegun(contract: Contract, { clock }: Pick<Ports, 'clock'>): boolean {
  const now = clock.now();
  requireNoDoubt(contract, now);
  return (contract.terms?.request.lease.startsAt ?? now) <= now;
}

/** @throws {TryLaterError} `CONFLICT` while the lease has not begun here, and may have elsewhere */
export function requireNoDoubt({ contractId, terms }: Contract, now: Instant): void {
  const { startsAt = now } = terms?.request.lease ?? {};
  if (startsAt <= now || startsAt > addSeconds(now, MOST_SKEW_SECONDS)) return;
  throw new TryLaterError(
    'CONFLICT',
    `the lease of contract ${contractId} has not begun yet by the clock of this function`,
  );
}
