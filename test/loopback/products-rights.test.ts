import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { sampleSeed } from '../../shared/loopback/products/seed.js';
import { productsService } from '../../shared/loopback/products/service.js';
import { type Keys, ownerId as OWNER } from './identity-clients.js';
import {
  callProduct,
  codeOf,
  type ProductCall,
  type Refusal,
  type Right,
  userWith,
} from './product-clients.js';

const MQ = `MQ_INST_${OWNER}_x1`;
let cloud: RunningCloud;
let root: Keys;
let nobody: Keys;
let users = 0;
const user = (...rights: readonly Right[]) => {
  users += 1;
  return userWith(cloud, OWNER, `user-${users}`, rights);
};
const arn = (code: string, rest: string, region = 'cn-hangzhou') => `acs:${code}:${region}:${OWNER}:${rest}`;

beforeAll(async () => {
  cloud = await startCloud({ services: [(its) => productsService(its, sampleSeed(OWNER))] });
  root = cloud.accounts.createAccount(OWNER).rootAccessKey;
  nobody = cloud.accounts.createUser(OWNER, 'nobody');
});
afterAll(() => cloud?.close());

/** A call on `id`, the actions and resource it is checked on, and what it says when refused or when `id` is not there. */
const CHECKED: readonly {
  readonly call: (id: string) => ProductCall;
  readonly id: string;
  readonly on: (id: string) => readonly (readonly [action: string, resource: string])[];
  readonly denied: string;
  readonly missing: string;
}[] = [
  ...(
    [
      ['GetTopicList', 'alikafka:ListTopic'],
      ['GetConsumerList', 'alikafka:ListGroup'],
    ] as const
  ).map(([action, right]) => ({
    call: (InstanceId: string) => ({ product: 'alikafka' as const, action, params: { InstanceId } }),
    id: 'alikafka_pre-cn-x1',
    on: (id: string) => [[right, arn('alikafka', id)] as const],
    denied: 'Forbidden.RAM',
    missing: 'Instance.NotFound',
  })),
  {
    call: (InstanceId) => ({
      product: 'amqp-open',
      action: 'ListVirtualHosts',
      params: { InstanceId, MaxResults: '1' },
    }),
    id: 'amqp-cn-x1',
    on: (id) => [
      ['amqp:GetInstance', arn('amqp', `/instances/${id}`)],
      ['amqp:ListVhost', arn('amqp', `/instances/${id}/vhosts/*`)],
    ],
    denied: 'NoPermission',
    missing: 'InstanceNotExist',
  },
  ...(
    [
      ['ListQueues', 'amqp:ListQueue', 'queues'],
      ['ListExchanges', 'amqp:ListExchange', 'exchanges'],
    ] as const
  ).map(([action, right, kind]) => ({
    call: (InstanceId: string) => ({
      product: 'amqp-open' as const,
      action,
      params: { InstanceId, VirtualHost: 'shop', MaxResults: '1' },
    }),
    id: 'amqp-cn-x1',
    on: (id: string) =>
      [
        ['amqp:GetInstance', arn('amqp', `/instances/${id}`)],
        [right, arn('amqp', `/instances/${id}/vhosts/shop/${kind}/*`)],
      ] as const,
    denied: 'NoPermission',
    missing: 'InstanceNotExist',
  })),
  ...(
    [
      ['OnsInstanceBaseInfo', ['mq:QueryInstanceBaseInfo']],
      ['OnsTopicList', ['mq:QueryInstanceBaseInfo', 'mq:ListTopic']],
      ['OnsGroupList', ['mq:QueryInstanceBaseInfo', 'mq:ListGroup']],
    ] as const
  ).map(([action, rights]) => ({
    call: (InstanceId: string) => ({ product: 'Ons' as const, action, params: { InstanceId } }),
    id: MQ,
    on: (id: string) => rights.map((right) => [right, arn('mq', id)] as const),
    denied: 'NoPermission',
    missing: 'INSTANCE_NOT_FOUND',
  })),
  ...(
    [
      ['', 'rocketmq:GetInstance', ''],
      ['/topics', 'rocketmq:ListTopics', '/topic/*'],
      ['/consumerGroups', 'rocketmq:ListConsumerGroups', '/consumergroup/*'],
    ] as const
  ).map(([path, right, below]) => ({
    call: (id: string) => ({
      product: 'RocketMQ' as const,
      action: right.slice('rocketmq:'.length),
      path: `/instances/${id}${path}`,
    }),
    id: 'rmq-cn-x1',
    on: (id: string) => [[right, arn('rocketmq', `instance/${id}${below}`)] as const],
    denied: 'NoPermission',
    missing: 'Instance.NotFound',
  })),
  ...(
    [
      [
        'Slb',
        'slb',
        'DescribeLoadBalancerAttribute',
        'lb-x1',
        'NoPermission',
        'InvalidLoadBalancerId.NotFound',
      ],
      ['Slb', 'slb', 'DescribeHealthStatus', 'lb-x1', 'NoPermission', 'InvalidLoadBalancerId.NotFound'],
      ['Slb', 'slb', 'DescribeVServerGroups', 'lb-x1', 'NoPermission', 'InvalidLoadBalancerId.NotFound'],
      [
        'Alb',
        'alb',
        'GetLoadBalancerAttribute',
        'alb-x1',
        'Forbidden.LoadBalancer',
        'ResourceNotFound.LoadBalancer',
      ],
      [
        'Nlb',
        'nlb',
        'GetLoadBalancerAttribute',
        'nlb-x1',
        'Forbidden.NoPermission',
        'ResourceNotFound.loadBalancer',
      ],
    ] as const
  ).map(([product, code, action, id, denied, missing]) => ({
    call: (LoadBalancerId: string) => ({ product, action, params: { LoadBalancerId } }),
    id,
    on: (one: string) => [[`${code}:${action}`, arn(code, `loadbalancer/${one}`)] as const],
    denied,
    missing,
  })),
];
const named = CHECKED.map((one) => [`${one.call('').product} ${one.call('').action}`, one] as const);

describe.each(named)('%s', (_name, { call: callOn, id, on, denied, missing }) => {
  const code = (keys: Keys, one = id) => codeOf(callProduct(cloud, keys, callOn(one)));
  const grant = (rights: ReturnType<typeof on>) =>
    user(...rights.map(([Action, Resource]) => ({ Action, Resource })));

  it('needs exactly the rights on exactly the resources that are documented', async () => {
    const rights = on(id);
    expect(await code(await grant(rights))).toBe('accepted');
    for (const left of rights) {
      const others = rights.filter((right) => right !== left);
      expect(await code(others.length === 0 ? nobody : await grant(others))).toBe(denied);
    }
  });

  it('refuses the neighbour, and a longer name that begins alike', async () => {
    const keys = await grant(on(id));
    expect(await code(keys, id.replace(/1$/, '2'))).toBe(denied);
    expect(await code(keys, `${id}0`)).toBe(denied);
  });

  it('tells the owner that a thing is not there, and others nothing of what is', async () => {
    expect(await code(root, 'not-there')).toBe(missing);
    expect(await code(nobody, 'not-there')).toBe(denied);
    expect(await code(nobody, id)).toBe(denied);
  });

  it('names the action that was looked for', async () => {
    const refusal = (await callProduct(cloud, nobody, callOn(id)).catch(
      (error: unknown) => error,
    )) as Refusal;
    expect(refusal.statusCode).toBe(403);
    expect(on(id).map(([action]) => action)).toContain(refusal.accessDeniedDetail?.['AuthAction']);
    expect(refusal.accessDeniedDetail).toMatchObject({ NoPermissionType: 'ImplicitDeny' });
  });

  it("does not reach into another account's things", async () => {
    const other = cloud.accounts.createAccount(String(3_000_000_000_000_000 + users++)).rootAccessKey;
    expect(await code(other)).toBe(missing);
  });
});
