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

const by = { contractId: CONTRACT, requestedBy: 'benchmark' };
const wanted = {
  ...by,
  grantee: { name: 'Globex', accountId: '2000000000000002' },
  lease: { startsAt: '2026-12-01T00:00:00Z', expiresAt: '2027-06-01T00:00:00Z' },
  grants: [{ service: 'kafka', access: 'read', region: 'cn-hangzhou', instanceId: 'alikafka_pre-cn-x1' }],
};
const later = { startsAt: '2026-12-01T00:00:00Z', expiresAt: '2027-07-01T00:00:00Z' };
/** A life that takes a contract through every flow: what is posted, and what is heard when it is done. */
const LIFE = [
  { type: 'partner.onboarding.requested', data: wanted, heard: 'granted' },
  { type: 'partner.contract.amended', data: { ...wanted, revision: 1, lease: later }, heard: 'amended' },
  { type: 'partner.access.suspend.requested', data: { ...by, reason: 'benchmark' }, heard: 'suspended' },
  {
    type: 'partner.access.resume.requested',
    data: { ...by, suspension: 'cold-suspended', reason: 'benchmark' },
    heard: 'resumed',
  },
  { type: 'partner.contract.terminated', data: { ...by, reason: 'benchmark' }, heard: 'revoked' },
] as const;
type Posted = (typeof LIFE)[number];

const envelope = ({ type, data, heard }: Posted) => ({
  id: `cold-${heard}`,
  source: 'benchmark',
  type,
  subject: CONTRACT,
  time: new Date(LIVED_AT).toISOString(),
  data,
});

export async function liveOnce(): Promise<Lived> {
  const clock = makeVirtualClock({ startAt: LIVED_AT, flowing: true });
  const embedded = await startEmbedded({ seed: sampleSeed(OWNER), clock });
  try {
    const outbox = new Outbox(embedded);
    for (const posted of LIFE) {
      const client = eventBridgeClient(embedded.connectionOf(embedded.contractSystem));
      await postEvent(client, embedded.deployment.values.prefix, envelope(posted));
      await expectHeard(outbox, posted.heard);
    }
    const facts = await readFacts(embedded);
    const env = embedded.deployment.functions[0]?.environmentVariables ?? {};
    return { env, firstEventOf: (step) => firstEventOf(step, facts) };
  } finally {
    await embedded.close();
  }
}

async function expectHeard(outbox: Outbox, kind: string): Promise<void> {
  const { type, data } = await outbox.answerTo(CONTRACT, [kind, 'rejected', 'failed']);
  if (!type.endsWith(kind)) throw new Error(`${type} instead of ${kind}: ${JSON.stringify(data)}`);
}

/** A fact of the register, and of what it says what a step may be asked. */
interface Line {
  readonly key: string;
  readonly text: string;
  readonly by: string;
  readonly seq: number;
  readonly suspension: string | undefined;
}

async function readFacts(embedded: Embedded): Promise<readonly Line[]> {
  const evidence = makeEvidencePort(embedded.connectionOf(embedded.root), embedded.config.evidenceBucket);
  const keys = await evidence.list(`contracts/${CONTRACT}/`);
  return Promise.all(
    keys.map(async (key) => {
      const text = (await evidence.read(key)) ?? '';
      const { by, seq, data } = JSON.parse(text);
      return { key, text, by, seq, suspension: data.suspension };
    }),
  );
}

/** The register holds the facts until the step's own first one; for a step that wrote none, until the end began. */
function firstEventOf(step: string, facts: readonly Line[]): FirstEvent {
  const firstBy = (name: string) => facts.findIndex((fact) => fact.by === name);
  const before = facts.slice(0, firstBy(step) === -1 ? firstBy('cut-access') : firstBy(step));
  return {
    event: JSON.stringify(STARTERS[step] ?? inputAfter(before)),
    register: new Map(before.map(({ key, text }) => [key, text])),
  };
}

const cloudEvent = (posted: Posted) => ({
  ...envelope(posted),
  specversion: '1.0',
  datacontenttype: 'application/json',
});
/** Steps that take a whole CloudEvent. */
const STARTERS: Readonly<Record<string, object>> = {
  'admit-request': cloudEvent(LIFE[0]),
  'admit-amendment': cloudEvent(LIFE[1]),
  'cut-access': cloudEvent(LIFE[4]),
};

/** What any other step is handed, of which each reads its own: the flow's last decision, or what failed of it. */
function inputAfter(before: readonly Line[]): object {
  const epoch = before.findLast(({ by }) => by.startsWith('admit-'))?.seq ?? 1;
  const suspension = before.findLast((fact) => fact.suspension !== undefined)?.suspension ?? '';
  const input = { contractId: CONTRACT, epoch, suspension };
  return {
    ...input,
    outcome: 'ending',
    failed: input,
    step: 'VerifyAccess',
    code: 'BENCHMARK',
    key: `due/${wanted.lease.startsAt}/${CONTRACT}/start`,
  };
}
