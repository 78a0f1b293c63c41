import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Grant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { type AccountResources, sampleSeed } from '../../shared/loopback/products/seed.js';
import { amend, resume, suspend } from '../support/changes.js';
import { kafkaGrant, OWNER, REGION } from '../support/requests.js';
import {
  grantee,
  kafkaDoor,
  rabbitmqDoor,
  rocketmqDoor,
  startDoors,
  usersBehind,
} from '../support/side-doors.js';
import type { World } from '../support/world.js';

const seed = sampleSeed(OWNER);
/** What the owner has; lists that may be replaced while the cloud runs. */
const owned = seed[OWNER] as { -readonly [List in keyof AccountResources]: AccountResources[List] };
const whole = { ...owned };
let world: World;
beforeAll(async () => {
  world = await startDoors({ seed });
});
beforeEach(async () => {
  const { Data } = (await world.asOwner('2020-04-01', 'ListEventBuses')) as {
    readonly Data: { readonly EventBuses: readonly { readonly EventBusName: string }[] };
  };
  if (!Data.EventBuses.some(({ EventBusName }) => EventBusName === BUS))
    await world.asOwner('2020-04-01', 'CreateEventBus', { EventBusName: BUS });
});
afterEach(() => {
  Object.assign(owned, whole);
  world.cloud.set({ missingBeforeDenied: false });
});
afterAll(() => world?.cloud.close());

const BUS = 'passing';

const deleteFirst = (list: 'kafka' | 'rocketmq5' | 'rabbitmq') => () => {
  Object.assign(owned, { [list]: owned[list].slice(1) });
};
const deleteBalancer = (id: string) => () => {
  owned.loadBalancers = owned.loadBalancers.filter(({ loadBalancerId }) => loadBalancerId !== id);
};
const deleteBus = () => world.asOwner('2020-04-01', 'DeleteEventBus', { EventBusName: BUS });
const balancer = (kind: 'clb' | 'alb' | 'nlb', id: string, access: 'read' | 'operate'): Grant =>
  ({ service: 'slb', kind, access, region: REGION, loadBalancerIds: [id] }) as Grant;

const reading = rabbitmqDoor({ access: 'read', exchanges: undefined, dataPlane: undefined });

const THINGS: readonly (readonly [string, readonly Grant[], () => unknown])[] = [
  ['a Kafka instance with an account', [kafkaDoor()], deleteFirst('kafka')],
  ['a RocketMQ 5.x instance with an account', [rocketmqDoor()], deleteFirst('rocketmq5')],
  ['a RabbitMQ instance with an account', [rabbitmqDoor(), reading], deleteFirst('rabbitmq')],
  ['a CLB load balancer', [balancer('clb', 'lb-x1', 'operate')], deleteBalancer('lb-x1')],
  ['an ALB load balancer', [balancer('alb', 'alb-x1', 'read')], deleteBalancer('alb-x1')],
  ['an NLB load balancer', [balancer('nlb', 'nlb-x1', 'operate')], deleteBalancer('nlb-x1')],
  ['a bus', [{ service: 'eventbridge', access: 'publish', region: REGION, eventBus: BUS }], deleteBus],
];

const onboard = async (id: string, ...grants: readonly Grant[]) => {
  await world.onboard(id, { grantee, grants });
  await world.hear(id, 'granted');
  await world.calm();
};
const end = async (id: string) => {
  await world.terminate(id);
  return (await world.hear(id, 'revoked', 'failed')).data;
};
/** Its role, and every user that there is behind accounts. */
const leftOf = async (id: string): Promise<readonly string[]> => {
  const role = roleNameOf(parseContractId(id));
  return [...(await world.roles()).filter((name) => name === role), ...(await usersBehind(world))];
};

describe.each(THINGS)(
  'the end of a contract about %s that its owner has deleted',
  (name, grants, destroy) => {
    it('is proven as any other, and leaves nothing', async () => {
      const id = name.replaceAll(/\W+/g, '-');
      const before = await leftOf(id);
      await onboard(id, ...grants);
      await destroy();
      expect(await end(id)).toMatchObject({ reason: 'terminated', timeToDenySeconds: 0, leftBehind: [] });
      expect(await leftOf(id)).toEqual(before);
    });

    it('says what nobody can see, where a product looks before it asks RAM', async () => {
      const id = `${name.replaceAll(/\W+/g, '-')}-first`;
      const before = await leftOf(id);
      await onboard(id, ...grants);
      await destroy();
      world.cloud.set({ missingBeforeDenied: true });
      const revoked = await end(id);
      expect(revoked['unseen']).toContainEqual(expect.stringContaining('is not there any more'));
      expect(revoked['witness']).toContain('leasehold-ended was read back on the role');
      expect(await leftOf(id)).toEqual(before);
    });
  },
);

describe('a contract of which one thing was deleted', () => {
  const kept = { ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' } as Grant;
  const begin = async (id: string) => {
    await onboard(id, rabbitmqDoor(), reading, kept);
    deleteFirst('rabbitmq')();
  };

  it('is told as drift', async () => {
    await begin('told');
    await world.clock.advance(3_600_000);
    const drift = await world.hear('told', 'drift-found');
    expect(drift.data['findings']).toMatchObject([
      { code: 'NO_INSTANCE', message: expect.stringContaining('amqp-cn-x1') },
    ]);
    await end('told');
  });

  it('goes on by an amendment without it, which takes away what was made for it', async () => {
    await begin('amended');
    expect(await usersBehind(world)).toHaveLength(1);
    await amend(world, 'amended', { revision: 1, grantee, grants: [kept] });
    await world.hear('amended', 'amended');
    expect(await usersBehind(world)).toEqual([]);
    await end('amended');
  });

  it('is not resumed as long as its terms speak of it', async () => {
    await onboard('resumed', rabbitmqDoor(), reading, kept);
    await suspend(world, 'resumed', 'pause');
    await world.hear('resumed', 'suspended');
    await world.calm();
    deleteFirst('rabbitmq')();
    await resume(world, 'resumed', 'pause', 'too-early');
    const failed = await world.hear('resumed', 'failed');
    expect(failed.data).toMatchObject({
      step: 'VerifyChange',
      code: 'BrokenPromiseError',
      reason: expect.stringContaining('amqp-cn-x1'),
    });
    await world.calm();
    expect(await world.contract('resumed')).toMatchObject({ state: 'suspended' });
    await amend(world, 'resumed', { revision: 1, grantee, grants: [kept] });
    await world.hear('resumed', 'amended');
    await world.calm();
    await resume(world, 'resumed', 'pause');
    await world.hear('resumed', 'resumed');
    await end('resumed');
  });
});
