/** What Leasehold tells the world. A fact is appended first, its event sent after, under an id that any repeat has too. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { roleNameOf } from '../../domain/role-name.js';
import { sha256Hex } from '../../domain/sha256.js';
import { shortened } from './shortened.js';

/** What the data of each says stands in `shared/schemas/outbound/`. */
export type OutboundType =
  /** The role is there and closed, since the grantee has not made whom it names yet; carries the hand-over, and until when it is tried. */
  | 'partner.access.prepared'
  /** The role is open to the grantee (from `startsAt` on) and was verified; carries the hand-over. */
  | 'partner.access.granted'
  /** The lease of a role that was handed over earlier has begun, and access was seen to work. */
  | 'partner.access.opened'
  /** An event changed nothing, or what it asked for was declined; carries every reason. */
  | 'partner.access.rejected'
  /** What is asked for waits for an approver; carries the plan, and what an answer must name. */
  | 'partner.access.approval-needed'
  /** The lease ends in so many days. */
  | 'partner.access.expiring'
  /** The contract's terms have changed and what they give was verified; carries the hand-over as it is now. */
  | 'partner.access.amended'
  /** Every session was seen to be refused, until the suspension that it names is lifted. */
  | 'partner.access.suspended'
  /** A suspension was lifted; carries those that still hold. */
  | 'partner.access.resumed'
  /** What is in the cloud is not what was approved; carries each difference and what was done about it. */
  | 'partner.access.drift-found'
  /** Access was seen to be gone, and what was made is removed; carries reason and time-to-deny. */
  | 'partner.access.revoked'
  /** A flow gave up; carries step, code, owner and next step. */
  | 'partner.access.failed';

/** For `announce`: what tells this from all else that is told while the contract stands as it does, which may be for years. */
export const occasionOf = ({ seq }: Contract, what: string): string =>
  `${seq}-${sha256Hex(what).slice(0, 8)}`;

/**
 * Sends what the fact at `of` of `contract` calls for, or what `of` tells from all else that is sent as the contract stands, anchored to the
 * log by sequence and hash; lists for which an event has no room lose their ends. May run twice.
 */
export async function announce(
  type: OutboundType,
  contract: Contract,
  data: Readonly<Record<string, unknown>>,
  { events, clock }: Pick<Ports, 'events' | 'clock'>,
  of: number | string = contract.seq,
): Promise<void> {
  await events.publish({
    id: `${roleNameOf(contract.contractId)}-${of}-${type.split('.').at(-1)}${partSuffix(data)}`,
    type,
    subject: contract.contractId,
    time: clock.now(),
    data: {
      contractId: contract.contractId,
      ...shortened(data),
      register: { seq: contract.seq, hash: contract.hash },
    },
  });
}

/** Parts of one announcement are events of their own; the first has the id that it would have alone. */
function partSuffix({ part }: Readonly<Record<string, unknown>>): string {
  const { number } = (part ?? {}) as { readonly number?: number };
  return number === undefined || number === 1 ? '' : `-${number}`;
}

/** Sends what has no contract to be anchored to, such as the refusal of an event that names none. May run twice. */
export async function announceUnanchored(
  type: OutboundType,
  about: { readonly key: string; readonly subject: string },
  data: Readonly<Record<string, unknown>>,
  { events, clock }: Pick<Ports, 'events' | 'clock'>,
): Promise<void> {
  await events.publish({
    id: `unanchored-${sha256Hex(about.key).slice(0, 32)}-${type.split('.').at(-1)}`,
    type,
    subject: about.subject,
    time: clock.now(),
    data: shortened(data),
  });
}
