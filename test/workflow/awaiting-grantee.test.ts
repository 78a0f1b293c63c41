import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { hearNth, using } from '../support/changes.js';
import { kafkaGrant, PARTNER, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
}, 60_000);
afterAll(() => world.cloud.close());

const DAY = 86_400_000;
const nameOf = (id: string) => roleNameOf(parseContractId(id));
const granteeOf = (name: string) => ({
  ...request().grantee,
  accessors: [{ type: 'user', name, via: 'api' }] as const,
});
const ask = async (id: string, name: string) => {
  await world.onboard(id, { grantee: granteeOf(name) });
  return world.hear(id, 'prepared', 'granted', 'failed');
};
const stateOf = async (id: string) => (await world.contract(id)).state;

describe('a role that names a user whom the partner has not made yet', () => {
  it('stays closed, and the partner is told what it needs', async () => {
    const told = await ask('W-later', 'late');
    expect(told).toMatchObject({
      type: 'partner.access.prepared',
      data: { until: '2026-12-08T08:00:00Z', roleName: nameOf('W-later'), externalId: expect.any(String) },
    });
    expect(await stateOf('W-later')).toBe('awaiting-grantee');
    const role = await world.ram().observeRole(nameOf('W-later'));
    expect(role?.trust).not.toContain(PARTNER);
  });

  it('opens by itself once the user is there, and is told once', async () => {
    await world.partner.prepare(request({ grantee: granteeOf('late') }));
    const granted = await world.hear('W-later', 'granted');
    expect(await stateOf('W-later')).toBe('active');
    const handOver = granted.data as unknown as HandOver;
    const people = await world.partner.accept(handOver);
    const entered = await people[0]?.enter(handOver);
    if (entered === undefined || 'refused' in entered) throw new Error(entered?.refused);
    expect(await using(world, entered, kafkaGrant)).toBe('allowed');
    await world.settle();
    const kinds = world.outbox.heard.filter(({ subject }) => subject === 'W-later').map(({ type }) => type);
    expect(kinds).toEqual(['partner.access.prepared', 'partner.access.granted']);
  });

  it('is tried at once when it is asked for again', async () => {
    await ask('W-again', 'soon');
    world.cloud.accounts.createUser(PARTNER, 'soon');
    const before = world.clock.now();
    await ask('W-again', 'soon');
    await hearNth(world, 'W-again', 'granted', 1);
    expect(world.clock.now() - before).toBeLessThan(15 * 60_000);
  });

  it('is taken back, and not opened, where somebody has put a policy on it meanwhile', async () => {
    await ask('W-changed', 'soon-enough');
    await world.asOwner('2015-05-01', 'AttachPolicyToRole', {
      RoleName: nameOf('W-changed'),
      PolicyType: 'System',
      PolicyName: 'AliyunSLBReadOnlyAccess',
    });
    world.cloud.accounts.createUser(PARTNER, 'soon-enough');
    await world.jumpTo(world.clock.now() + 30 * 60_000);
    const { type, data } = await world.hear('W-changed', 'granted', 'failed');
    expect([type, data['step'], data['withdrawn']]).toEqual([
      'partner.access.failed',
      'ActivateAccess',
      true,
    ]);
    expect(data['reason']).toContain('AliyunSLBReadOnlyAccess');
    expect(await world.roles()).not.toContain(nameOf('W-changed'));
  });

  it('is taken back when the user never comes', async () => {
    await ask('W-never', 'nobody');
    await world.jumpTo(world.clock.now() + 8 * DAY);
    const failed = await world.hear('W-never', 'failed', 'granted');
    expect(failed.data).toMatchObject({ step: 'ActivateAccess', withdrawn: true, state: 'failed' });
    expect(await world.roles()).not.toContain(nameOf('W-never'));
  });

  it('is removed when the contract ends before', async () => {
    await ask('W-ends', 'nobody');
    await world.terminate('W-ends');
    await world.hear('W-ends', 'revoked');
    expect(await world.roles()).not.toContain(nameOf('W-ends'));
    world.cloud.accounts.createUser(PARTNER, 'nobody');
    await world.jumpTo(world.clock.now() + DAY);
    await world.settle();
    expect(await stateOf('W-ends')).toBe('ended');
  });
});
