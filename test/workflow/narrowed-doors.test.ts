import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hearNth, resume, suspend } from '../support/changes.js';
import { forge } from '../support/forge.js';
import { redeploy } from '../support/redeploy.js';
import {
  grantee,
  kafkaDoor,
  openInbox,
  rocketmqDoor,
  ruleDoor,
  rulesOn,
  startDoors,
} from '../support/side-doors.js';
import type { World } from '../support/world.js';

const HOUR = 3_600_000;
const SUSPENDED = ['ND-rule', 'ND-forged', 'ND-rocket', 'ND-kafka'];

let world: World;
beforeAll(async () => {
  world = await startDoors();
  await openInbox(world);
  await world.onboard('ND-rule', { grantee, grants: [ruleDoor()] });
  await world.onboard('ND-forged', { grantee, grants: [ruleDoor()] });
  await world.onboard('ND-rocket', { grantee, grants: [rocketmqDoor()] });
  await world.onboard('ND-kafka', { grantee, grants: [kafkaDoor()] });
  for (const id of SUSPENDED) await world.hear(id, 'granted');
  for (const id of SUSPENDED) {
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
  }
  await world.calm();
  // From here on the rule covers nothing.
  await redeploy(world, {
    LEASEHOLD_AUTO_APPROVAL: '{"maxLeaseSeconds":0}',
    LEASEHOLD_ON_DRIFT: 'suspend',
  });
}, 60_000);
afterAll(() => world?.cloud.close());

const isOn = async (id: string) => {
  const [route] = (await world.contract(id)).sideDoors.routes;
  return (await rulesOn(world))[route?.rule ?? ''];
};
const told = (id: string, kind: string) =>
  world.outbox.heard.filter(({ subject, type }) => subject === id && type.endsWith(`.${kind}`));

describe('side doors of contracts that were granted under a wider rule', () => {
  it('that are rules open again with a resumption', async () => {
    await resume(world, 'ND-rule', 's-ND-rule');
    expect((await world.hear('ND-rule', 'resumed', 'failed')).data).toMatchObject({ remaining: [] });
    expect(await isOn('ND-rule')).toBe('ENABLE');
  });

  it('stay shut where the register alone says that the suspension was lifted', async () => {
    const event = { source: 'x', id: 'x', contentHash: 'f'.repeat(64) };
    const suspension = 's-ND-forged';
    await forge(world, 'ND-forged', { kind: 'resuming', data: { event, suspension, by: 'x', reason: 'x' } });
    await forge(world, 'ND-forged', { kind: 'resumed', data: { suspension, remaining: [], proofs: [] } });
    await world.clock.advance(2 * HOUR);
    await world.calm();
    expect((await world.contract('ND-forged')).suspensions).toEqual([]);
    expect(await isOn('ND-forged')).toBe('DISABLE');
  });

  it.each(['ND-rocket', 'ND-kafka'])(
    'that are accounts stay shut, told with the way out and not taken for drift: %s',
    async (id) => {
      await resume(world, id, `s-${id}`);
      const { data } = await hearNth(world, id, 'failed', 1);
      expect(data['reason']).toMatch(/^NOT_APPROVED: /);
      expect(data['next']).toContain('widens');
      for (let hour = 0; hour < 2; hour++) {
        await world.jumpTo(world.clock.now() + HOUR);
        await world.calm();
      }
      expect(told(id, 'drift-found')).toEqual([]);
      expect((await world.contract(id)).state).toBe('active');
    },
  );
});
