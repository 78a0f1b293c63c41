import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { addSeconds, instantOf } from '../../shared/domain/values.js';
import { amend } from '../support/changes.js';
import { addEve, codesOf, HOUR, roleOf, stage, WIDE } from '../support/drift-stage.js';
import { PARTNER } from '../support/requests.js';

// Whole rounds of many contracts: longer than most tests, on a busy machine much longer.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

describe('with drift only told of', () => {
  const s = stage({});
  beforeAll(async () => {
    await s.start();
    for (const id of [...DRIFTS.map(([, one]) => one), 'C-as-it-was', 'C-ended']) await s.live(id);
  });
  afterAll(s.close);

  const DRIFTS: readonly [
    what: string,
    id: string,
    by: (id: string) => Promise<unknown>,
    code: string,
    shown: RegExp | undefined,
  ][] = [
    [
      'a trust policy that lets in others',
      'C-wider',
      (id) => s.trust(id, addEve),
      'TRUST_CHANGED',
      /"widens":\["acs:ram::9000000000000009:root may enter"\],"narrows":\[\]/,
    ],
    [
      'a trust policy that keeps the partner out',
      'C-narrower',
      (id) =>
        s.trust(id, (text) => {
          const trust = JSON.parse(text);
          return JSON.stringify({ ...trust, Statement: trust.Statement.slice(1) });
        }),
      'TRUST_CHANGED',
      new RegExp(`"widens":\\[\\],"narrows":\\["acs:ram::${PARTNER}:root may not enter`),
    ],
    [
      'a policy that was rewritten',
      'C-rewritten',
      (id) =>
        s
          .world()
          .ram()
          .setPolicyDocument(`${roleOf(id)}-1`, WIDE),
      'POLICY_CHANGED',
      /allows alikafka:\* on \*.*does not deny \* on \* while DateGreaterThanEquals/,
    ],
    [
      'a policy whose default version was moved',
      'C-moved',
      async (id) => {
        const PolicyName = `${roleOf(id)}-1`;
        const text = await s.world().ram().readPolicy({ type: 'Custom', name: PolicyName });
        await s.world().ram().setPolicyDocument(PolicyName, WIDE);
        await s.world().ram().setPolicyDocument(PolicyName, text!);
        await s.call('SetDefaultPolicyVersion', { PolicyName, VersionId: 'v2' });
      },
      'DEFAULT_VERSION_MOVED',
      /version v2 of policy/,
    ],
    [
      'a policy of the vendor that was put on the role',
      'C-foreign',
      (id) => s.put(id, 'AdministratorAccess'),
      'FOREIGN_POLICY',
      /AdministratorAccess \(of the vendor\) was put on the role.*allows \* on \*/,
    ],
    [
      'a policy of ours that was taken off',
      'C-detached',
      (id) => s.take(id, `${roleOf(id)}-1`),
      'NOT_ATTACHED',
      /does not deny \* on \*.*does not allow alikafka:/,
    ],
    [
      'tags that were lost',
      'C-untagged',
      (id) =>
        s.call('UntagResources', {
          ResourceType: 'role',
          ResourceNames: JSON.stringify([roleOf(id)]),
          TagKeys: '["leasehold-contract"]',
        }),
      'TAGS_LOST',
      /leasehold-contract is gone/,
    ],
    [
      'sessions that may last longer',
      'C-longer',
      (id) => s.world().ram().setMaxSessionSeconds(roleOf(id), 43_200),
      'SESSION_CHANGED',
      /"widens":\["sessions of 43200 s instead of 3600 s"\]/,
    ],
    [
      'a stop that nobody of ours put on',
      'C-stopped',
      (id) => s.put(id, 'leasehold-suspended', 'Custom'),
      'STOP_UNEXPECTED',
      /leasehold-suspended is on the role/,
    ],
    [
      'a role that was deleted by hand',
      'C-deleted',
      async (id) => {
        await s.take(id, `${roleOf(id)}-1`);
        await s.call('DeleteRole', { RoleName: roleOf(id) });
      },
      'ROLE_GONE',
      /does not exist any more/,
    ],
    [
      'a role that was deleted and made again by hand',
      'C-replaced',
      async (id) => {
        await s.take(id, `${roleOf(id)}-1`);
        await s.call('DeleteRole', { RoleName: roleOf(id) });
        await s.call('CreateRole', {
          RoleName: roleOf(id),
          AssumeRolePolicyDocument: addEve('{"Version":"1","Statement":[]}'),
        });
      },
      'ROLE_REPLACED',
      /made again by somebody else/,
    ],
  ];

  it('a round finds nothing where nothing was changed, and writes nothing', async () => {
    const calls = s.world().cloud.calls.length;
    await s.round();
    expect(s.world().ramWrites(calls)).toEqual([]);
    const reads = s
      .world()
      .cloud.calls.slice(calls)
      .filter(
        ({ product, callerArn }) =>
          /^(Ram|ResourceManager)$/.test(product) && callerArn?.includes('fn-drift'),
      );
    // Four lists for everybody, and six reads for each: of the role, its tags, its attachments in both scopes and the account's alias
    // that they are asked for by, its policy.
    expect(reads).toHaveLength(4 + 6 * (DRIFTS.length + 2));
    for (const [, id] of DRIFTS) expect(s.told(id)).toEqual([]);
  });

  it('a round finds each kind of drift, tells it in the register and to the world, and changes nothing', async () => {
    for (const [, id, drift] of DRIFTS) await drift(id);
    const calls = s.world().cloud.calls.length;
    await s.round();
    expect(s.world().ramWrites(calls)).toEqual([]);
    expect(s.told('C-as-it-was')).toEqual([]);
  });

  it.each(DRIFTS)('it says what differs: %s', async (_, id, __, code, shown) => {
    const data = await s.found(id);
    expect(codesOf(data)).toEqual([code]);
    expect(data?.action).toBe('reported');
    expect(data?.who).toMatch(/^by hand, outside Leasehold/);
    expect(JSON.stringify(data?.findings)).toMatch(shown!);
    expect(s.told(id)).toHaveLength(1);
    expect(s.told(id)[0]?.data['next']).toBeTypeOf('string');
  });

  it('a role that is gone is not made again, and what can be done is said', async () => {
    expect(await s.world().roles()).not.toContain(roleOf('C-deleted'));
    expect(s.told('C-deleted')[0]?.data['next']).toMatch(/terminate the contract/);
  });

  it('no ExternalId, nonce or other key of the register is told', async () => {
    const granting = (await s.world().contract('C-wider')).granting!;
    const all = JSON.stringify(DRIFTS.flatMap(([, id]) => s.told(id)));
    for (const secret of Object.values(granting)) expect(all).not.toContain(secret);
  });

  it('the same drift is not told again the next hour, but when it changes, and after a day', async () => {
    await s.round();
    expect(s.told('C-foreign')).toHaveLength(1);
    await s.put('C-foreign', 'AliyunRAMFullAccess');
    await s.round();
    expect(s.told('C-foreign')).toHaveLength(2);
    expect(codesOf(await s.found('C-foreign'))).toEqual(['FOREIGN_POLICY', 'FOREIGN_POLICY']);
    await s.world().clock.advance(19 * HOUR);
    await s.world().calm();
    expect(s.told('C-wider')).toHaveLength(1);
    for (let hours = 0; hours < 4; hours++) await s.round();
    expect(s.told('C-wider')).toHaveLength(2);
  });

  it('drift that somebody undoes is over: the register says so, and the same again is told again', async () => {
    await s.take('C-foreign', 'AdministratorAccess', 'System');
    await s.take('C-foreign', 'AliyunRAMFullAccess', 'System');
    await s.round();
    const facts = await s.world().facts('C-foreign');
    expect(facts.at(-1)).toMatchObject({ kind: 'drift-gone', data: { how: 'undone by hand' } });
    const times = s.told('C-foreign').length;
    await s.put('C-foreign', 'AdministratorAccess');
    await s.round();
    expect(s.told('C-foreign')).toHaveLength(times + 1);
  });

  it('a suspended contract whose stop was taken off is stopped again, whatever else is configured', async () => {
    const visit = await s.visitor(await s.live('C-restopped'));
    await s.world().post({
      id: 'suspend-restopped',
      source: 'test',
      type: 'partner.access.suspend.requested',
      subject: 'C-restopped',
      data: { contractId: 'C-restopped', reason: 'test', requestedBy: 'test' },
    });
    await s.world().hear('C-restopped', 'suspended');
    await s.take('C-restopped', 'leasehold-suspended');
    await s.put('C-restopped', 'AdministratorAccess');
    expect(await visit()).toBe('allowed');
    await s.round();
    expect(await visit()).toBe('denied');
    const data = await s.found('C-restopped');
    expect(codesOf(data)).toEqual(['STOP_MISSING', 'FOREIGN_POLICY']);
    expect(data?.action).toBe('stopped-again');
    // All else was only told.
    expect(await s.attached('C-restopped')).toContain('AdministratorAccess');
  });

  it('what looks like ours and is of no contract that lives is told with what is known of it, and left alone', async () => {
    await s.world().terminate('C-ended');
    await s.world().hear('C-ended', 'revoked');
    await s.world().clock.advance(26 * HOUR); // past the closing watch, whose job it was until then
    const trust = addEve('{"Version":"1","Statement":[]}');
    await s.call('CreateRole', { RoleName: roleOf('C-ended'), AssumeRolePolicyDocument: trust });
    await s.call('CreateRole', { RoleName: 'lease-of-a-flat', AssumeRolePolicyDocument: trust });
    await s.call('CreatePolicy', { PolicyName: 'lease-terms', PolicyDocument: WIDE });
    await s.call('CreatePolicy', {
      PolicyName: 'other-name',
      PolicyDocument: WIDE,
      Tag: '[{"Key":"leasehold-contract","Value":"C-never"}]',
    });
    await s.call('CreateRole', { RoleName: 'not-ours-at-all', AssumeRolePolicyDocument: trust });
    await s.round();
    const [ended] = s.told('C-ended');
    expect(ended?.data).toMatchObject({ state: 'ended', findings: [{ code: 'STRAY_ROLE' }] });
    const unknown = JSON.stringify(s.told('strays')[0]?.data['findings']);
    for (const name of ['lease-of-a-flat', 'lease-terms', 'other-name']) expect(unknown).toContain(name);
    expect(JSON.stringify(s.world().outbox.heard)).not.toContain('not-ours-at-all');
    expect(await s.world().roles()).toEqual(expect.arrayContaining([roleOf('C-ended'), 'lease-of-a-flat']));
    const times = s.told('strays').length;
    await s.round();
    expect(s.told('strays')).toHaveLength(times);
  });

  it('one contract is looked at when somebody asks', async () => {
    await s.live('C-asked');
    await s.put('C-asked', 'AdministratorAccess');
    await s.ask('C-asked');
    await s.world().hear('C-asked', 'drift-found');
    expect(codesOf(await s.found('C-asked'))).toEqual(['FOREIGN_POLICY']);
  });
});

describe('the entry that leads to the end of a lease', () => {
  const s = stage({});
  beforeAll(s.start);
  afterAll(s.close);

  const endsIn = (seconds: number): OnboardingRequest['lease'] => {
    const now = instantOf(s.world().clock.now());
    return { startsAt: addSeconds(now, -3600), expiresAt: addSeconds(now, seconds) };
  };
  const index = () => s.world().cloud.config.indexBucket;
  const due = (id: string) =>
    s
      .world()
      .objectKeys(index(), 'due/')
      .filter((key) => key.split('/')[2] === id);
  const ends = (id: string) => due(id).filter((key) => key.endsWith('/expiry'));
  /** With all others, by some of which an end is found too. */
  const lose = (id: string): void => {
    for (const key of due(id)) s.world().cloud.objectsOf(index()).delete(key);
  };

  it('is put back within the hour when it is lost, and the lease ends in time', async () => {
    const lease = endsIn(2 * 3600);
    await s.world().onboard('C-lost', { lease });
    await s.world().hear('C-lost', 'granted');
    lose('C-lost');
    await s.round();
    expect(ends('C-lost')).toEqual([`due/${lease.expiresAt}/C-lost/expiry`]);
    await s.world().jumpTo(lease.expiresAt);
    await s.world().hear('C-lost', 'revoked');
  });

  it('is put back when the lease is over already', async () => {
    // Rounds are at 17 past the hour.
    await s.world().jumpTo(Math.ceil(s.world().clock.now() / HOUR) * HOUR + HOUR / 3);
    const lease = endsIn(1500);
    await s.world().onboard('C-overdue', { lease });
    await s.world().hear('C-overdue', 'granted');
    lose('C-overdue');
    await s.world().jumpTo(addSeconds(lease.expiresAt, 60));
    expect((await s.world().contract('C-overdue')).state).toBe('active');
    await s.round();
    await s.world().hear('C-overdue', 'revoked');
  });

  it('is put back for the lease that an amendment asks for too', async () => {
    await s.world().onboard('C-longer', { lease: endsIn(86_400) });
    await s.world().hear('C-longer', 'granted');
    const lease = endsIn(2 * 86_400);
    await amend(s.world(), 'C-longer', { revision: 1, lease });
    await s.world().hear('C-longer', 'amended');
    lose('C-longer');
    await s.round();
    expect(ends('C-longer')).toEqual([`due/${lease.expiresAt}/C-longer/expiry`]);
  });

  it('has the one beside it put back that leads to the beginning, if that is to come', async () => {
    const now = instantOf(s.world().clock.now());
    const lease = { startsAt: addSeconds(now, 86_400), expiresAt: addSeconds(now, 2 * 86_400) };
    await s.world().onboard('C-early', { lease });
    await s.world().hear('C-early', 'granted');
    await s.live('C-begun');
    for (const id of ['C-early', 'C-begun']) lose(id);
    await s.round();
    const begins = (id: string) => due(id).filter((key) => key.endsWith('/start'));
    expect(begins('C-early')).toEqual([`due/${lease.startsAt}/C-early/start`]);
    expect(begins('C-begun')).toEqual([]);
    await s.world().jumpTo(lease.startsAt);
    await s.world().hear('C-early', 'opened');
  });

  it('is not put back for what has ended', async () => {
    await s.world().onboard('C-over', { lease: endsIn(86_400) });
    await s.world().hear('C-over', 'granted');
    await s.world().terminate('C-over');
    await s.world().hear('C-over', 'revoked');
    await s.ask('C-over');
    await s.world().calm();
    expect(ends('C-over')).toEqual([]);
  });
});

describe('a stop that is put on again while its suspension is lifted', () => {
  // Its time passes by itself, so that one flow can wait here for what another comes to.
  const s = stage({}, false, { runner: 'processes' });
  beforeAll(s.start);
  afterAll(s.close);

  it('comes off', async () => {
    const visit = await s.visitor(await s.live('C-lifted'));
    const about = { contractId: 'C-lifted', reason: 'test', requestedBy: 'test' };
    const event = (id: string, kind: string, data: object) => ({
      id,
      source: 'test',
      type: `partner.access.${kind}.requested`,
      subject: 'C-lifted',
      data,
    });
    await s.world().post(event('suspend-lifted', 'suspend', about));
    await s.world().hear('C-lifted', 'suspended');
    await s.take('C-lifted', 'leasehold-suspended');
    let isLifted = false;
    const undo = s.world().cloud.cloud.faults.add({
      before: async (call) => {
        const isStopping =
          call.action === 'AttachPolicyToRole' && call.callerArn?.includes('fn-drift') === true;
        if (isStopping && !isLifted) {
          isLifted = true;
          await s.world().post(event('resume-lifted', 'resume', { ...about, suspension: 'suspend-lifted' }));
          await s.world().outbox.answerTo('C-lifted', ['resumed']);
        }
        return undefined;
      },
    });
    await s.ask('C-lifted');
    await s.world().outbox.answerTo('C-lifted', ['resumed']);
    await s.world().calm();
    undo();
    expect(isLifted).toBe(true);
    expect((await s.world().contract('C-lifted')).state).toBe('active');
    expect(await s.attached('C-lifted')).not.toContain('leasehold-suspended');
    expect(await visit()).toBe('allowed');
  });
});
