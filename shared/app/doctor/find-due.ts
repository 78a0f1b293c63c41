/** What the index says is due and was not done. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import type { DueThere, OverdueContract } from '../../domain/deployed.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { addSeconds, type ContractId } from '../../domain/values.js';
import { dueEnding } from '../due-ending.js';
import { DUE_PREFIX, dueEntryOf } from '../index-entries.js';
import { loadContract } from '../register.js';

/** The sweep looks every minute, and a flow with its retries takes less. */
const GRACE_SECONDS = 20 * 60;
/** More would make no other finding. */
const MOST_ENTRIES = 1000;

export async function findDue({
  index,
  evidence,
  clock,
}: Pick<Ports, 'index' | 'evidence' | 'clock'>): Promise<DueThere> {
  const now = clock.now();
  // Behind every contract's key: an empty page, and proof that the register answers.
  await evidence.list('contracts/', 'contracts/~');
  const end = `${DUE_PREFIX}${addSeconds(now, -GRACE_SECONDS)}~`;
  const keys = (await index.list(DUE_PREFIX, MOST_ENTRIES)).filter((key) => key <= end);
  const entries = keys.flatMap((key) => dueEntryOf(key) ?? []);
  const overdue: OverdueContract[] = [];
  for (const contractId of new Set(entries.map((entry) => entry.contractId))) {
    const dueAt = entries.find((entry) => entry.contractId === contractId)?.at ?? now;
    const state = await stateIfOverdue(contractId, { evidence, now });
    if (state !== undefined) overdue.push({ contractId, dueAt, state });
  }
  return {
    overdue,
    behind: entries.length,
    unknown: keys.length - entries.length,
    ...(entries[0] === undefined ? {} : { oldest: entries[0].at }),
  };
}

/** `undefined` when it is over, or goes on by right. */
async function stateIfOverdue(
  contractId: ContractId,
  { evidence, now }: Pick<Ports, 'evidence'> & { readonly now: ReturnType<Ports['clock']['now']> },
): Promise<string | undefined> {
  try {
    const contract = await loadContract(contractId, evidence);
    return dueEnding(contract, now) === undefined ? undefined : contract.state;
  } catch (error) {
    if (!(error instanceof BrokenPromiseError)) throw error;
    return 'broken';
  }
}
