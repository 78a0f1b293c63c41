import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Foreseen, foreseeAmendment, foreseeRequest } from '../../shared/app/admission/foresee.js';
import { parseAnyEvent } from '../../shared/app/inbound/every-event.js';
import type { Ports } from '../../shared/cloud/ports.js';
import { portsOf } from '../../shared/compose.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import { approvedBy, BOSS, newSigner } from '../support/approvers.js';
import { kafkaGrant, type PARTNER, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process', env: approvedBy([await newSigner(BOSS)]) });
});
afterAll(() => world?.cloud.close());

/** With an operator's keys, who is not on the machine of the functions, at the time of the cloud. */
const ports = (): Ports => {
  const { cloud, clock } = world;
  const silent = { info: () => undefined, warn: () => undefined };
  const own = portsOf(cloud.connectionOf(cloud.root), cloud.config, silent);
  return { ...own, clock: { ...own.clock, now: () => instantOf(clock.now()) } };
};

const foresee = (event: Record<string, unknown>): Promise<Foreseen> => {
  const parsed = parseAnyEvent(JSON.stringify(event));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.reasons));
  switch (parsed.event.type) {
    case 'partner.onboarding.requested':
      return foreseeRequest(parsed.event, ports());
    case 'partner.contract.amended':
      return foreseeAmendment(parsed.event, ports());
    default:
      throw new Error(`nothing is foreseen of ${parsed.event.type}`);
  }
};

type Changes = Parameters<typeof request>[0] & { readonly revision?: number };
let events = 0;
const eventFor = (contractId: string, { revision, ...changes }: Changes = {}) => ({
  id: `event-${++events}`,
  source: 'test',
  type: revision === undefined ? 'partner.onboarding.requested' : 'partner.contract.amended',
  subject: contractId,
  data: {
    ...request({ ...changes, contractId: parseContractId(contractId) }),
    ...(revision === undefined ? {} : { revision }),
  },
});

/** What is told of `contractId` once the event was posted and everything is done. */
async function toldAfter(contractId: string, event: Record<string, unknown>) {
  const before = world.outbox.heard.length;
  await world.post(event);
  await world.settle();
  return world.outbox.heard.slice(before).filter(({ subject }) => subject === contractId);
}

const { lease } = request();
const operate = { grants: [{ ...kafkaGrant, access: 'operate' as const }] };
const systemPolicy = (name: string) => ({ grants: [{ systemPolicy: name }] });
const past = { lease: { ...lease, expiresAt: addSeconds(lease.startsAt, 60) } };

/** In their order, about one contract and some others. */
const CASES: readonly (readonly [string, string, Changes])[] = [
  ['a request that the rule covers', 'F-1', {}],
  ['another request of the same contract', 'F-1', { requestedBy: 'somebody@a.example' }],
  ['a request that waits', 'F-2', operate],
  ['the same, asked for otherwise', 'F-2', {}],
  ['a request whose lease is over', 'F-3', past],
  ['a policy of the vendor’s that writes', 'F-4', systemPolicy('AliyunOSSFullAccess')],
  ['one that there is not', 'F-5', systemPolicy('AliyunNoSuchReadOnlyAccess')],
  ['an amendment of nothing', 'F-6', { revision: 1 }],
  [
    'an amendment to another partner',
    'F-1',
    { revision: 1, grantee: { ...request().grantee, accountId: '3000000000000003' as typeof PARTNER } },
  ],
  [
    'an amendment that narrows',
    'F-1',
    { revision: 2, lease: { ...lease, expiresAt: addSeconds(lease.expiresAt, -86_400) } },
  ],
  ['an older revision', 'F-1', { revision: 2 }],
  ['an amendment that waits', 'F-1', { revision: 3, ...operate }],
  ['one that takes its place', 'F-1', { revision: 4 }],
  ['an amendment to the past', 'F-1', { revision: 5, ...past }],
  ['an amendment of what has ended', 'F-1', { revision: 6 }],
  ['a request of what has ended', 'F-1', {}],
];

describe('what is foreseen of an event', () => {
  it.each(CASES)('is what comes of it: %s', async (_what, contractId, changes) => {
    const event = eventFor(contractId, changes);
    const calls = world.cloud.calls.length;
    const { reasons, approval, plan, notes } = await foresee(event);
    expect(world.cloud.calls.slice(calls).filter(({ effect }) => effect)).toEqual([]);
    const told = await toldAfter(contractId, event);
    const kinds = told.map(({ type }) => type.split('.').at(-1));
    const last = told.at(-1)?.data;
    if (reasons.length > 0) {
      expect(kinds).toEqual(['rejected']);
      expect(last?.['reasons']).toEqual(reasons);
    } else if (approval.length > 0) {
      expect(kinds.at(-1)).toBe('approval-needed');
      expect(last).toMatchObject({ reasons: approval, planHash: plan?.planHash });
    } else if (notes.some((note) => note.startsWith('it ends the contract'))) {
      expect(kinds.at(-1)).toBe('revoked');
    } else {
      expect(kinds.at(-1)).toMatch(/^(?:granted|amended)$/);
      expect((await world.contract(contractId)).terms?.planHash).toBe(plan?.planHash);
    }
  });

  it('says that it was posted before', async () => {
    const event = eventFor('F-again');
    await toldAfter('F-again', event);
    expect(await foresee(event)).toMatchObject({
      reasons: [],
      notes: ['this very request was posted before; the contract is active'],
    });
  });
});
