/** A contract's life after the hand-over: renewed in time, so that nobody notices its first end, and over with its second. */
import type { HandOver } from '../../app/hand-over/hand-over.js';
import type { Session } from '../../cloud/ports.js';
import { addSeconds, type Instant, instantOf } from '../../domain/values.js';
import { type Check, type ContractReport, check } from './checks.js';
import type { Person } from './partner.js';
import { checkRoleGone } from './partner.js';
import { PLAIN_GRANT, postAbout, reportOn, type Stage, usePlainGrant } from './stage.js';

export const LIFETIME_PARTNER = '2000000000000099';
const CONTRACT = 'LIFETIME-1';
const HOUR = 3600;
/** Seconds of the first lease, and of the renewed one. */
const FIRST = HOUR;
const RENEWED = FIRST + HOUR / 2;

/** Looks with the partner's own session before the end, past the end that was put off, and past the one that was not. */
export async function renewAndExpire(stage: Stage): Promise<ContractReport> {
  const { clock, outbox, partner, embedded } = stage;
  const startsAt = instantOf(clock.now());
  const [firstEnd, lastEnd] = [addSeconds(startsAt, FIRST), addSeconds(startsAt, RENEWED)];
  const checks: Check[] = [];
  await postAbout(stage, CONTRACT, 'onboarding.requested', dataFor(startsAt, firstEnd));
  const granted = await outbox.answerTo(CONTRACT, ['granted', 'rejected', 'failed']);
  checks.push(check('the request', 'partner.access.granted', granted.type));
  if (granted.type !== 'partner.access.granted') return reportOn(CONTRACT, granted.type, checks);
  const handOver = granted.data as unknown as HandOver;
  const [person] = await partner.accept(handOver);
  if (person === undefined) return reportOn(CONTRACT, 'nobody may enter', checks);
  const session = await enter(person, handOver, checks);
  if (session === undefined) return reportOn(CONTRACT, 'refused', checks);

  await postAbout(stage, CONTRACT, 'contract.amended', { ...dataFor(startsAt, lastEnd), revision: 1 });
  const amended = await outbox.answerTo(CONTRACT, ['amended', 'rejected', 'failed']);
  checks.push(check('the renewal', 'partner.access.amended', amended.type));
  if (amended.type !== 'partner.access.amended') return reportOn(CONTRACT, amended.type, checks);
  await partner.accept(amended.data as unknown as HandOver);
  await clock.jumpTo(Date.parse(firstEnd) - 60_000);
  await usePlainGrant('the session, a minute before the first end', 'allowed', { stage, session, checks });
  await clock.jumpTo(Date.parse(firstEnd));
  const late = await enter(person, handOver, checks);
  if (late !== undefined)
    await usePlainGrant('a session, at the first end, which was put off', 'allowed', {
      stage,
      session: late,
      checks,
    });

  await clock.jumpTo(Date.parse(lastEnd));
  if (late !== undefined)
    await usePlainGrant('the same session, at the last end', 'denied', { stage, session: late, checks });
  await clock.advance(61_000);
  const revoked = await outbox.answerTo(CONTRACT, ['revoked', 'failed']);
  checks.push(check('the end', 'partner.access.revoked', revoked.type));
  checks.push(check('its reason', 'expired', String(revoked.data['reason'])));
  checks.push(await checkRoleGone(embedded, handOver));
  return reportOn(CONTRACT, 'granted, renewed, expired, gone', checks);
}

async function enter(person: Person, handOver: HandOver, checks: Check[]): Promise<Session | undefined> {
  const entered = await person.enter(handOver);
  const isIn = !('refused' in entered);
  checks.push(check(`${person.name} enters`, 'entered', isIn ? 'entered' : entered.refused));
  return isIn ? entered : undefined;
}

const dataFor = (startsAt: Instant, expiresAt: Instant): object => ({
  contractId: CONTRACT,
  requestedBy: 'leasehold try',
  grantee: { name: 'Initech', accountId: LIFETIME_PARTNER },
  lease: { startsAt, expiresAt },
  grants: [PLAIN_GRANT],
});
