/** What each step is asked first, and the register as it then finds it: taken from one contract lived on the embedded cloud. */
import { Outbox } from '../../cli/embedded/outbox.js';
import { type Embedded, OWNER, startEmbedded } from '../../cli/embedded/start.js';
import { eventBridgeClient, postEvent } from '../../cloud/alibaba/events.js';
import { makeEvidencePort } from '../../cloud/alibaba/oss.js';
import { makeVirtualClock } from '../../loopback/clock.js';
import { sampleSeed } from '../../loopback/products/seed.js';

export interface FirstEvent {
  readonly event: string;
  /** Objects of the register by key. */
  readonly register: ReadonlyMap<string, string>;
}
export interface Lived {
  readonly firstEventOf: (step: string) => FirstEvent;
  /** A function's environment, but for the endpoint. */
  readonly env: Readonly<Record<string, string>>;
}

/** Epoch milliseconds; within the lease, and the time a step is started at. */
export const LIVED_AT = Date.parse('2026-12-01T08:00:00Z');
const CONTRACT = 'cold-start';
const REQUEST = {
  id: 'cold-requested',
  type: 'partner.onboarding.requested',
  data: {
    contractId: CONTRACT,
    requestedBy: 'benchmark',
    grantee: { name: 'Globex', accountId: '2000000000000002' },
    lease: { startsAt: '2026-12-01T00:00:00Z', expiresAt: '2027-06-01T00:00:00Z' },
    grants: [{ service: 'kafka', access: 'read', region: 'cn-hangzhou', instanceId: 'alikafka_pre-cn-x1' }],
  },
};
const TERMINATION = {
  id: 'cold-terminated',
  type: 'partner.contract.terminated',
  data: { contractId: CONTRACT, reason: 'benchmark', requestedBy: 'benchmark' },
};
type Posted = typeof REQUEST | typeof TERMINATION;

const envelope = (posted: Posted) => ({
  ...posted,
  source: 'benchmark',
  subject: CONTRACT,
  time: new Date(LIVED_AT).toISOString(),
});

export async function liveOnce(): Promise<Lived> {
  const clock = makeVirtualClock({ startAt: LIVED_AT, flowing: true });
  const embedded = await startEmbedded({ seed: sampleSeed(OWNER), clock });
  try {
    const outbox = new Outbox(embedded);
    await post(embedded, REQUEST);
    await expectHeard(outbox, 'granted');
    await post(embedded, TERMINATION);
    await expectHeard(outbox, 'revoked');
    const facts = await readFacts(embedded);
    const env = embedded.deployment.functions[0]?.environmentVariables ?? {};
    return { env, firstEventOf: (step) => ({ event: eventOf(step), register: before(step, facts) }) };
  } finally {
    await embedded.close();
  }
}

async function post(embedded: Embedded, posted: Posted): Promise<void> {
  const client = eventBridgeClient(embedded.connectionOf(embedded.contractSystem));
  await postEvent(client, embedded.deployment.values.prefix, envelope(posted));
}

async function expectHeard(outbox: Outbox, kind: string): Promise<void> {
  const { type, data } = await outbox.answerTo(CONTRACT, [kind, 'rejected', 'failed']);
  if (!type.endsWith(kind)) throw new Error(`${type} instead of ${kind}: ${JSON.stringify(data)}`);
}

async function readFacts(embedded: Embedded): Promise<readonly (readonly [string, string])[]> {
  const evidence = makeEvidencePort(embedded.connectionOf(embedded.root), embedded.config.evidenceBucket);
  const keys = await evidence.list(`contracts/${CONTRACT}/`);
  return Promise.all(keys.map(async (key) => [key, (await evidence.read(key)) ?? ''] as const));
}

/** Facts until the step's own first one; for a step that wrote none, until the end began. */
function before(step: string, facts: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const firstBy = (by: string) => facts.findIndex(([, text]) => JSON.parse(text).by === by);
  const own = firstBy(step);
  return new Map(facts.slice(0, own === -1 ? firstBy('cut-access') : own));
}

function eventOf(step: string): string {
  if (step === 'admit-request') return JSON.stringify(cloudEvent(REQUEST));
  if (step === 'cut-access') return JSON.stringify(cloudEvent(TERMINATION));
  const input = { contractId: CONTRACT, epoch: 1 };
  if (step === 'report-failure' || step === 'withdraw-access')
    return JSON.stringify({ failed: input, step: 'VerifyAccess', code: 'BENCHMARK' });
  return JSON.stringify({ ...input, outcome: 'ending' });
}

const cloudEvent = (posted: Posted) => ({
  ...envelope(posted),
  specversion: '1.0',
  datacontenttype: 'application/json',
});
