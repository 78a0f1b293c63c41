/** Makes the index anew, for a contract or for all; it follows from the register, but for what may not have been told. */
import type { Ports } from '../../cloud/ports.js';
import { approvedTerms, type Contract, isClosed, isOver } from '../../domain/contract.js';
import { BrokenPromiseError, InvalidRequestError, nameOfError } from '../../domain/errors.js';
import { type Instant, parseContractId, secondsBetween } from '../../domain/values.js';
import { openMatter } from '../approval/open-matter.js';
import { lookAtEach } from '../at-once.js';
import { claimAll, claimedAs } from '../grantee/claims.js';
import { granteeOf, namesSetUp } from '../grantee/managed-side.js';
import { objectIn, objectOf } from '../inbound/step-input.js';
import { granteeKey, watchClosedYet, writeIndex } from '../register/index-entries.js';
import { keepDue } from '../register/keep-due.js';
import { MOST_LISTED } from '../register/keys-below.js';
import { loadContract } from '../register/register.js';
import { instantIn, markRound, notePutBack, type Round, registerStandingOf } from './lost-facts.js';

/** Where the register is gone through, and when somebody last looked. */
interface Mark {
  readonly at: Instant;
  /** The contract to go on after; absent once all were seen. */
  readonly after?: string;
  /** The last round that this index and the register have both seen. */
  readonly seen?: Round;
}

const MARK_KEY = 'drift/rebuilt';
/** An index that no round has seen for so long may have been out of use: what came about meanwhile stands in another. */
const UNUSED_SECONDS = 3 * 3600;
/** Of a step that has two minutes. */
const MOST_SECONDS = 40;

/**
 * Goes through the register where the index does not say that this was done, or where either was put back to an earlier state, as far as
 * the time reaches; the next round goes on from there. May run twice.
 */
export async function rebuildLost(ports: Ports): Promise<void> {
  const { index, clock, log, settings } = ports;
  const begun = clock.now();
  const mark = markIn(await index.read(MARK_KEY));
  const standing = await registerStandingOf(mark?.seen, ports);
  if (standing === 'register-behind' && mark?.seen !== undefined) await notePutBack(mark.seen.at, ports);
  const isRecent = mark !== undefined && Math.abs(secondsBetween(mark.at, begun)) < UNUSED_SECONDS;
  let after = isRecent && standing === 'alike' ? mark.after : '';
  if (after !== undefined) log.warn({ after, standing }, 'the index is made anew from the register');
  await markRound(begun, ports);
  const seen = { at: begun, register: settings.deployment.register };
  while (after !== undefined && secondsBetween(begun, clock.now()) < MOST_SECONDS) {
    after = await rebuildPage(after, ports);
    if (after !== undefined) await index.put(MARK_KEY, JSON.stringify({ at: begun, after, seen }));
  }
  if (after === undefined) await index.put(MARK_KEY, JSON.stringify({ at: begun, seen }));
}

/** What is no mark is none: then all is gone through once more. */
function markIn(text: string | undefined): Mark | undefined {
  const { at, after, seen } = objectIn(text) ?? {};
  const since = instantIn(at);
  if (since === undefined) return undefined;
  const round = roundIn(objectOf(seen));
  return {
    at: since,
    ...(typeof after === 'string' ? { after } : {}),
    ...(round === undefined ? {} : { seen: round }),
  };
}

function roundIn(seen: Readonly<Record<string, unknown>> | undefined): Round | undefined {
  const at = instantIn(seen?.['at']);
  return at === undefined ? undefined : { at, register: String(seen?.['register']) };
}

/** The contracts after `after`, and which was the last of them; `undefined` when there were no more. */
async function rebuildPage(after: string, ports: Ports): Promise<string | undefined> {
  const keys = await ports.evidence.list(
    'contracts/',
    after === '' ? undefined : `contracts/${after}/~`,
    MOST_LISTED,
  );
  const ids = [...new Set(keys.flatMap((key) => key.split('/')[1] || []))];
  await lookAtEach(ids, (id) => rebuildOf(id, ports));
  return ids.at(-1);
}

/** What can't be believed is told by whoever has to do with it, and keeps none of the others from being seen to. */
async function rebuildOf(contractId: string, ports: Ports): Promise<void> {
  try {
    const contract = await loadContract(parseContractId(contractId), ports.evidence);
    if (isClosed(contract)) await watchClosedYet(contract, ports);
    if (!isOver(contract)) await rebuildIndex(contract, ports);
  } catch (error) {
    if (!(error instanceof BrokenPromiseError || error instanceof InvalidRequestError)) throw error;
    ports.log.warn({ contractId, error: nameOfError(error) }, 'its index was not made anew');
  }
}

/**
 * Who has the contract, what is due of it, and whom it uses in the grantee's account: without that claim another contract's end
 * would take a shared user away. May run twice.
 */
export async function rebuildIndex(
  contract: Contract,
  ports: Pick<Ports, 'index' | 'clock' | 'settings'>,
): Promise<void> {
  for (const { request } of approvedTerms(contract)) {
    await writeIndex(request, ports);
    await claimAll(claimedAs(granteeOf(contract), namesSetUp(request)), contract.contractId, ports.index);
  }
  const asked = openMatter(contract)?.terms.request;
  if (asked !== undefined) await ports.index.put(granteeKey(asked), '{}');
  await keepDue(contract, ports);
}
