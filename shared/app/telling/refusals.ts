/** Traces of refusals that are no facts of a contract: `rejected/[<contractId>/]<key>.json`, one object each, never changed. */
import type { EvidencePort, Ports } from '../../cloud/ports.js';
import type { Reason } from '../../domain/fact.js';
import type { ContractId, Instant } from '../../domain/values.js';
import { lookAtEach } from '../at-once.js';
import type { Origin } from '../inbound/parse-event.js';

export interface Refusal {
  readonly at: Instant;
  /** Who said he sent it, and under which id; unset where that could not be read. */
  readonly event?: Origin;
  readonly reasons: readonly Reason[];
}

/** `key` is of the event; of one that came twice the first refusal stays. May run twice. */
export async function keepRefusal(
  { key, contractId }: { readonly key: string; readonly contractId: ContractId | undefined },
  refused: Omit<Refusal, 'at'>,
  { evidence, clock }: Pick<Ports, 'evidence' | 'clock'>,
): Promise<void> {
  const record: Refusal = { at: clock.now(), ...refused };
  await evidence.create(`${folderOf(contractId)}${key}.json`, JSON.stringify(record));
}

/** What was refused of a contract, oldest first. Costs a listing, and a read each. */
export async function loadRefusals(
  contractId: ContractId,
  evidence: Pick<EvidencePort, 'list' | 'read'>,
): Promise<readonly Refusal[]> {
  const keys = await evidence.list(folderOf(contractId));
  const texts = await lookAtEach(keys, (key) => evidence.read(key));
  return texts.flatMap(refusalIn).sort((left, right) => left.at.localeCompare(right.at));
}

/** Nothing where somebody else has put what is none of ours. */
function refusalIn(text = ''): readonly Refusal[] {
  try {
    const { at, event, reasons } = (JSON.parse(text) ?? {}) as Partial<Refusal>;
    if (at === undefined || !Array.isArray(reasons)) return [];
    return [{ at, reasons, ...(event === undefined ? {} : { event }) }];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

const folderOf = (contractId: ContractId | undefined): string =>
  contractId === undefined ? 'rejected/' : `rejected/${contractId}/`;
