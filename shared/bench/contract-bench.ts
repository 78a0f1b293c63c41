/** One contract after another through the whole of Leasehold, on the embedded cloud. */
import { Outbox } from '../cli/embedded/outbox.js';
import { OWNER } from '../cli/embedded/owner.js';
import { type Embedded, startEmbedded } from '../cli/embedded/start.js';
import { eventBridgeClient, postEvent } from '../cloud/alibaba/events.js';
import { makeVirtualClock } from '../loopback/clock.js';
import { sampleSeed } from '../loopback/products/seed.js';
import { median } from './policy-bench.js';

export const NOT_MEASURED = 'anything on Alibaba Cloud itself';

interface Spans {
  readonly onboardingMs: number;
  readonly revocationMs: number;
}
export interface ContractFigures {
  readonly stateEntries: number;
  readonly onboardingWrites: number;
  readonly revocationWrites: number;
  /** The first contract, with every function's cold start. */
  readonly cold: Spans;
  readonly warm: Spans;
}

const WARM_ROUNDS = 7;

export async function benchContract(): Promise<ContractFigures> {
  const clock = makeVirtualClock({ startAt: Date.parse('2026-12-01T08:00:00Z'), flowing: true });
  const embedded = await startEmbedded({ seed: sampleSeed(OWNER), clock });
  const outbox = new Outbox(embedded);
  const first = await live(embedded, outbox, 'B-cold');
  const rounds: Awaited<ReturnType<typeof live>>[] = [];
  for (let round = 0; round < WARM_ROUNDS; round++)
    rounds.push(await live(embedded, outbox, `B-warm-${round}`));
  await embedded.close();
  const { onboardingMs, revocationMs, ...counts } = first;
  return {
    ...counts,
    cold: { onboardingMs, revocationMs },
    warm: {
      onboardingMs: Math.round(median(rounds.map((round) => round.onboardingMs))),
      revocationMs: Math.round(median(rounds.map((round) => round.revocationMs))),
    },
  };
}

async function live(embedded: Embedded, outbox: Outbox, contractId: string) {
  const writes = (since: number) =>
    embedded.calls.slice(since).filter((call) => call.effect && call.product === 'Ram').length;
  const entered = () =>
    ['onboarding', 'revocation']
      .map((flow) => embedded.flows.stateEntriesOf(OWNER, `leasehold-${flow}`))
      .reduce((left, right) => left + right);
  const states = entered();
  const begun = embedded.calls.length;
  const onboardingMs = await answered(
    embedded,
    outbox,
    contractId,
    'granted',
    'partner.onboarding.requested',
    {
      contractId,
      requestedBy: 'benchmark',
      grantee: { name: 'Globex', accountId: '2000000000000002' },
      lease: { startsAt: '2026-12-01T00:00:00Z', expiresAt: '2027-06-01T00:00:00Z' },
      grants: [{ service: 'kafka', access: 'read', region: 'cn-hangzhou', instanceId: 'alikafka_pre-cn-x1' }],
    },
  );
  const onboardingWrites = writes(begun);
  const granted = embedded.calls.length;
  const revocationMs = await answered(
    embedded,
    outbox,
    contractId,
    'revoked',
    'partner.contract.terminated',
    { contractId, reason: 'benchmark', requestedBy: 'benchmark' },
  );
  return {
    onboardingMs,
    revocationMs,
    onboardingWrites,
    revocationWrites: writes(granted),
    stateEntries: entered() - states,
  };
}

async function answered(
  embedded: Embedded,
  outbox: Outbox,
  subject: string,
  kind: string,
  type: string,
  data: object,
): Promise<number> {
  const client = eventBridgeClient(embedded.connectionOf(embedded.contractSystem));
  const started = performance.now();
  await postEvent(client, embedded.deployment.values.prefix, {
    id: `${subject}-${kind}`,
    source: 'benchmark',
    type,
    subject,
    time: new Date().toISOString(),
    data,
  });
  const { type: heard } = await outbox.answerTo(subject, [kind, 'rejected', 'failed']);
  if (!heard.endsWith(kind)) throw new Error(`${subject}: ${heard} instead of ${kind}`);
  return Math.round(performance.now() - started);
}
