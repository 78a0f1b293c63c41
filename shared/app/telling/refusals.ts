/** Traces of refusals that are no facts of a contract: `rejected/[<contractId>/]<key>.json`, one object each, never changed. */
import type { EvidencePort, Ports } from '../../cloud/ports.js';
import type { EventKey, Reason } from '../../domain/fact.js';
import type { ContractId, Instant } from '../../domain/values.js';
import { lookAtEach } from '../at-once.js';
import { objectIn } from '../inbound/step-input.js';

export interface Refusal {
  readonly at: Instant;
  /** Who said he sent it, and under which id; unset where that could not be read. */
  readonly event?: Partial<EventKey>;
  readonly reasons: readonly Reason[];
}

/** `key`: of the event, told from any other by it. */
interface Place {
  readonly key: string;
  readonly contractId: ContractId | undefined;
}

/** Of an event that came twice the first refusal stays. May run twice. */
export async function keepRefusal(
  place: Place,
  refused: Omit<Refusal, 'at'>,
  { evidence, clock }: Pick<Ports, 'evidence' | 'clock'>,
): Promise<void> {
  const record: Refusal = { at: clock.now(), ...refused };
  await evidence.create(keyOf(place), JSON.stringify(record));
}

export async function loadRefusal(
  place: Place,
  evidence: Pick<EvidencePort, 'read'>,
): Promise<Refusal | undefined> {
  return refusalIn(await evidence.read(keyOf(place)))[0];
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
function refusalIn(text: string | undefined): readonly Refusal[] {
  const { at, event, reasons } = (objectIn(text) ?? {}) as Partial<Refusal>;
  if (at === undefined || !Array.isArray(reasons)) return [];
  return [{ at, reasons, ...(event === undefined ? {} : { event }) }];
}

const keyOf = ({ key, contractId }: Place): string => `${folderOf(contractId)}${key}.json`;

const folderOf = (contractId: ContractId | undefined): string =>
  contractId === undefined ? 'rejected/' : `rejected/${contractId}/`;
