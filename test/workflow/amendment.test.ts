import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addSeconds, instantOf, parseInstant } from '../../shared/domain/values.js';
import { failing } from '../../shared/loopback/dispatch.js';
import { amend, enterAs, hearNth, reasonsIn, suspend, using } from '../support/changes.js';
import { failOnce } from '../support/fail-once.js';
import { makeKeyPair } from '../support/key-pairs.js';
import { kafkaGrant, OWNER, REGION, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const busGrant = { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'orders' } as const;
const grants = { grants: [kafkaGrant, busGrant] };
const now = () => instantOf(world.clock.now());
const { lease } = request();
const stateOf = async (id: string) => (await world.contract(id)).state;
const kindsOf = async (id: string) => (await world.facts(id)).map(({ kind }) => kind);

describe('an amendment of the lease', () => {
  const dueOf = (id: string) =>
    world
      .objectKeys(world.cloud.config.indexBucket, 'due/')
      .filter((key) => key.split('/')[2] === id)
      .map((key) => key.split('/')[1]);

  it('leaves nothing due of the lease before, also when that did not go at once', async () => {
    await world.onboard('A-sooner');
    await world.hear('A-sooner', 'granted');
    expect(dueOf('A-sooner')).toContain(lease.expiresAt);
    const expiresAt = addSeconds(lease.expiresAt, -86_400);
    const wasMet = failOnce(world, ({ action }) => action === 'DeleteMultipleObjects');
    await amend(world, 'A-sooner', { revision: 1, lease: { ...lease, expiresAt } });
    await world.hear('A-sooner', 'amended');
    expect(wasMet()).toBe(true);
    expect(dueOf('A-sooner')).toContain(expiresAt);
    expect(dueOf('A-sooner')).not.toContain(lease.expiresAt);
  });
});

describe('an amendment that adds a grant', () => {
  it('lets a session that the partner holds use it, and keeps what it had', async () => {
    await world.onboard('A-add');
    const session = await enterAs(world, 'A-add');
    expect(await using(world, session, busGrant)).toBe('denied');
    const before = world.cloud.calls.length;
    await amend(world, 'A-add', { revision: 1, ...grants });
    const amended = await world.hear('A-add', 'amended', 'failed', 'rejected');
    expect(amended.type).toBe('partner.access.amended');
    expect(await using(world, session, busGrant)).toBe('allowed');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
    expect(world.ramWrites(before)).toEqual(['CreatePolicyVersion']);
    expect(JSON.stringify(amended.data['proven'])).toContain('eventbridge:');
  });

  it('is in the register with its difference', async () => {
    const facts = await world.facts('A-add');
    const fact = facts.find(({ kind }) => kind === 'amended');
    expect(fact?.data).toMatchObject({ revision: 1, change: { narrows: [] } });
    expect(JSON.stringify(fact?.data)).toContain('eventbridge:');
  });
});

describe('an amendment that takes a grant away', () => {
  it('is refused to the session that had it, without a gap for what stays', async () => {
    await world.onboard('A-less', grants);
    const session = await enterAs(world, 'A-less');
    expect(await using(world, session, busGrant)).toBe('allowed');
    const answers: string[] = [];
    const undo = world.cloud.cloud.faults.add({
      after: async (call) => {
        if (call.callerArn?.includes('fn-grant') && call.product.toLowerCase() === 'ram')
          answers.push(await using(world, session, kafkaGrant));
      },
    });
    await amend(world, 'A-less', { revision: 1 });
    await world.hear('A-less', 'amended');
    undo();
    expect(await using(world, session, busGrant)).toBe('denied');
    expect(new Set(answers)).toEqual(new Set(['allowed']));
  });
});

describe('a renewal', () => {
  it('moves the end, also for a session that was opened before', async () => {
    const soon = addSeconds(now(), 600);
    await world.onboard('A-extend', { lease: { ...lease, expiresAt: soon } });
    const session = await enterAs(world, 'A-extend');
    await amend(world, 'A-extend', { revision: 1, lease: { ...lease, expiresAt: addSeconds(soon, 86_400) } });
    await world.hear('A-extend', 'amended');
    await world.clock.jumpTo(Date.parse(soon) + 60_000);
    await world.calm();
    expect(await stateOf('A-extend')).toBe('active');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });

  it('that RAM takes only after the end opens nothing again: what was is put back, and the contract ends', async () => {
    // Just after a tick, so that nobody records the end before the renewal is tried again.
    const end = addSeconds(instantOf(Math.ceil(world.clock.now() / 60_000) * 60_000), 305);
    await world.onboard('A-late', { lease: { ...lease, expiresAt: end } });
    await world.hear('A-late', 'granted');
    await world.clock.jumpTo(Date.parse(end) - 4000);
    const undo = world.cloud.cloud.faults.add({
      before: ({ action, callerArn }) =>
        action === 'CreatePolicyVersion' &&
        callerArn?.includes('fn-grant') &&
        world.clock.now() < Date.parse(end) + 2000
          ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
          : undefined,
    });
    await amend(world, 'A-late', { revision: 1, lease: { ...lease, expiresAt: addSeconds(end, 86_400) } });
    const revoked = await world.hear('A-late', 'revoked', 'amended');
    undo();
    expect([revoked.type, revoked.data['reason']]).toEqual(['partner.access.revoked', 'expired']);
    expect((await world.hear('A-late', 'failed')).data).toMatchObject({
      step: 'AmendAccess',
      withdrawn: true,
    });
    expect(await kindsOf('A-late')).not.toContain('amended');
  });

  it('beyond the longest lease is refused and leaves what was', async () => {
    const expiresAt = parseInstant('2031-01-01T00:00:00Z');
    const before = world.cloud.calls.length;
    await amend(world, 'A-extend', { revision: 2, lease: { ...lease, expiresAt } });
    expect(reasonsIn(await world.hear('A-extend', 'rejected'))).toEqual(['LEASE_TOO_LONG']);
    expect(world.ramWrites(before)).toEqual([]);
  });

  it('that begins anew goes on past the longest lease, without a gap and without being told as opened', async () => {
    const begun = { startsAt: addSeconds(now(), -360 * 86_400), expiresAt: addSeconds(now(), 5 * 86_400) };
    await world.onboard('A-years', { lease: begun });
    const session = await enterAs(world, 'A-years');
    const tooLate = addSeconds(now(), 1000 * 86_400);
    await amend(world, 'A-years', { revision: 1, lease: { ...begun, expiresAt: tooLate } });
    expect(reasonsIn(await world.hear('A-years', 'rejected'))).toContain('LEASE_TOO_LONG');
    const answers: string[] = [];
    const undo = world.cloud.cloud.faults.add({
      after: async ({ callerArn, product }) => {
        if (callerArn?.includes('fn-grant') && product.toLowerCase() === 'ram')
          answers.push(await using(world, session, kafkaGrant));
      },
    });
    await amend(world, 'A-years', {
      revision: 2,
      lease: { startsAt: now(), expiresAt: addSeconds(now(), 365 * 86_400) },
    });
    await world.hear('A-years', 'amended');
    undo();
    expect(new Set([...answers, await using(world, session, kafkaGrant)])).toEqual(new Set(['allowed']));
    await world.clock.advance(3_600_000);
    await world.calm();
    const told = world.outbox.heard.filter(({ subject }) => subject === 'A-years').map(({ type }) => type);
    expect(told).not.toContain('partner.access.opened');
  });

  it('cut short to the past ends the contract now', async () => {
    await amend(world, 'A-extend', {
      revision: 3,
      lease: { ...lease, expiresAt: addSeconds(now(), -3600) },
    });
    const revoked = await world.hear('A-extend', 'revoked');
    expect(revoked.data['reason']).toBe('terminated');
    expect(String(revoked.data['detail'])).toContain('revision 3');
  });

  it('cut short to the past ends the contract now, whatever nonsense it says besides', async () => {
    await world.onboard('A-nonsense');
    await world.hear('A-nonsense', 'granted');
    const restrict = { sourceIps: ['999.1.1.1'] };
    await amend(world, 'A-nonsense', { revision: 1, restrict });
    expect(reasonsIn(await world.hear('A-nonsense', 'rejected', 'failed'))).toEqual(['BAD_SOURCE_IP']);
    const expiresAt = addSeconds(now(), -3600);
    await amend(world, 'A-nonsense', { revision: 1, id: 'a-2', restrict, lease: { ...lease, expiresAt } });
    expect((await world.hear('A-nonsense', 'revoked', 'failed')).type).toBe('partner.access.revoked');
    expect(await stateOf('A-nonsense')).toBe('ended');
  });
});

describe('an amendment with a private key in it', () => {
  const { privateKey } = makeKeyPair('x25519');
  const grantee = { ...request().grantee, publicKey: privateKey };
  const secret = String((privateKey as unknown as { readonly d: string }).d);

  it.each([
    ['is refused', lease, 'rejected'],
    [
      'ends the contract where it cuts the lease short to the past',
      { ...lease, expiresAt: lease.startsAt },
      'revoked',
    ],
  ] as const)('%s, and is kept nowhere', async (_, asked, kind) => {
    const id = `A-private-${kind}`;
    await world.onboard(id);
    await world.hear(id, 'granted');
    const until = addSeconds(now(), -60);
    const expiresAt = asked.expiresAt === lease.startsAt ? until : asked.expiresAt;
    await amend(world, id, { revision: 1, grantee, lease: { ...asked, expiresAt } });
    expect((await world.hear(id, 'rejected', 'revoked', 'failed')).type).toBe(`partner.access.${kind}`);
    await world.calm();
    const { evidenceBucket, indexBucket } = world.cloud.config;
    const kept = [evidenceBucket, indexBucket].flatMap((bucket) =>
      world.objectKeys(bucket, '').map((key) => world.cloud.objectsOf(bucket).get(key)?.body.toString()),
    );
    expect(kept.length).toBeGreaterThan(10);
    expect(JSON.stringify([kept, world.lines, world.outbox.heard])).not.toContain(secret);
  });
});

describe('an amendment of who may enter', () => {
  it('changes the trust policy and nothing else', async () => {
    await world.partner.prepare(
      request({
        grantee: { ...request().grantee, accessors: [{ type: 'user', name: 'alice', via: 'api' }] },
      }),
    );
    await world.onboard('A-people');
    await world.hear('A-people', 'granted');
    const before = world.cloud.calls.length;
    await amend(world, 'A-people', {
      revision: 1,
      grantee: { ...request().grantee, accessors: [{ type: 'user', name: 'alice', via: 'api' }] },
    });
    await world.hear('A-people', 'amended');
    expect(world.ramWrites(before)).toEqual(['UpdateRole']);
    const role = await world.ram().observeRole((await world.contract('A-people')).requested!.roleName);
    expect(role?.trust).toContain('user/alice');
    expect(role?.trust).not.toContain(':root');
  });

  it('that names somebody who does not exist fails, is told, and leaves what was', async () => {
    const name = (await world.contract('A-people')).requested!.roleName;
    const trust = (await world.ram().observeRole(name))?.trust;
    await amend(world, 'A-people', {
      revision: 2,
      ...grants,
      grantee: { ...request().grantee, accessors: [{ type: 'user', name: 'nobody', via: 'api' }] },
    });
    const failed = await world.hear('A-people', 'failed');
    expect(failed.data).toMatchObject({ step: 'AmendAccess', withdrawn: true });
    expect((await world.ram().observeRole(name))?.trust).toBe(trust);
    expect((await world.contract('A-people')).terms?.revision).toBe(1);
    expect(await world.ram().readPolicy({ type: 'Custom', name: `${name}-1` })).not.toContain(
      'eventbus/orders',
    );
  });
});

describe('an amendment of', () => {
  it.each([
    ['an unknown contract', 'A-unknown', 'UNKNOWN_CONTRACT'],
    ['an ended contract', 'A-ended', 'CONTRACT_ENDED'],
  ])('%s is refused and grants nothing', async (_, id, code) => {
    if (id === 'A-ended') {
      await world.onboard(id);
      await world.hear(id, 'granted');
      await world.terminate(id);
      await world.hear(id, 'revoked');
    }
    const before = world.cloud.calls.length;
    await amend(world, id, { revision: 1, ...grants });
    expect(reasonsIn(await world.hear(id, 'rejected'))).toEqual([code]);
    expect(world.ramWrites(before)).toEqual([]);
  });

  it('another grantee is refused', async () => {
    await world.onboard('A-other');
    await world.hear('A-other', 'granted');
    const grantee = { ...request().grantee, accountId: '3000000000000003' };
    await amend(world, 'A-other', { revision: 1, grantee: grantee as ReturnType<typeof request>['grantee'] });
    expect(reasonsIn(await world.hear('A-other', 'rejected'))).toEqual(['OTHER_GRANTEE']);
  });

  it('a lower revision than was asked for is refused as stale', async () => {
    await amend(world, 'A-other', { revision: 5, ...grants });
    await world.hear('A-other', 'amended');
    await amend(world, 'A-other', { revision: 4 });
    expect(reasonsIn(await hearNth(world, 'A-other', 'rejected', 2))).toEqual(['STALE_REVISION']);
    expect((await world.contract('A-other')).terms?.revision).toBe(5);
  });
});

describe('two amendments at once', () => {
  it('are carried out one after the other, and the higher revision holds', async () => {
    await world.onboard('A-two');
    await world.hear('A-two', 'granted');
    await amend(world, 'A-two', { revision: 1, ...grants });
    await amend(world, 'A-two', { revision: 2 });
    for (let rounds = 0; rounds < 300; rounds++) {
      const contract = await world.contract('A-two');
      if (contract.terms?.revision === 2) break;
      await world.clock.advance(1_000);
    }
    const contract = await world.contract('A-two');
    expect(contract.terms?.revision).toBe(2);
    const session = await enterAs(world, 'A-two');
    expect(await using(world, session, busGrant)).toBe('denied');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });
});

describe('an amendment delivered twice', () => {
  it('is carried out once', async () => {
    await world.onboard('A-twice');
    await world.hear('A-twice', 'granted');
    world.cloud.events.switches.deliverTwice = true;
    await amend(world, 'A-twice', { revision: 1, ...grants });
    await world.hear('A-twice', 'amended');
    await world.calm();
    world.cloud.events.switches.deliverTwice = false;
    expect((await kindsOf('A-twice')).filter((kind) => kind === 'amended')).toHaveLength(1);
    expect(await kindsOf('A-twice')).not.toContain('amendment-failed');
    // By this the second delivery would be known however late it came.
    expect((await world.contract('A-twice')).events.at(-1)?.takenAt).toMatch(/^2/);
  });
});

describe('an amendment while the contract is suspended', () => {
  it('holds from the resumption on, and opens nothing before', async () => {
    await world.onboard('A-suspended');
    const session = await enterAs(world, 'A-suspended');
    await suspend(world, 'A-suspended', 's-amend');
    await world.hear('A-suspended', 'suspended');
    await amend(world, 'A-suspended', { revision: 1, ...grants });
    await world.hear('A-suspended', 'amended');
    expect(await using(world, session, busGrant)).toBe('denied');
    expect(await stateOf('A-suspended')).toBe('suspended');
  });
});

describe('an amendment whose verification fails', () => {
  it('leaves what was, and a session keeps what it had', async () => {
    await world.onboard('A-fails');
    const session = await enterAs(world, 'A-fails');
    await amend(world, 'A-fails', {
      revision: 1,
      grants: [kafkaGrant, { ...busGrant, eventBus: 'no-such-bus' }],
    });
    const failed = await world.hear('A-fails', 'failed');
    expect(failed.data).toMatchObject({ step: 'VerifyChange', withdrawn: true });
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
    expect((await world.contract('A-fails')).terms?.revision).toBe(0);
    const name = (await world.contract('A-fails')).requested!.roleName;
    expect(await world.ram().readPolicy({ type: 'Custom', name: `${name}-1` })).not.toContain('no-such-bus');
  });

  it('is tried again when it is posted again', async () => {
    const wish = { revision: 1, grants: [kafkaGrant, { ...busGrant, eventBus: 'late-bus' }] };
    await world.onboard('A-later');
    const session = await enterAs(world, 'A-later');
    await amend(world, 'A-later', wish);
    await world.hear('A-later', 'failed');
    await world.calm();
    await world.cloud.cloud.call(
      world.cloud.accounts.rootOf(OWNER),
      '2020-04-01',
      'CreateEventBus',
      { EventBusName: 'late-bus' },
      REGION,
    );
    await amend(world, 'A-later', wish);
    await world.hear('A-later', 'amended');
    expect(await using(world, session, { ...busGrant, eventBus: 'late-bus' })).toBe('allowed');
    await world.calm();
    const { seq } = await world.contract('A-later');
    await amend(world, 'A-later', wish);
    await world.calm();
    expect((await world.contract('A-later')).seq).toBe(seq);
  });

  it('may be asked for again under a higher revision', async () => {
    await amend(world, 'A-fails', { revision: 2, ...grants });
    await world.hear('A-fails', 'amended');
  });
});

describe('an amendment whose write is answered by nobody', () => {
  it.each([
    ['CreatePolicyVersion', { kind: 'lost-reply' } as const],
    ['CreatePolicyVersion', { kind: 'error', status: 503, code: 'ServiceUnavailable' } as const],
    ['PutObject', { kind: 'lost-reply' } as const],
  ])('%s (%o) ends amended all the same', async (action, fault) => {
    const id = `A-fault-${action}-${fault.kind}`;
    await world.onboard(id);
    await world.hear(id, 'granted');
    await world.calm();
    const product = action === 'PutObject' ? 'oss' : 'Ram';
    const undo = world.cloud.cloud.faults.add(failing({ action, product, nth: 1 }, fault));
    await amend(world, id, { revision: 1, ...grants });
    const heard = await world.hear(id, 'amended', 'failed');
    undo();
    expect(heard.type).toBe('partner.access.amended');
    expect(OWNER).toBe((await world.contract(id)).requested?.owner);
  });
});
