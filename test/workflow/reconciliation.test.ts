import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import { makeProductPort } from '../../shared/cloud/alibaba/products.js';
import type { DriftFinding, Fact } from '../../shared/domain/fact.js';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { grantProbes } from '../../shared/services/index.js';
import { kafkaGrant, OWNER, PARTNER, REGION } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

// Whole rounds of many contracts: longer than most tests, on a busy machine much longer.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const roleOf = (id: string) => roleNameOf(parseContractId(id));
const HOUR = 3600_000;

/** One embedded cloud with what people do by hand in it, and what Leasehold says of that. */
const stage = (env: Readonly<Record<string, string>>, auditTrail = false) => {
  let world: World;
  const call = (action: string, params: Readonly<Record<string, string>>) =>
    world.cloud.cloud.call(world.cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, REGION);
  const told = (subject: string) =>
    world.outbox.heard.filter(
      (event) => event.subject === subject && event.type === 'partner.access.drift-found',
    );
  return {
    start: async () => {
      world = await startWorld({ env, auditTrail });
    },
    close: () => world?.cloud.close(),
    world: () => world,
    call,
    told,
    live: async (id: string) => {
      await world.onboard(id);
      await world.hear(id, 'granted');
      return (await world.hear(id, 'granted')).data as unknown as HandOver;
    },
    /** The next hour's round, and whatever it starts. */
    round: async () => {
      const before = world.cloud.flows.executionsOf(OWNER, 'leasehold-reconciliation').length;
      await world.clock.advance(HOUR);
      expect(world.cloud.flows.executionsOf(OWNER, 'leasehold-reconciliation').length).toBeGreaterThan(
        before,
      );
      await world.calm();
    },
    /** As `leasehold reconcile` does it. */
    ask: (contractId: string) =>
      startFlow('leasehold-reconciliation', { contractId }, world.cloud.connectionOf(world.cloud.root)),
    /** What was found of the contract last, in the register and told alike. */
    found: async (id: string) => {
      const facts = (await world.facts(id)).filter((fact) => fact.kind === 'drift-found');
      const fact = facts.at(-1) as Extract<Fact, { readonly kind: 'drift-found' }> | undefined;
      const event = told(id).at(-1);
      expect(event?.data['findings']).toEqual(fact?.data.findings);
      expect(event?.data['action']).toBe(fact?.data.action);
      return fact?.data;
    },
    put: (id: string, name: string, type = 'System') =>
      call('AttachPolicyToRole', { PolicyType: type, PolicyName: name, RoleName: roleOf(id) }),
    take: (id: string, name: string, type = 'Custom') =>
      call('DetachPolicyFromRole', { PolicyType: type, PolicyName: name, RoleName: roleOf(id) }),
    attached: async (id: string) =>
      (await world.ram().attachmentsOf(roleOf(id))).map(({ policy }) => policy.name).sort(),
    trust: (id: string, change: (text: string) => string) =>
      world
        .ram()
        .observeRole(roleOf(id))
        .then((role) => world.ram().setTrust(roleOf(id), change(role?.trust ?? ''))),
    /** What the partner's administrator can do with what was handed over, each time in a new session. */
    visitor: async (handOver: HandOver) => {
      const [person] = await world.partner.accept(handOver);
      const [probe] = grantProbes(kafkaGrant as ResourceGrant, OWNER);
      const port = makeProductPort(world.cloud.connectionOf(world.cloud.root));
      return async () => {
        const entered = await person!.enter(handOver);
        return 'refused' in entered ? 'kept out' : (await port.call(probe!.call, entered)).outcome;
      };
    },
  };
};

const codesOf = (data: { readonly findings: readonly DriftFinding[] } | undefined) =>
  data?.findings.map(({ code }) => code);
const addEve = (text: string) => {
  const trust = JSON.parse(text);
  const eve = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { RAM: 'acs:ram::9000000000000009:root' },
  };
  return JSON.stringify({ ...trust, Statement: [...trust.Statement, eve] });
};
const WIDE = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alikafka:*","Resource":"*"}]}';

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

describe('with drift healed', () => {
  const s = stage({ LEASEHOLD_ON_DRIFT: 'heal' });
  beforeAll(s.start);
  afterAll(s.close);

  it('everything on the role is as it was approved again, after it was told', async () => {
    const visit = await s.visitor(await s.live('C-heal'));
    const policy = `${roleOf('C-heal')}-1`;
    const before = await s.world().ram().observeRole(roleOf('C-heal'));
    const text = await s.world().ram().readPolicy({ type: 'Custom', name: policy });
    await s.trust('C-heal', addEve);
    await s.world().ram().setPolicyDocument(policy, WIDE);
    await s.put('C-heal', 'AdministratorAccess');
    // One of our own functions' policies is told and taken off like any other.
    await s.put('C-heal', 'leasehold-fn-grant', 'Custom');
    await s.world().ram().setMaxSessionSeconds(roleOf('C-heal'), 43_200);
    await s.call('UntagResources', {
      ResourceType: 'role',
      ResourceNames: JSON.stringify([roleOf('C-heal')]),
      TagKeys: '["leasehold-contract","leasehold-nonce"]',
    });
    await s.round();
    expect(codesOf(await s.found('C-heal'))?.sort()).toEqual([
      'FOREIGN_POLICY',
      'FOREIGN_POLICY',
      'POLICY_CHANGED',
      'SESSION_CHANGED',
      'TAGS_LOST',
      'TRUST_CHANGED',
    ]);
    const kinds = (await s.world().facts('C-heal')).map(({ kind }) => kind);
    expect(kinds.slice(-2)).toEqual(['drift-found', 'drift-gone']);
    expect(await s.attached('C-heal')).toEqual([policy]);
    expect(await s.world().ram().observeRole(roleOf('C-heal'))).toEqual(before);
    expect(await s.world().ram().readPolicy({ type: 'Custom', name: policy })).toBe(text);
    expect(await visit()).toBe('allowed');
    // A policy of somebody else's is taken off the role and stays what it was.
    expect(await s.world().ram().readPolicy({ type: 'Custom', name: 'leasehold-fn-grant' })).toBeDefined();
    expect(s.told('C-heal')).toHaveLength(1);
  });

  it('a policy that was taken off and deleted is made and put on again', async () => {
    const visit = await s.visitor(await s.live('C-remade'));
    const PolicyName = `${roleOf('C-remade')}-1`;
    await s.take('C-remade', PolicyName);
    await s.call('DeletePolicy', { PolicyName });
    expect(await visit()).toBe('denied');
    await s.round();
    expect(codesOf(await s.found('C-remade'))).toEqual(['POLICY_MISSING', 'NOT_ATTACHED']);
    expect(await visit()).toBe('allowed');
  });

  it('a role that is gone is told, and not made again', async () => {
    await s.live('C-gone');
    await s.take('C-gone', `${roleOf('C-gone')}-1`);
    await s.call('DeleteRole', { RoleName: roleOf('C-gone') });
    await s.round();
    expect(await s.found('C-gone')).toMatchObject({ action: 'reported', findings: [{ code: 'ROLE_GONE' }] });
    expect(await s.world().roles()).not.toContain(roleOf('C-gone'));
  });

  it('a stop that nobody of ours put on stays', async () => {
    await s.live('C-stop');
    await s.put('C-stop', 'leasehold-ended', 'Custom');
    await s.round();
    expect(await s.found('C-stop')).toMatchObject({ action: 'reported' });
    expect(await s.attached('C-stop')).toContain('leasehold-ended');
  });

  it('a healing that an end overtakes gives way to it', async () => {
    await s.live('C-overtaken');
    await s.put('C-overtaken', 'AdministratorAccess');
    let isAsked = false;
    const undo = s.world().cloud.cloud.faults.add({
      before: async (call) => {
        const isHealing =
          call.action === 'DetachPolicyFromRole' && call.callerArn?.includes('fn-drift') === true;
        if (isHealing && !isAsked) {
          isAsked = true;
          await s.world().terminate('C-overtaken');
          await s.world().outbox.answerTo('C-overtaken', ['revoked']);
        }
        return undefined;
      },
    });
    await s.world().clock.advance(HOUR);
    await s.world().calm();
    undo();
    expect(isAsked).toBe(true);
    await s.world().hear('C-overtaken', 'revoked');
    expect((await s.world().contract('C-overtaken')).state).toBe('ended');
    expect(await s.world().roles()).not.toContain(roleOf('C-overtaken'));
  });

  it('what cannot be healed is told as failed, and stops no other', async () => {
    await s.live('C-unhealed');
    await s.live('C-beside');
    await s.put('C-unhealed', 'AdministratorAccess');
    await s.put('C-beside', 'AdministratorAccess');
    const undo = s.world().cloud.cloud.faults.add({
      before: (call) =>
        call.action === 'DetachPolicyFromRole' && call.params['RoleName'] === roleOf('C-unhealed')
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    await s.round();
    undo();
    const failed = await s.world().hear('C-unhealed', 'failed');
    expect(failed.data).toMatchObject({ step: 'HealDrift', code: 'DeniedError' });
    expect(await s.attached('C-beside')).not.toContain('AdministratorAccess');
    await s.round();
    expect(await s.attached('C-unhealed')).not.toContain('AdministratorAccess');
    // The drift was the same: it had been told.
    expect(s.told('C-unhealed')).toHaveLength(1);
  });
});

describe('with drift suspended', () => {
  const s = stage({ LEASEHOLD_ON_DRIFT: 'suspend' });
  beforeAll(s.start);
  afterAll(s.close);

  it('the contract is suspended under a name of its own, once, and resumes when the role is as approved', async () => {
    const visit = await s.visitor(await s.live('C-suspend'));
    await s.trust('C-suspend', addEve);
    await s.round();
    expect(await s.found('C-suspend')).toMatchObject({ action: 'suspended' });
    const suspended = await s.world().hear('C-suspend', 'suspended');
    expect(suspended.data['reason']).toMatch(/TRUST_CHANGED/);
    const suspension = String(suspended.data['suspension']);
    expect(suspension).toMatch(/^drift-\d+$/);
    expect(await visit()).toBe('denied');
    expect(await s.attached('C-suspend')).toContain('leasehold-suspended');
    await s.round();
    expect((await s.world().contract('C-suspend')).suspensions).toHaveLength(1);
    expect(s.told('C-suspend')).toHaveLength(1);

    await s.trust('C-suspend', (text) =>
      JSON.stringify({ ...JSON.parse(text), Statement: JSON.parse(text).Statement.slice(0, -1) }),
    );
    await s.world().post({
      id: 'resume-suspend',
      source: 'test',
      type: 'partner.access.resume.requested',
      subject: 'C-suspend',
      data: { contractId: 'C-suspend', suspension, reason: 'mended', requestedBy: 'test' },
    });
    await s.world().hear('C-suspend', 'resumed');
    expect(await visit()).toBe('allowed');
    await s.round();
    expect((await s.world().contract('C-suspend')).drift).toBeUndefined();
  });
});

describe('where the audit trail tells of changes', () => {
  const s = stage({}, true);
  beforeAll(s.start);
  afterAll(s.close);

  it('a change is looked at without waiting for the hour, and the report names who made it', async () => {
    await s.live('C-audited');
    const { cloud } = s.world();
    cloud.accounts.createUser(OWNER, 'carol');
    await s.call('AttachPolicyToUser', {
      PolicyType: 'System',
      PolicyName: 'AdministratorAccess',
      UserName: 'carol',
    });
    const started = cloud.flows.executionsOf(OWNER, 'leasehold-reconciliation').length;
    const { caller } = cloud.cloud.identity.authenticate(
      cloud.accounts.createUser(OWNER, 'dave').accessKeyId,
      undefined,
    );
    await s.call('AttachPolicyToUser', {
      PolicyType: 'System',
      PolicyName: 'AliyunRAMFullAccess',
      UserName: 'dave',
    });
    const params = { PolicyType: 'System', PolicyName: 'AdministratorAccess', RoleName: roleOf('C-audited') };
    await cloud.cloud.call(caller, '2015-05-01', 'AttachPolicyToRole', params, REGION);
    await s.world().clock.advance(5 * 60_000);
    await s.world().hear('C-audited', 'drift-found');
    const data = await s.found('C-audited');
    expect(data?.who).toMatch(
      /^dave \(ram-user of account 1000000000000001\) by a call: AttachPolicyToRole at 2026-/,
    );
    expect(codesOf(data)).toEqual(['FOREIGN_POLICY']);
    expect(cloud.flows.executionsOf(OWNER, 'leasehold-reconciliation').length).toBeGreaterThan(started);
  });

  it("Leasehold's own changes start nothing", async () => {
    const { cloud } = s.world();
    await s.world().calm();
    const started = cloud.flows.executionsOf(OWNER, 'leasehold-reconciliation').length;
    await s.live('C-quiet');
    await s.world().clock.advance(5 * 60_000);
    expect(cloud.flows.executionsOf(OWNER, 'leasehold-reconciliation').length).toBe(started);
  });

  it('a name is told also when a round was faster and had none', async () => {
    await s.live('C-named');
    await s.world().ram().setMaxSessionSeconds(roleOf('C-named'), 7_200);
    await s.ask('C-named');
    await s.world().outbox.answerTo('C-named', ['drift-found']);
    expect((await s.found('C-named'))?.who).toMatch(/^by hand/);
    await s.world().clock.advance(5 * 60_000);
    await s.world().calm();
    expect((await s.found('C-named'))?.who).toMatch(/^root \(root-account/);
  });

  it('a role that somebody makes under the name of an ended contract is told at once', async () => {
    await s.live('C-back');
    await s.world().terminate('C-back');
    await s.world().hear('C-back', 'revoked');
    await s.world().clock.advance(26 * HOUR);
    const trust = addEve('{"Version":"1","Statement":[]}');
    await s.call('CreateRole', { RoleName: roleOf('C-back'), AssumeRolePolicyDocument: trust });
    await s.world().clock.advance(5 * 60_000);
    const [told] = s.told('C-back');
    expect(told?.data).toMatchObject({ state: 'ended', findings: [{ code: 'STRAY_ROLE' }] });
    expect(told?.data['who']).toMatch(/^root \(root-account.*CreateRole/);
    expect(await s.world().roles()).toContain(roleOf('C-back'));
  });
});
