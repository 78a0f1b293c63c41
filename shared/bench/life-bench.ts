/** A contract's whole year, and a sweep over a large register, on the embedded cloud with its virtual clock. */
import { dueKey } from '../app/register/index-entries.js';
import { Outbox } from '../cli/embedded/outbox.js';
import { OWNER } from '../cli/embedded/owner.js';
import { type Embedded, startEmbedded } from '../cli/embedded/start.js';
import { makeIndexPort } from '../cloud/alibaba/oss.js';
import { addSeconds, instantOf, parseContractId, parseInstant } from '../domain/values.js';
import { makeVirtualClock, type VirtualClock } from '../loopback/clock.js';
import { sampleSeed } from '../loopback/products/seed.js';
import { idOf, playing, termsOf } from './playing.js';
import { median } from './policy-bench.js';

const START = parseInstant('2026-12-01T08:00:00Z');
const DAY = 86_400;
const YEARS = 5;

export interface LifeFigures {
  /** Onboard, amend, suspend, resume, warn thrice, expire: host milliseconds, median. */
  readonly yearMs: number;
  /** Calls of an idle sweep. */
  readonly idleCalls: number;
  readonly contracts: number;
  readonly due: number;
  /** Listing calls in all: one finds what is due, the others are looks at the contracts that are, by each step of their end. */
  readonly listings: number;
  readonly sweepMs: number;
}

export async function benchLife(contracts = 10_000, due = 25): Promise<LifeFigures> {
  const clock = makeVirtualClock({ startAt: Date.parse(START) });
  const embedded = await startEmbedded({ seed: sampleSeed(OWNER), clock, runner: 'in-process' });
  try {
    const outbox = new Outbox(embedded);
    const years: number[] = [];
    for (let year = 0; year < YEARS; year++)
      years.push(await liveAYear(embedded, clock, outbox, `Y-${year}`));
    return {
      yearMs: Math.round(median(years)),
      ...(await sweep(embedded, clock, outbox, { contracts, due })),
    };
  } finally {
    await embedded.close();
  }
}

async function liveAYear(
  embedded: Embedded,
  clock: VirtualClock,
  outbox: Outbox,
  contractId: string,
): Promise<number> {
  const started = performance.now();
  const startsAt = instantOf(clock.now());
  const expiresAt = addSeconds(startsAt, 365 * DAY);
  const terms = termsOf(contractId, startsAt, expiresAt);
  const { tell, hear, pass } = playing(embedded, clock, outbox, contractId);
  await tell('onboarding.requested', terms);
  await hear('granted');
  await pass(90 * DAY);
  await tell('contract.amended', { ...terms, revision: 1, restrict: { maxSessionSeconds: 7200 } });
  await hear('amended');
  await pass(30 * DAY);
  const why = { contractId, reason: 'benchmark', requestedBy: 'benchmark' };
  await tell('access.suspend.requested', why);
  await hear('suspended');
  await pass(DAY);
  await tell('access.resume.requested', { ...why, suspension: idOf(contractId, 'access.suspend.requested') });
  await hear('resumed');
  for (const days of [30, 7, 1]) {
    await clock.jumpTo(Date.parse(addSeconds(expiresAt, -days * DAY)) + 60_000);
    await hear('expiring', [30, 7, 1].indexOf(days) + 1);
  }
  await clock.jumpTo(Date.parse(expiresAt) + 60_000);
  await hear('revoked');
  return performance.now() - started;
}

/** 10,000 contracts are known to the index; those that are due are real ones. */
async function sweep(
  embedded: Embedded,
  clock: VirtualClock,
  outbox: Outbox,
  { contracts, due }: { readonly contracts: number; readonly due: number },
): Promise<Omit<LifeFigures, 'yearMs'>> {
  const index = makeIndexPort(embedded.connectionOf(embedded.root), embedded.config.indexBucket);
  const far = addSeconds(instantOf(clock.now()), 1000 * DAY);
  for (let at = 0; at < contracts; at += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, contracts - at) }, (_, n) =>
        index.put(dueKey({ at: far, contractId: parseContractId(`F-${at + n}`), what: 'expiry' }), '{}'),
      ),
    );
  }
  await clock.runUntilIdle({ until: clock.now() + 3 * DAY * 1000 });
  const idle = embedded.calls.length;
  await clock.advance(60_000);
  await clock.runUntilIdle({ until: clock.now() + 1 });
  const idleCalls = embedded.calls
    .slice(idle)
    .filter(({ callerArn, product }) => callerArn?.includes('fn-sweep') || product === 'oss').length;

  const startsAt = instantOf(clock.now());
  const expiresAt = addSeconds(startsAt, 2 * DAY);
  const ids = Array.from({ length: due }, (_, n) => `D-${n}`);
  for (const id of ids) {
    const { tell, hear } = playing(embedded, clock, outbox, id);
    await tell('onboarding.requested', termsOf(id, startsAt, expiresAt));
    await hear('granted');
  }
  await clock.jumpTo(Date.parse(expiresAt) - 60_000);
  const before = embedded.calls.length;
  const started = performance.now();
  await clock.jumpTo(Date.parse(expiresAt) + 1_000);
  for (const id of ids) await playing(embedded, clock, outbox, id).hear('revoked');
  const sweepMs = Math.round(performance.now() - started);
  const listings = embedded.calls.slice(before).filter(({ action }) => action === 'ListObjectsV2');
  return {
    idleCalls,
    contracts,
    due,
    listings: listings.length,
    sweepMs,
  };
}
