import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataPlanePort } from '../../shared/cloud/alibaba/data-planes.js';
import { makeProductPort } from '../../shared/cloud/alibaba/products.js';
import type { Session } from '../../shared/cloud/ports.js';
import type { Grant } from '../../shared/domain/grant.js';
import { failing } from '../../shared/loopback/dispatch.js';
import { amend, enterAs } from '../support/changes.js';
import { kafkaGrant, OWNER, REGION } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const balancer = (id: string, own: object = {}): Grant => ({
  service: 'slb',
  kind: 'clb',
  access: 'operate',
  region: REGION,
  loadBalancerIds: [id],
  ecsInstanceIds: ['i-x1', 'i-x2'],
  ...own,
});
const addBackend = (session: Session, loadBalancerId: string, server: string) =>
  makeProductPort(world.cloud.connectionOf(world.cloud.root)).call(
    {
      product: 'Slb',
      version: '2014-05-15',
      region: REGION,
      action: 'AddBackendServers',
      params: { LoadBalancerId: loadBalancerId, BackendServers: JSON.stringify([{ ServerId: server }]) },
    },
    session,
  );
/** Passwords that were made by hand. */
const made: string[] = [];
/** What somebody makes with the owner's own keys meanwhile; the guard lets no partner do most of it. */
async function byHand(): Promise<void> {
  const { cloud, accounts, connectionOf, root } = world.cloud;
  const call = (version: string, action: string, params: Readonly<Record<string, string>>) =>
    cloud.call(accounts.rootOf(OWNER), version, action, params, REGION);
  const BackendServers = JSON.stringify([{ ServerId: 'i-x1', Port: 80 }]);
  await call('2014-05-15', 'AddVServerGroupBackendServers', { VServerGroupId: 'rsp-clb-x1', BackendServers });
  const port = makeDataPlanePort(connectionOf(root));
  for (const [product, instanceId, operation] of [
    ['kafka', 'alikafka_pre-cn-x1', 'Write'],
    ['rocketmq5', 'rmq-cn-x1', 'Pub'],
  ] as const) {
    const instance = { product, region: REGION, instanceId };
    const place = { resourceType: 'Topic', resourceName: 'orders', match: 'exact' } as const;
    const { password } = await port.apply(instance, 'evil', { kind: 'createAccount' });
    made.push(String(password));
    const entry = { ...place, operation, effect: 'allow', from: [] } as const;
    await port.apply(instance, 'evil', { kind: 'addEntry', entry });
  }
  const { accessKeyId, accessKeySecret } = root;
  const stamp = '1700000000000';
  const signed = (key: string, data: string) => createHmac('sha1', key).update(data).digest('hex');
  await call('2019-12-12', 'CreateAccount', {
    instanceId: 'amqp-cn-x1',
    accountAccessKey: accessKeyId,
    userName: Buffer.from(`2:amqp-cn-x1:${accessKeyId}`).toString('base64'),
    createTimestamp: stamp,
    signature: signed(accessKeySecret, stamp),
    secretSign: signed(stamp, accessKeySecret),
  });
  await call('2020-04-01', 'CreateRule', { EventBusName: 'orders', RuleName: 'tap', FilterPattern: '{}' });
}
const end = async (id: string) => {
  await world.terminate(id);
  return (await world.hear(id, 'revoked', 'failed')).data;
};

describe('what a partner left behind where it could operate', () => {
  it('is told with the end, and what the owner does about it; what was there before is not', async () => {
    await world.onboard('INV-one', { grants: [balancer('lb-x1')] });
    const session = await enterAs(world, 'INV-one');
    expect((await addBackend(session, 'lb-x1', 'i-x1')).outcome).toBe('allowed');
    const revoked = await end('INV-one');
    expect(revoked['appeared']).toEqual([
      {
        what: 'i-x1, backend of load balancer lb-x1 (cn-hangzhou)',
        next: expect.stringContaining('take it out'),
      },
    ]);
    expect(revoked['notCompared']).toEqual([]);
    // The next contract finds it there, and says nothing of it.
    await world.onboard('INV-two', { grants: [balancer('lb-x1')] });
    await world.hear('INV-two', 'granted');
    expect((await end('INV-two'))['appeared']).toEqual([]);
  });

  it('is looked for also where an amendment let it operate, and took that away again', async () => {
    await world.onboard('INV-amend', { grants: [kafkaGrant] });
    const session = await enterAs(world, 'INV-amend');
    await amend(world, 'INV-amend', { revision: 1, grants: [kafkaGrant, balancer('lb-x2')] });
    await world.hear('INV-amend', 'amended', 'failed');
    expect((await addBackend(session, 'lb-x2', 'i-x2')).outcome).toBe('allowed');
    await amend(world, 'INV-amend', { revision: 2, grants: [kafkaGrant] });
    await world.calm();
    expect((await world.contract('INV-amend')).terms?.revision).toBe(2);
    expect(JSON.stringify((await end('INV-amend'))['appeared'])).toContain('i-x2, backend');
  });

  it('is told also of servers in groups, accounts, their rights, and rules: whoever made them', async () => {
    const grants: readonly Grant[] = [
      balancer('lb-x1'),
      { service: 'kafka', access: 'operate', region: REGION, instanceId: 'alikafka_pre-cn-x1' },
      {
        service: 'rocketmq',
        series: '5.x',
        access: 'operate',
        region: REGION,
        instanceId: 'rmq-cn-x1',
        topics: ['orders'],
      },
      {
        service: 'rabbitmq',
        access: 'operate',
        region: REGION,
        instanceId: 'amqp-cn-x1',
        virtualHosts: ['shop'],
      },
      { service: 'eventbridge', access: 'publish', region: REGION, eventBus: 'orders' },
    ];
    await world.onboard('INV-all', { grants });
    const heard = await world.hear('INV-all', 'granted', 'failed', 'rejected');
    expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.granted', undefined]);
    await byHand();
    const revoked = await end('INV-all');
    const appeared = revoked['appeared'] as readonly { readonly what: string }[];
    expect(appeared.map(({ what }) => what).sort()).toEqual([
      expect.stringMatching(/^LTAI\w+, AccessKey with a static user name on RabbitMQ instance amqp-cn-x1/),
      'evil, SASL user of Kafka instance alikafka_pre-cn-x1 (cn-hangzhou)',
      'evil, account of RocketMQ 5.x instance rmq-cn-x1 (cn-hangzhou)',
      'evil: Pub on Topic orders, ACL entry of RocketMQ 5.x instance rmq-cn-x1 (cn-hangzhou)',
      'i-x1, port 80, backend in vServer group rsp-clb-x1 of load balancer lb-x1 (cn-hangzhou)',
      'orders, Topic (LITERAL) with an ACL on Kafka instance alikafka_pre-cn-x1 (cn-hangzhou)',
      'tap, rule on bus orders (cn-hangzhou)',
    ]);
    expect(revoked['notCompared']).toEqual([expect.stringContaining('more entries of an ACL')]);
    const facts = JSON.stringify(await world.facts('INV-all'));
    expect(made.filter((password) => facts.includes(password))).toEqual([]);
    expect(made).toHaveLength(2);
  });

  it('is not looked for where it could only read, and holds up no end where it cannot be read', async () => {
    await world.onboard('INV-read', { grants: [kafkaGrant] });
    await world.hear('INV-read', 'granted');
    expect(await end('INV-read')).not.toHaveProperty('appeared');
    await world.onboard('INV-blind', { grants: [balancer('lb-x1')] });
    await world.hear('INV-blind', 'granted');
    const undo = world.cloud.cloud.faults.add(
      failing(
        { action: 'DescribeVServerGroups' },
        { kind: 'error', status: 503, code: 'ServiceUnavailable' },
      ),
    );
    const revoked = await end('INV-blind');
    undo();
    expect(JSON.stringify(revoked['notCompared'])).toContain('vServer group');
    expect((await world.contract('INV-blind')).state).toBe('ended');
  });
});
