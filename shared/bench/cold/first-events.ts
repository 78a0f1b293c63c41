/** What each step is asked first, and the register as it then finds it: taken from one contract lived on the embedded cloud. */
import { Outbox } from '../../cli/embedded/outbox.js';
import { OWNER } from '../../cli/embedded/owner.js';
import { type Embedded, startEmbedded } from '../../cli/embedded/start.js';
import { eventBridgeClient, postEvent } from '../../cloud/alibaba/events.js';
import { makeEvidencePort } from '../../cloud/alibaba/oss.js';
import type { Deployment } from '../../domain/deployment.js';
import { makeVirtualClock } from '../../loopback/clock.js';
import { sampleSeed } from '../../loopback/products/seed.js';

export interface FirstEvent {
  readonly event: string;
  /** Objects of the register by key. */
  readonly register: ReadonlyMap<string, string>;
}
export interface Lived {
  readonly firstEventOf: (step: string) => FirstEvent;
  /** Whether its role may call RAM at all, at its first event or later. */
  readonly mayCallRam: (step: string) => boolean;
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

/** A verdict that is not there at once is not waited for: nothing the listener says changes. */
const NO_PATIENCE = { LEASEHOLD_VERDICT_INTERVAL_SECONDS: '0', LEASEHOLD_VERDICT_PATIENCE_SECONDS: '0' };

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
    const { environmentVariables } = embedded.deployment.functions[0] ?? { environmentVariables: {} };
    return {
      env: { ...environmentVariables, ...NO_PATIENCE },
      firstEventOf: (step) => firstEventOf(step, facts),
      mayCallRam: (step) => mayCallRam(step, embedded.deployment),
    };
  } finally {
    await embedded.close();
  }
}

function mayCallRam(step: string, { functions, roles }: Deployment): boolean {
  const role = functions.find(({ code }) => code.endsWith(`/${step}`))?.role ?? '';
  const { document = '' } = roles.find(({ name }) => role.endsWith(name)) ?? {};
  return document.includes('"ram:');
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
  readonly kind: string;
  readonly suspension: string | undefined;
}

async function readFacts(embedded: Embedded): Promise<readonly Line[]> {
  const evidence = makeEvidencePort(embedded.connectionOf(embedded.root), embedded.config.evidenceBucket);
  const keys = await evidence.list(`contracts/${CONTRACT}/`);
  return Promise.all(
    keys.map(async (key) => {
      const text = (await evidence.read(key)) ?? '';
      const { by, seq, kind, data } = JSON.parse(text);
      return { key, text, by, seq, kind, suspension: data.suspension };
    }),
  );
}

/** The fact that is still to come when a step is called that does not write the next one itself. */
const NEXT: Readonly<Record<string, string>> = {
  'prepare-grantee': 'activated',
  'report-failure': 'activated',
  'withdraw-access': 'activated',
  'restore-access': 'amended',
  'resume-access': 'resumed',
  'attend-contract': 'ending',
  'find-due-work': 'ending',
  'verify-opening': 'ending',
};

/** The register holds what was written before the step. */
function firstEventOf(step: string, facts: readonly Line[]): FirstEvent {
  const next = facts.findIndex(({ by, kind }) => (step in NEXT ? kind === NEXT[step] : by === step));
  const before = next === -1 ? facts : facts.slice(0, next);
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

/** What any other step is handed, of which each reads its own: what is worked for, or what failed of it. */
function inputAfter(before: readonly Line[]): object {
  const epoch = before.findLast(({ kind }) => /^(amendment-)?requested$/.test(kind))?.seq ?? 1;
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
