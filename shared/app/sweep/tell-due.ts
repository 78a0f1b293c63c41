/** What the register holds and the world may not have been told. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract, Warning } from '../../domain/contract.js';
import { secondsBetween } from '../../domain/values.js';
import { announceQuestion } from '../approval/decide.js';
import { openMatter } from '../approval/open-matter.js';
import { recordEnd, tellRevoked } from '../ending/report-revoked.js';
import { planOf } from '../plan/approved-plan.js';
import { tellDeclined, tellRejected } from '../telling/answer-refused.js';
import { announce } from '../telling/outbound.js';
import { tellFailed, tellSetback } from '../telling/report-failure.js';
import { tellSuspended } from '../telling/tell-suspended.js';
import { tellTidied } from '../telling/tell-tidied.js';
import type { Duty } from './duty.js';

export type Telling = Extract<Duty, { readonly kind: `tell-${string}` }>;

/** May run twice: what is told again has the same id. */
export async function tellDue(contract: Contract, duty: Telling, ports: Ports): Promise<void> {
  switch (duty.kind) {
    case 'tell-warning':
      return tellWarning(contract, duty.warning, ports);
    case 'tell-time-out': {
      const { reasons, seq } = duty.rejection;
      return announce('partner.access.rejected', contract, { reasons }, ports, seq);
    }
    case 'tell-question':
      return tellOpenQuestion(contract, ports);
    case 'tell-decline':
      return tellDeclined(contract, ports);
    case 'tell-end':
      // What follows the record may be lacking as well.
      return tellRevoked(await recordEnd(contract, ports), ports);
    case 'tell-tidying':
      return tellTidied(contract, ports);
    case 'tell-suspensions':
      for (const { id } of contract.suspensions) await tellSuspended(contract, id, ports);
      return;
    case 'tell-rejection':
      return tellRejected(contract, ports);
    case 'tell-failure':
      return tellFailed(contract, ports);
    case 'tell-setback':
      return tellSetback(contract, duty.setback, ports);
  }
}

async function tellOpenQuestion(contract: Contract, ports: Ports): Promise<void> {
  const { terms } = openMatter(contract) ?? {};
  if (terms === undefined) return;
  const change = terms === contract.amendment ? contract.amendment.change : undefined;
  await announceQuestion(contract, { terms, plan: planOf(contract, terms), change }, ports);
}

async function tellWarning(contract: Contract, warning: Warning, ports: Ports): Promise<void> {
  const { days, expiresAt, at, seq } = warning;
  const daysLeft = Math.ceil(secondsBetween(at, expiresAt) / 86_400);
  await announce('partner.access.expiring', contract, { expiresAt, daysLeft, warning: days }, ports, seq);
}
