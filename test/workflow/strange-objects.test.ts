import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { failing } from '../../shared/loopback/dispatch.js';
import { addEve, HOUR, roleOf, stage, WIDE } from '../support/drift-stage.js';
import { PARTNER } from '../support/requests.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const s = stage({ LEASEHOLD_ON_DRIFT: 'heal' });
beforeAll(() => s.start());
afterAll(() => s.close());

const index = () => {
  const { connectionOf, root, config } = s.world().cloud;
  return makeIndexPort(connectionOf(root), config.indexBucket);
};
/** A contract that lives, whose role is mended in the round that comes. */
async function mendedBy(id: string, round: () => Promise<unknown>): Promise<void> {
  await s.live(id);
  await s.put(id, 'AdministratorAccess');
  await round();
  expect(await s.attached(id)).not.toContain('AdministratorAccess');
}

describe('the look for drift', () => {
  it.each([
    ['no region', 'doors/lh-0000000000000000/kafka/XX/y'],
    ['no place', 'doors/readme'],
    ['no instance', 'doors/lh-0000000000000000/kafka/cn-hangzhou'],
  ])('goes on where somebody has put what is no claim of ours: %s', (what, key) =>
    mendedBy(`S-door-${what.split(' ')[1]}`, async () => {
      await s.world().evidence().create(key, 'x');
      await s.round();
    }),
  );

  it('goes on where the index has what is no contract’s', () =>
    mendedBy('S-index', async () => {
      await index().put(`grantees/${PARTNER}/not..an.id`, '');
      await s.round();
    }));

  it('goes on where what was told of strays cannot be read, and tells them anew', async () => {
    await s.call('CreatePolicy', { PolicyName: 'lease-of-a-flat', PolicyDocument: WIDE });
    await s.round();
    const told = s.told('strays').length;
    expect(told).toBeGreaterThan(0);
    for (const text of ['{"policy lease', 'null', '{"policy lease-of-a-flat unknown":"for ever"}']) {
      await index().put('drift/strays', text);
      await s.round();
    }
    expect(s.told('strays')).toHaveLength(told + 3);
  });

  it('asks whose they are a few at a time, where many bear our prefix', async () => {
    for (let n = 0; n < 60; n++)
      await s.call('CreatePolicy', { PolicyName: `lease-of-flat-${n}`, PolicyDocument: WIDE });
    let [underWay, most] = [0, 0];
    const isRead = ({ product, action }: { readonly product: string; readonly action: string }) =>
      product === 'oss' && action === 'GetObject';
    const undo = s.world().cloud.cloud.faults.add({
      before: async (call) => {
        if (isRead(call)) most = Math.max(most, ++underWay);
        return undefined;
      },
      after: async (call) => {
        if (isRead(call)) underWay--;
      },
    });
    await s.round();
    undo();
    expect(JSON.stringify(s.told('strays').map(({ data }) => data))).toContain('lease-of-flat-59');
    expect(most).toBeLessThanOrEqual(20);
  });

  it('goes on where a stray’s register is broken, and says that it is', () =>
    mendedBy('S-beside', async () => {
      await s.live('S-broken');
      await s.world().terminate('S-broken');
      await s.world().hear('S-broken', 'revoked');
      await s.world().clock.advance(26 * HOUR); // past the closing watch, whose job it was until then
      await s.world().evidence().create('contracts/S-broken/00000099.json', '{}');
      const trust = addEve('{"Version":"1","Statement":[]}');
      await s.call('CreateRole', { RoleName: roleOf('S-broken'), AssumeRolePolicyDocument: trust });
      await s.call('CreateRole', { RoleName: 'lease-of-a-house', AssumeRolePolicyDocument: trust });
      await s.round();
      expect(s.told('S-broken').at(-1)?.data).toMatchObject({
        contractId: 'S-broken',
        findings: [{ code: 'STRAY_ROLE', message: expect.stringContaining('cannot be believed') }],
      });
      expect(JSON.stringify(s.told('strays').at(-1)?.data)).toContain('lease-of-a-house');
    }));

  it('goes on where strays cannot be looked for, and tells that', async () => {
    const forbidden = { kind: 'error', status: 403, code: 'NoPermission' } as const;
    const undo = s.world().cloud.cloud.faults.add(failing({ action: 'ListRoles' }, forbidden));
    try {
      await mendedBy('S-denied', () => s.round());
    } finally {
      undo();
    }
    const failed = s.world().outbox.heard.filter(({ type }) => type === 'partner.access.failed');
    expect(failed.map(({ data }) => data)).toMatchObject([{ step: 'FindDrift', code: 'DeniedError' }]);
  });
});
