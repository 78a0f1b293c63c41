import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriftFinding } from '../../shared/domain/fact.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { sampleSeed } from '../../shared/loopback/products/seed.js';
import { etl, granted, letUsIn, policiesOf, there } from '../support/managed.js';
import { kafkaGrant, OWNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const HOUR = 3_600_000;
/** What an event may have at most. */
const LIMIT = 60 * 1024;
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('a partner who may operate and has made more than an event can name', () => {
  let world: World;
  const seed = sampleSeed(OWNER);
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process', seed });
  });
  afterAll(() => world?.cloud.close());

  it('does not keep his end from being told: what has no room is counted, and stands in the register', async () => {
    await world.onboard('T-many', { grants: [{ ...kafkaGrant, access: 'operate' }] });
    await world.hear('T-many', 'granted');
    const topics = seed[OWNER]!.kafka[0]!.topics as string[];
    topics.push(...Array.from({ length: 1500 }, (_, n) => `T-many-${n}-`.padEnd(64, 'x')));
    await world.terminate('T-many');
    const { data } = await world.hear('T-many', 'revoked');
    expect(bytesOf(data)).toBeLessThan(LIMIT);
    const told = data['appeared'] as readonly unknown[];
    expect(told.length).toBeGreaterThan(100);
    expect(data['notTold']).toEqual({ appeared: 1500 - told.length });
    expect((await world.contract('T-many')).appeared?.appeared).toHaveLength(1500);
  }, 60_000);
});

describe('a partner whose users Leasehold sets up, and who gives the policy to enter with to many', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process', env: { LEASEHOLD_ON_DRIFT: 'heal' } });
    await letUsIn(world);
  }, 60_000);
  afterAll(() => world?.cloud.close());

  it('does not keep what is wrong in the owner’s account from being told first, and mended', async () => {
    await granted(world, 'T-held', { users: [etl] });
    const [PolicyName = ''] = await policiesOf(world, 'etl');
    for (let n = 0; n < 1700; n += 1) {
      const UserName = `${String(n).padStart(4, '0')}-`.padEnd(64, 'u');
      await there(world, '2015-05-01', 'CreateUser', { UserName });
      await there(world, '2015-05-01', 'AttachPolicyToUser', {
        PolicyType: 'Custom',
        PolicyName,
        UserName,
      });
    }
    const RoleName = roleNameOf(parseContractId('T-held'));
    const policy = { PolicyType: 'System', PolicyName: 'AdministratorAccess' };
    await world.asOwner('2015-05-01', 'AttachPolicyToRole', { ...policy, RoleName });
    await world.clock.jumpTo(world.clock.now() + HOUR);
    await world.calm();
    const { data } = await world.hear('T-held', 'drift-found');
    const codes = (data['findings'] as readonly DriftFinding[]).map(({ code }) => code);
    expect(codes[0]).toBe('FOREIGN_POLICY');
    expect(codes.filter((code) => code === 'GRANTEE_OTHER_HOLDER')).toHaveLength(50);
    expect(JSON.stringify(data['findings'])).toContain('1651 more like that');
    expect(bytesOf((await world.facts('T-held')).find(({ kind }) => kind === 'drift-found'))).toBeLessThan(
      LIMIT,
    );
    const names = (await world.ram().attachmentsOf(RoleName)).map((one) => one.policy.name);
    expect(names).not.toContain('AdministratorAccess');
  }, 120_000);
});
