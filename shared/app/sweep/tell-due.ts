/** What the register holds and the world may not have been told. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract, Warning } from '../../domain/contract.js';
import { secondsBetween } from '../../domain/values.js';
import { tellRejected } from '../answer-refused.js';
import { announce } from '../outbound.js';
import { tellFailed } from '../report-failure.js';
import { tellRevoked } from '../report-revoked.js';
import { tellSuspended } from '../tell-suspended.js';
import type { Duty } from './duty.js';

export type Telling = Extract<Duty, { readonly kind: `tell-${string}` }>;

/** May run twice: what is told again has the same id. */
export async function tellDue(contract: Contract, duty: Telling, ports: Ports): Promise<void> {
  switch (duty.kind) {
    case 'tell-warning':
      return tellWarning(contract, duty.warning, ports);
    case 'tell-time-out': {
      const { reasons, seq } = duty.refusal;
      return announce('partner.access.rejected', contract, { reasons }, ports, seq);
    }
    case 'tell-end':
      return tellRevoked(contract, ports);
    case 'tell-suspensions':
      for (const { id } of contract.suspensions) await tellSuspended(contract, id, ports);
      return;
    case 'tell-rejection':
      return tellRejected(contract, ports);
    case 'tell-failure':
      return tellFailed(contract, ports);
  }
}

async function tellWarning(contract: Contract, warning: Warning, ports: Ports): Promise<void> {
  const { days, expiresAt, at, seq } = warning;
  const daysLeft = Math.ceil(secondsBetween(at, expiresAt) / 86_400);
  await announce('partner.access.expiring', contract, { expiresAt, daysLeft, warning: days }, ports, seq);
}
