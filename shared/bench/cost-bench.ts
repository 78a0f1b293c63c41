/** What each thing in the life of a contract takes of the cloud: what is paid for, counted. */
import { Outbox } from '../cli/embedded/outbox.js';
import { OWNER, REGION } from '../cli/embedded/owner.js';
import { type Embedded, startEmbedded } from '../cli/embedded/start.js';
import { addSeconds, parseInstant } from '../domain/values.js';
import { makeVirtualClock, type VirtualClock } from '../loopback/clock.js';
import { sampleSeed } from '../loopback/products/seed.js';
import { playing, termsOf } from './playing.js';

/** Five seconds into a minute, and into an hour: the sweep has just run, and the round for drift is far. */
const START = parseInstant('2026-12-01T08:00:05Z');
const CONTRACT = 'C-cost';
const MINUTE_MS = 60_000;
/** As `s.yaml` has them, which is what verdicts cost. */
export const VERDICTS = {
  LEASEHOLD_VERDICT_ANSWERS: '3',
  LEASEHOLD_VERDICT_INTERVAL_SECONDS: '5',
  LEASEHOLD_VERDICT_PATIENCE_SECONDS: '180',
  LEASEHOLD_ABSENCE_SECONDS: '60',
};

export interface Cost {
  readonly 'state entries': number;
  readonly invocations: number;
  readonly 'calls to OSS': number;
  readonly 'calls to RAM and STS': number;
}

/** By what was done. The ticks that came meanwhile are taken off. */
export async function benchCosts(): Promise<Readonly<Record<string, Cost>>> {
  const clock = makeVirtualClock({ startAt: Date.parse(START) });
  const embedded = await startEmbedded({
    seed: sampleSeed(OWNER),
    clock,
    runner: 'in-process',
    env: VERDICTS,
  });
  try {
    return await costsOf(embedded, clock);
  } finally {
    await embedded.close();
  }
}

async function costsOf(embedded: Embedded, clock: VirtualClock): Promise<Readonly<Record<string, Cost>>> {
  const outbox = new Outbox(embedded);
  const { tell, hear } = playing(embedded, clock, outbox, CONTRACT);
  const pass = () => clock.runUntilIdle({ until: clock.now() + MINUTE_MS });
  // The first tick finds its functions and index as nobody left them.
  await pass();
  const tick = await spent(embedded, pass);
  const besideTicks = async (act: () => Promise<unknown>): Promise<Cost> => {
    const before = ticksOf(embedded);
    const all = await spent(embedded, async () => {
      await act();
      await pass();
    });
    const ticks = ticksOf(embedded) - before;
    return mapCost(all, (count, what) => count - ticks * tick[what]);
  };
  const other = playing(embedded, clock, outbox, 'C-other');
  await besideTicks(async () => {
    await other.tell('onboarding.requested', termsOf('C-other', START, addSeconds(START, 365 * 86_400)));
    await other.hear('granted');
  });
  // The first of a day looks for strays too.
  await besideTicks(() => lookForDrift(embedded));
  const lookAtOne = await besideTicks(() => lookForDrift(embedded));
  const terms = termsOf(CONTRACT, START, addSeconds(START, 365 * 86_400));
  const onboarding = await besideTicks(async () => {
    await tell('onboarding.requested', terms);
    await hear('granted');
  });
  const amendment = await besideTicks(async () => {
    await tell('contract.amended', { ...terms, revision: 1, grants: [...terms.grants, OTHER] });
    await hear('amended');
  });
  const lookAtTwo = await besideTicks(() => lookForDrift(embedded));
  const look = mapCost(lookAtTwo, (count, what) => count - lookAtOne[what]);
  const end = await besideTicks(async () => {
    await tell('contract.terminated', {
      contractId: CONTRACT,
      reason: 'benchmark',
      requestedBy: 'benchmark',
    });
    await hear('revoked');
  });
  return {
    'one onboarding': onboarding,
    'one amendment': amendment,
    'one end': end,
    'an idle tick': tick,
    'one look for drift': look,
    'a round for drift beside its looks': mapCost(lookAtOne, (count, what) => count - look[what]),
  };
}

const OTHER = {
  service: 'kafka',
  access: 'read',
  region: REGION,
  instanceId: 'alikafka_pre-cn-x2',
};

const lookForDrift = ({ cloud, accounts }: Embedded): Promise<unknown> =>
  cloud.call(
    accounts.rootOf(OWNER),
    '2019-03-15',
    'StartExecution',
    { FlowName: 'leasehold-reconciliation', Input: '{}' },
    REGION,
  );

const ticksOf = ({ flows }: Embedded): number => flows.executionsOf(OWNER, 'leasehold-expiry').length;

async function spent(embedded: Embedded, act: () => Promise<unknown>): Promise<Cost> {
  const before = soFar(embedded);
  await act();
  const after = soFar(embedded);
  return mapCost(after, (count, what) => count - before[what]);
}

const FLOWS = ['onboarding', 'revocation', 'amendment', 'expiry', 'reconciliation'];
const JUDGES = /^(?:Ram|Sts|Ims|ResourceManager)$/;

/** By Leasehold's functions and flows since the cloud began. */
function soFar({ calls, flows }: Embedded): Cost {
  const own = calls.filter(({ callerArn = '' }) => /-fn-|verifier/.test(callerArn));
  return {
    'state entries': flows.stateEntries(),
    invocations: FLOWS.flatMap((flow) => flows.executionsOf(OWNER, `leasehold-${flow}`))
      .flatMap(({ history }) => history)
      .filter(
        ({ Type, EventDetail }) => Type === 'TaskScheduled' && EventDetail.includes('FC:InvokeFunction'),
      ).length,
    'calls to OSS': own.filter(({ product }) => product === 'oss').length,
    'calls to RAM and STS': own.filter(({ product }) => JUDGES.test(product)).length,
  };
}

const mapCost = (cost: Cost, change: (count: number, what: keyof Cost) => number): Cost =>
  Object.fromEntries(
    Object.entries(cost).map(([what, count]) => [what, change(count, what as keyof Cost)]),
  ) as unknown as Cost;
