import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { publishedRateOf, publishedRates } from '../../shared/loopback/rates.js';
import { ended, managedGrantee, secretsOf, startManaged, usersThere } from '../support/managed.js';
import { PARTNER } from '../support/requests.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startManaged();
}, 60_000);
afterAll(() => world.cloud.close());

describe('a hundred users', () => {
  const many = Array.from({ length: 100 }, (_, index) => ({
    logonName: `user-${String(index + 1).padStart(3, '0')}`,
    access: 'programmatic' as const,
  }));
  it('are all taken back when the 57th is refused for good', async () => {
    let made = 0;
    let crashes = 0;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, product }) => {
        if (product !== 'Ims' || action !== 'CreateUser') return undefined;
        made += 1;
        if (made < 57) return undefined;
        crashes += 1;
        return { kind: 'error', status: 403, code: 'NoPermission' };
      },
    });
    await world.onboard('B-many', { grantee: managedGrantee({ users: many.slice(0, 100) }) });
    const heard = await world.hear('B-many', 'granted', 'failed');
    undo();
    expect(crashes).toBeGreaterThan(1);
    // A refusal that lasts is no passing trouble: everything is rolled back.
    expect(heard.type).toBe('partner.access.failed');
    expect(await usersThere(world)).toEqual([]);
  }, 60_000);

  it('are made at the rates at which RAM takes calls, and no step fails for it', async () => {
    const isThere = ({ callerArn = '' }: Partial<CallInfo>) => callerArn.includes(PARTNER);
    let refused = 0;
    const rates = publishedRates(
      () => world.clock.now(),
      // No page tells those of IMS; they are taken as RAM's.
      (call) => publishedRateOf({ ...call, product: 'Ram' }),
    );
    const undo = [
      world.cloud.cloud.faults.add({ before: (call) => (isThere(call) ? rates.before?.(call) : undefined) }),
      world.cloud.cloud.faults.add({
        after: (call, { code = '' }) => {
          if (isThere(call) && code.includes('Throttling')) refused += 1;
        },
      }),
    ];
    const from = world.lines.length;
    await world.onboard('B-rates', { grantee: managedGrantee({ users: many }) });
    const heard = await world.hear('B-rates', 'granted', 'failed');
    const { leftBehind } = (await ended(world, 'B-rates')).data;
    for (const one of undo) one();
    expect([heard.type, leftBehind]).toEqual(['partner.access.granted', []]);
    expect(refused).toBeGreaterThan(20);
    expect(world.lines.slice(from).filter((line) => line.includes('function-error'))).toEqual([]);
    expect(await usersThere(world)).toEqual([]);
  }, 60_000);

  it('go on where a throttled call had left them', async () => {
    let calls = 0;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, product }) => {
        if (product !== 'Ims' || action !== 'CreateUser') return undefined;
        calls += 1;
        return calls === 57 ? { kind: 'error', status: 503, code: 'ServiceUnavailable' } : undefined;
      },
    });
    await world.onboard('B-again', { grantee: managedGrantee({ users: many }) });
    const heard = await world.hear('B-again', 'granted', 'failed');
    undo();
    expect(heard.type).toBe('partner.access.granted');
    expect(calls).toBe(101);
    const secrets = await secretsOf(world, 'B-again');
    expect(secrets.filter(({ kind }) => kind === 'user')).toHaveLength(100);
    const changed = (await world.facts('B-again')).filter(({ kind }) => kind === 'grantee-changed');
    expect(changed.length).toBeGreaterThan(3);
    const revoked = await ended(world, 'B-again');
    expect(revoked.data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
  }, 60_000);
});
