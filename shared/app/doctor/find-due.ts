/** What the index says is due and was not done. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import type { DueThere, OverdueContract } from '../../domain/deployed.js';
import { addSeconds, type ContractId } from '../../domain/values.js';
import { lookAtEach } from '../at-once.js';
import { PUT_BACK_NEXT, putBackText, readPutBack } from '../drift/lost-facts.js';
import { dueEnding } from '../ending/due-ending.js';
import { DUE_PREFIX, type DueEntry, dueEntryOf } from '../register/index-entries.js';
import { pagesBelow } from '../register/keys-below.js';
import { believedContract } from '../register/register.js';

/** The sweep looks every minute, and a flow with its retries takes less. */
const GRACE_SECONDS = 20 * 60;
/** The sweep puts off what is due of a contract whose register is broken, an hour and a slot at most: it is never overdue. */
const PUT_OFF_SECONDS = 3600;
/** Contracts that something is wrong with; more would make no other finding. */
const MOST_FOUND = 1000;
/** Whoever has the wrong register knows none of them. */
const MOST_STRANGERS = 20;

const BROKEN = 'broken';
/** What is over or goes on by right, is not known, or is a finding of its own. */
const LET_BE: ReadonlySet<string> = new Set(['', 'unknown', BROKEN]);

export async function findDue({
  index,
  evidence,
  clock,
}: Pick<Ports, 'index' | 'evidence' | 'clock'>): Promise<DueThere> {
  const now = clock.now();
  // Behind every contract's key: an empty page, and proof that the register answers.
  await evidence.list('contracts/', 'contracts/~');
  const end = `${DUE_PREFIX}${addSeconds(now, -GRACE_SECONDS)}~`;
  const soon = `${DUE_PREFIX}${addSeconds(now, PUT_OFF_SECONDS)}~`;
  const looked = async (contractId: ContractId) =>
    [contractId, await stateOf(contractId, { evidence, now })] as const;
  const parsed: { readonly isDue: boolean; readonly entry: DueEntry | undefined }[] = [];
  const states = new Map<ContractId, string>();
  // What this version, or this register, does not know, and what goes on by right, must not hide what is overdue.
  const found = () => [...states.values()].filter((state) => state !== '' && state !== 'unknown').length;
  for await (const keys of pagesBelow(DUE_PREFIX, index)) {
    const page = keys.map((key) => ({ isDue: key <= end, isSoon: key <= soon, entry: dueEntryOf(key) }));
    const near = page.flatMap(({ isSoon, entry }) =>
      isSoon && entry !== undefined ? [entry.contractId] : [],
    );
    const unseen = [...new Set(near)].filter((contractId) => !states.has(contractId));
    for (const [contractId, state] of await lookAtEach(unseen, looked)) states.set(contractId, state);
    parsed.push(...page);
    if ((keys.at(-1) ?? '') > soon || found() >= MOST_FOUND) break;
  }
  const due = parsed.filter(({ isDue }) => isDue);
  const entries = due.flatMap(({ entry }) => entry ?? []);
  // What is of no contract of this register is left by the sweep.
  const behind = entries.filter(({ contractId }) => states.get(contractId) !== 'unknown');
  const overdue = [...states].flatMap(([contractId, state]): readonly OverdueContract[] => {
    const dueAt = entries.find((entry) => entry.contractId === contractId)?.at;
    return dueAt === undefined || LET_BE.has(state) ? [] : [{ contractId, dueAt, state }];
  });
  const broken = [...states].flatMap(([contractId, state]) => (state === BROKEN ? [contractId] : []));
  const putBack = await readPutBack(index);
  return {
    overdue,
    behind: behind.length,
    unknown: due.length - entries.length,
    broken,
    strange: await strangersIn(
      parsed.flatMap(({ entry }) => entry ?? []),
      evidence,
    ),
    ...(behind[0] === undefined ? {} : { oldest: behind[0].at }),
    ...(putBack === undefined ? {} : { putBack: { seen: putBackText(putBack), next: PUT_BACK_NEXT } }),
  };
}

/** Of the first so many contracts that something is due of, those that the register does not know. */
async function strangersIn(
  entries: readonly DueEntry[],
  evidence: Ports['evidence'],
): Promise<readonly ContractId[]> {
  // A look at progress is asked for before anything is recorded, and stays where nothing could be.
  const ids = new Set(entries.filter(({ what }) => what !== 'progress').map(({ contractId }) => contractId));
  const looks = [...ids].slice(0, MOST_STRANGERS).map(async (contractId) => {
    const first = await evidence.list(`contracts/${contractId}/`);
    return first.length === 0 ? [contractId] : [];
  });
  return (await Promise.all(looks)).flat();
}

/** Empty when it is over, or goes on by right; `unknown` when the register does not know it. */
async function stateOf(
  contractId: ContractId,
  { evidence, now }: Pick<Ports, 'evidence'> & { readonly now: ReturnType<Ports['clock']['now']> },
): Promise<string> {
  const contract = await believedContract(contractId, evidence);
  if (contract === undefined) return BROKEN;
  return contract.state === 'unknown' || dueEnding(contract, now) !== undefined ? contract.state : '';
}
