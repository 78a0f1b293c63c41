import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { healDrift } from '../../shared/app/drift/heal-drift.js';
import { parseContractId } from '../../shared/domain/values.js';
import { addEve, codesOf, HOUR, roleOf, stage, WIDE } from '../support/drift-stage.js';
import { OWNER, REGION } from '../support/requests.js';
import { portsAsRoot } from '../support/side-doors.js';

// Whole rounds of many contracts: longer than most tests, on a busy machine much longer.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

describe('with drift healed', () => {
  // Time passes by itself where a flow waits here for another.
  const s = stage({ LEASEHOLD_ON_DRIFT: 'heal' }, false, { runner: 'processes' });
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

  it('nothing is healed whose approval does not hold any more, and that is told', async () => {
    await s.live('C-unapproved');
    await s.put('C-unapproved', 'AdministratorAccess');
    const { cloud } = s.world();
    const { settings } = cloud.config;
    const autoApproval = { ...settings.admission.autoApproval, maxLeaseSeconds: 1 };
    const stricter = {
      ...settings,
      onDrift: 'heal' as const,
      admission: { ...settings.admission, autoApproval },
    };
    const ports = { ...portsAsRoot(s.world()), settings: stricter };
    const calls = cloud.calls.length;
    await healDrift({ contractId: parseContractId('C-unapproved'), who: undefined }, ports);
    expect(s.world().ramWrites(calls)).toEqual([]);
    const data = await s.found('C-unapproved');
    expect(codesOf(data)).toEqual(['FOREIGN_POLICY', 'NOT_APPROVED']);
    expect(data?.action).toBe('reported');
    expect(await s.attached('C-unapproved')).toContain('AdministratorAccess');
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
    const untilCut = async () => {
      await s.world().terminate('C-overtaken');
      while ((await s.world().contract('C-overtaken')).cut === undefined)
        await new Promise((resolve) => setImmediate(resolve));
    };
    let held: Promise<void> | undefined;
    const undo = s.world().cloud.cloud.faults.add({
      before: async ({ action, callerArn }) => {
        if (held !== undefined || action !== 'DetachPolicyFromRole' || !callerArn?.includes('fn-drift'))
          return undefined;
        held = untilCut();
        await held;
        return undefined;
      },
    });
    await s.ask('C-overtaken');
    while (held === undefined) await new Promise((resolve) => setImmediate(resolve));
    await held;
    await s.world().hear('C-overtaken', 'revoked');
    undo();
    const kinds = (await s.world().facts('C-overtaken')).map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf('ending'))).not.toContain('drift-gone');
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

  it('what others put on the role is off it although what lacks cannot be put back', async () => {
    await s.live('C-half');
    const policy = `${roleOf('C-half')}-1`;
    await s.take('C-half', policy);
    await s.put('C-half', 'AdministratorAccess');
    const undo = s.world().cloud.cloud.faults.add({
      before: (call) =>
        call.action === 'AttachPolicyToRole' && call.params['RoleName'] === roleOf('C-half')
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    await s.round();
    undo();
    expect(await s.attached('C-half')).toEqual([]);
    await s.round();
    expect(await s.attached('C-half')).toEqual([policy]);
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
  const s = stage({}, true, { runner: 'processes' });
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
