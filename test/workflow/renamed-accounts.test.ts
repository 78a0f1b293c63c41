import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleSeed, withResources } from '../../shared/loopback/products/seed.js';
import { resume, suspend } from '../support/changes.js';
import { HOUR } from '../support/drift-stage.js';
import { letUsIn, managedGrantee, there, usersThere } from '../support/managed.js';
import { groupedGrant, OWNER } from '../support/requests.js';
import { rabbitmqDoor, startDoors, usersBehind } from '../support/side-doors.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startDoors({ seed: withResources(sampleSeed(OWNER), OWNER, [groupedGrant]) });
  await letUsIn(world);
});
afterAll(() => world?.cloud.close());

const rename = (alias: string) => world.asOwner('2015-05-01', 'SetAccountAlias', { AccountAlias: alias });
const renamePartner = (alias: string) =>
  there(world, '2015-05-01', 'SetAccountAlias', { AccountAlias: alias });

/** Users, and who holds a policy within a resource group, are known by names that hold the account's alias. */
describe('an alias that an account has, and then another, at either side', () => {
  it('changes nothing for a contract: no drift, a suspension that binds, and an end that leaves nobody', async () => {
    await Promise.all([rename('acme-trading'), renamePartner('globex')]);
    const grantee = managedGrantee({ users: [{ logonName: 'etl', access: 'programmatic' }] });
    await world.onboard('N-1', { grantee, grants: [groupedGrant, rabbitmqDoor()] });
    await world.hear('N-1', 'granted');
    await world.calm();
    await Promise.all([rename('acme'), renamePartner('globex-group')]);
    await world.clock.advance(HOUR);
    await world.calm();
    expect(world.outbox.heard.filter(({ type }) => type.endsWith('.drift-found'))).toEqual([]);

    await suspend(world, 'N-1', 'pause');
    expect((await world.hear('N-1', 'suspended')).data['sideDoors']).toEqual([
      expect.stringContaining('is disabled, without any right'),
    ]);
    await resume(world, 'N-1', 'pause');
    await world.hear('N-1', 'resumed');
    expect(await usersThere(world)).toEqual(['etl']);
    expect(await usersBehind(world)).toHaveLength(1);

    await Promise.all([rename('acme-holding'), renamePartner('globex')]);
    await world.terminate('N-1');
    expect((await world.hear('N-1', 'revoked')).data).toMatchObject({ leftBehind: [], foreign: [] });
    expect([await usersThere(world), await usersBehind(world), await world.roles()]).toEqual([[], [], []]);
  });
});
