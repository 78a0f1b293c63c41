/** Puts entries of the index back without which what is to come would not come, should they be lost or never have been taken. */
import type { Ports } from '../../cloud/ports.js';
import { approvedTerms, type Contract, isLive } from '../../domain/contract.js';
import type { Instant } from '../../domain/values.js';
import { openMatter } from '../approval/open-matter.js';
import { canEnd } from '../ending/due-ending.js';
import { dutyOf } from '../sweep/duty.js';
import { type DueEntry, dueKey, warningEntries, whenFinished } from './index-entries.js';

/**
 * What no policy ends by itself would stay open for ever, what was begun unfinished, a question unanswered, a lease that begins later or
 * nears its end untold. May run twice.
 */
export async function keepDue(
  contract: Contract,
  { index, clock, settings }: Pick<Ports, 'index' | 'clock' | 'settings'>,
): Promise<void> {
  const keys = new Set(missedWithout(contract, clock.now(), settings).map(dueKey));
  await Promise.all([...keys].map((key) => index.put(key, '{}')));
}

/** Each under the key that it was written with, or should have been: what is there already is written over with the same. */
function missedWithout(contract: Contract, now: Instant, settings: Ports['settings']): readonly DueEntry[] {
  const { contractId, terms, activated, changedAt = now } = contract;
  const { startsAt = now } = terms?.request.lease ?? {};
  // Whose lease had begun was opened with that, and stays open where it is renewed from an instant that is past.
  const isToStart =
    activated !== undefined &&
    activated.at < startsAt &&
    (terms?.approval?.at ?? now) < startsAt &&
    dutyOf(contract, { what: 'start' }, startsAt > now ? startsAt : now, settings).kind !== 'none';
  const isUnfinished = dutyOf(contract, { what: 'progress' }, now, settings).kind !== 'none';
  // Others may be configured than when it was approved.
  const warnings = isLive(contract) && terms !== undefined ? warningEntries(terms.request, settings) : [];
  const until = openMatter(contract)?.question.until;
  const ends = canEnd(contract) ? approvedTerms(contract) : [];
  return [
    ...ends.map(({ request }) => ({ at: request.lease.expiresAt, contractId, what: 'expiry' as const })),
    ...warnings.filter(({ at }) => at > now),
    ...(until === undefined ? [] : [{ at: until, contractId, what: 'approval-timeout' as const }]),
    ...(isToStart ? [{ at: startsAt, contractId, what: 'start' as const }] : []),
    ...(isUnfinished ? [{ at: whenFinished(changedAt), contractId, what: 'progress' as const }] : []),
  ];
}
