import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { addSeconds, instantOf } from '../../shared/domain/values.js';
import { suspend } from '../support/changes.js';
import { letUsIn, managedGrantee, usersThere } from '../support/managed.js';
import { grantee, kafkaDoor, startDoors } from '../support/side-doors.js';
import type { World } from '../support/world.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
let world: World;
beforeAll(async () => {
  world = await startDoors();
  await letUsIn(world);
});
afterAll(() => world?.cloud.close());

const keys = () => world.objectKeys(world.cloud.config.indexBucket, '');
const loseAll = async () => {
  const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);
  for (const key of keys()) await index.remove(key);
  expect(keys()).toEqual([]);
};
/** The round that misses the contracts, and the one that looks at them. */
const twoRounds = async () => {
  for (let round = 0; round < 2; round += 1) {
    await world.clock.advance(HOUR * 1000);
    await world.calm();
  }
};
const leaseOf = (from: number, until: number) => {
  const now = instantOf(world.clock.now());
  return { lease: { startsAt: addSeconds(now, from), expiresAt: addSeconds(now, until) } };
};
const begin = async (id: string, request: Parameters<World['onboard']>[1]) => {
  await world.onboard(id, request);
  await world.hear(id, 'granted');
  await world.calm();
};
const sharing = { grantee: managedGrantee({ users: [{ logonName: 'etl', access: 'programmatic' }] }) };

describe('an index that is lost as a whole', () => {
  it('is made anew from the register, and what is due comes about', async () => {
    await begin('I-door', { grantee, grants: [kafkaDoor()], ...leaseOf(0, 3 * DAY) });
    await begin('I-later', { grantee, grants: [kafkaDoor()], ...leaseOf(DAY, 10 * DAY) });
    await begin('I-paused', {});
    await suspend(world, 'I-paused', 'pause');
    await world.hear('I-paused', 'suspended');
    await world.calm();
    // What looks whether work goes on is of no use any more when it is done; whose the bucket is, the next deployment writes.
    const known = keys().filter((key) => !key.endsWith('/progress') && key !== 'stage.json');
    await loseAll();
    await twoRounds();
    expect(keys()).toEqual(expect.arrayContaining(known));
    await world.jumpTo(world.clock.now() + DAY * 1000);
    await world.hear('I-later', 'opened');
    await world.jumpTo(world.clock.now() + 2 * DAY * 1000);
    expect((await world.hear('I-door', 'revoked')).data).toMatchObject({ reason: 'expired' });
  });

  it('does not make the end of one contract take away or disable a user that another one uses', async () => {
    await begin('I-maker', sharing);
    await begin('I-other', sharing);
    await loseAll();
    await twoRounds();
    await world.terminate('I-maker');
    // Of a user that nobody else claims, but who can do more, it would be said that he was disabled and left behind.
    expect((await world.hear('I-maker', 'revoked')).data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toContain('etl');
    await world.terminate('I-other');
    await world.hear('I-other', 'revoked');
    expect(await usersThere(world)).not.toContain('etl');
  });
});
