/** What Leasehold tells the world. A fact is appended first, its event sent after, under an id that any repeat has too. */
import type { Ports } from '../cloud/ports.js';
import type { Contract } from '../domain/contract.js';
import { roleNameOf } from '../domain/role-name.js';
import { sha256Hex } from '../domain/sha256.js';

export type OutboundType =
  /** The role is open to the grantee (from `startsAt` on) and was verified; carries the hand-over. */
  | 'partner.access.granted'
  /** A request or termination changed nothing; carries every reason. */
  | 'partner.access.rejected'
  /** Access was seen to be gone, and what was made is removed; carries reason and time-to-deny. */
  | 'partner.access.revoked'
  /** A flow gave up; carries step, code, owner and next step. */
  | 'partner.access.failed';

/** Sends what the fact at `seq` of `contract` calls for, anchored to the log by sequence and hash. May run twice. */
export async function announce(
  type: OutboundType,
  contract: Contract,
  data: Readonly<Record<string, unknown>>,
  { events, clock }: Pick<Ports, 'events' | 'clock'>,
  seq: number = contract.seq,
): Promise<void> {
  await events.publish({
    id: `${roleNameOf(contract.contractId)}-${seq}-${type.split('.').at(-1)}`,
    type,
    subject: contract.contractId,
    time: clock.now(),
    data: { contractId: contract.contractId, ...data, register: { seq: contract.seq, hash: contract.hash } },
  });
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
    data,
  });
}
