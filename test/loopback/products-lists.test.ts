import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { sampleSeed } from '../../shared/loopback/products/seed.js';
import { productsService } from '../../shared/loopback/products/service.js';
import { type Keys, ownerId as OWNER } from './identity-clients.js';
import { callProduct, codeOf, type ProductCall, type Right, userWith } from './product-clients.js';

const MQ = `MQ_INST_${OWNER}_x1`;
let cloud: RunningCloud;
let root: Keys;
let nobody: Keys;
let users = 0;
const user = (...rights: readonly Right[]) => {
  users += 1;
  return userWith(cloud, OWNER, `user-${users}`, rights);
};
const call = (keys: Keys, product: ProductCall['product'], action: string, params?: ProductCall['params']) =>
  callProduct(cloud, keys, { product, action, ...(params === undefined ? {} : { params }) });
const rest = (keys: Keys, path: string, params: ProductCall['params'] = {}) =>
  callProduct(cloud, keys, { product: 'RocketMQ', action: 'Any', path, params });
const arn = (code: string, rest: string, region = 'cn-hangzhou') => `acs:${code}:${region}:${OWNER}:${rest}`;

beforeAll(async () => {
  cloud = await startCloud({ services: [(its) => productsService(its, sampleSeed(OWNER))] });
  root = cloud.accounts.createAccount(OWNER).rootAccessKey;
  nobody = cloud.accounts.createUser(OWNER, 'nobody');
});
afterAll(() => cloud?.close());

describe('lists of a whole account', () => {
  it.each([
    ['amqp-open', 'ListInstances', { MaxResults: '100' }, 'amqp:ListInstance', 'amqp', '/instances/*'],
    ['Slb', 'DescribeLoadBalancers', {}, 'slb:DescribeLoadBalancers', 'slb', 'loadbalancer/*'],
    ['Alb', 'ListLoadBalancers', {}, 'alb:ListLoadBalancers', 'alb', 'loadbalancer/*'],
    ['Alb', 'ListListeners', {}, 'alb:ListListeners', 'alb', 'loadbalancer/*'],
    ['Nlb', 'ListLoadBalancers', {}, 'nlb:ListLoadBalancers', 'nlb', 'loadbalancer/*'],
    ['Nlb', 'ListListeners', {}, 'nlb:ListListeners', 'nlb', 'listener/*'],
    ['Nlb', 'ListServerGroups', {}, 'nlb:ListServerGroups', 'nlb', 'servergroup/*'],
  ] as const)(
    '%s %s needs a right on the wildcard',
    async (product, action, params, right, code, resource) => {
      const one = await user({ Action: right, Resource: arn(code, resource.replace('*', 'lb-x1')) });
      const all = await user({ Action: right, Resource: arn(code, resource) });
      expect(await codeOf(call(one, product, action, params))).not.toBe('accepted');
      expect(await codeOf(call(all, product, action, params))).toBe('accepted');
    },
  );

  it('of RocketMQ 5.x too', async () => {
    const one = await user({
      Action: 'rocketmq:ListInstances',
      Resource: arn('rocketmq', 'instance/rmq-cn-x1'),
    });
    const all = await user({ Action: 'rocketmq:ListInstances', Resource: arn('rocketmq', 'instance/*') });
    expect(await codeOf(rest(one, '/instances'))).toBe('NoPermission');
    expect(await codeOf(rest(all, '/instances'))).toBe('accepted');
  });
});

describe('Kafka, whose documents disagree on what lists are checked on', () => {
  const ids = (body: Record<string, unknown>) =>
    (
      body['InstanceList'] as { readonly InstanceVO: readonly { readonly InstanceId: string }[] }
    ).InstanceVO.map(({ InstanceId }) => InstanceId);
  const narrow = { Action: 'alikafka:List*', Resource: arn('alikafka', 'alikafka_pre-cn-x1') };
  const list = (keys: Keys, params = {}) => call(keys, 'alikafka', 'GetInstanceList', params);

  it('shows by default the instances that the caller may list, and all under a wildcard', async () => {
    expect(ids(await list(await user(narrow)))).toEqual(['alikafka_pre-cn-x1']);
    expect(ids(await list(await user({ ...narrow, Resource: '*' })))).toEqual([
      'alikafka_pre-cn-x1',
      'alikafka_pre-cn-x2',
    ]);
    expect(await codeOf(list(nobody))).toBe('Forbidden.RAM');
  });

  it('checks instances that are asked for by id, each', async () => {
    const keys = await user(narrow);
    expect(ids(await list(keys, { 'InstanceId.1': 'alikafka_pre-cn-x1' }))).toEqual(['alikafka_pre-cn-x1']);
    const both = { 'InstanceId.1': 'alikafka_pre-cn-x1', 'InstanceId.2': 'alikafka_pre-cn-x2' };
    expect(await codeOf(list(keys, both))).toBe('Forbidden.RAM');
    expect(ids(await list(root, both))).toHaveLength(2);
  });

  it('can be told to read it the other way: then only a grant on everything will do', async () => {
    const strict = await startCloud({
      services: [(its) => productsService(its, sampleSeed(OWNER), { kafkaLists: 'all' })],
    });
    strict.accounts.createAccount(OWNER);
    const answers = [];
    for (const [name, Resource] of [
      ['narrow', narrow.Resource],
      ['wide', '*'],
    ] as const) {
      const keys = await userWith(strict, OWNER, name, [{ ...narrow, Resource }]);
      for (const action of ['GetInstanceList', 'GetTopicList', 'GetConsumerList'])
        answers.push(
          await codeOf(
            callProduct(strict, keys, {
              product: 'alikafka',
              action,
              params: action === 'GetInstanceList' ? {} : { InstanceId: 'alikafka_pre-cn-x1' },
            }),
          ),
        );
    }
    await strict.close();
    expect(answers).toEqual([...Array(3).fill('Forbidden.RAM'), ...Array(3).fill('accepted')]);
  });
});

describe('RabbitMQ, whose documents disagree on the list of virtual hosts', () => {
  it.each(['/instances/amqp-cn-x1', '/instances/amqp-cn-x1/vhosts/*'])('takes a right on %s', async (on) => {
    const keys = await user(
      { Action: 'amqp:GetInstance', Resource: arn('amqp', '/instances/amqp-cn-x1') },
      { Action: 'amqp:ListVhost', Resource: arn('amqp', on) },
    );
    const params = { InstanceId: 'amqp-cn-x1', MaxResults: '100' };
    expect(await codeOf(call(keys, 'amqp-open', 'ListVirtualHosts', params))).toBe('accepted');
  });
});

describe('RabbitMQ, whose calls take one HTTP method each', () => {
  it.each([
    ['ListInstances', 'GET', {}],
    ['ListVirtualHosts', 'GET', {}],
    ['ListQueues', 'GET', { VirtualHost: 'shop' }],
    ['ListExchanges', 'GET', { VirtualHost: 'shop' }],
    ['ListAccounts', 'POST', {}],
  ] as const)('takes %s by %s alone', async (action, method, more) => {
    const params = { InstanceId: 'amqp-cn-x1', MaxResults: '100', ...more };
    const by = (method: 'GET' | 'POST') =>
      codeOf(callProduct(cloud, root, { product: 'amqp-open', action, params, method }));
    expect(await by(method)).toBe('accepted');
    expect(await by(method === 'GET' ? 'POST' : 'GET')).toBe('UnsupportedHTTPMethod');
  });
});

describe('RocketMQ 4.x', () => {
  const instance = {
    Action: ['mq:QueryInstanceBaseInfo', 'mq:ListTopic', 'mq:ListGroup'],
    Resource: `acs:mq:*:*:${MQ}`,
  };
  const topics = async (keys: Keys) => {
    const body = await call(keys, 'Ons', 'OnsTopicList', { InstanceId: MQ });
    const { PublishInfoDo } = body['Data'] as {
      readonly PublishInfoDo: readonly { readonly Topic: string; readonly Relation: number }[];
    };
    return PublishInfoDo.map(({ Topic, Relation }) => `${Topic} ${Relation}`);
  };

  it('lists only topics that the caller may publish or subscribe to; an empty list is no refusal', async () => {
    expect(await topics(root)).toEqual(['orders 1', 'invoices 1']);
    expect(await topics(await user(instance))).toEqual([]);
    const both = await user(
      instance,
      { Action: ['mq:PUB', 'mq:SUB'], Resource: `acs:mq:*:*:${MQ}%orders` },
      { Action: 'mq:SUB', Resource: `acs:mq:*:*:${MQ}%invoices` },
    );
    expect(await topics(both)).toEqual(['orders 6', 'invoices 4']);
  });

  it('lists only groups that the caller may subscribe with', async () => {
    const keys = await user(instance, { Action: 'mq:SUB', Resource: `acs:mq:*:*:${MQ}%GID_globex` });
    const body = await call(keys, 'Ons', 'OnsGroupList', { InstanceId: MQ });
    expect(body['Data']).toMatchObject({ SubscribeInfoDo: [{ GroupId: 'GID_globex' }] });
  });

  it('lists only instances that the caller may see, and refuses nobody', async () => {
    const list = async (keys: Keys) =>
      (
        (await call(keys, 'Ons', 'OnsInstanceInServiceList'))['Data'] as {
          readonly InstanceVO: readonly object[];
        }
      ).InstanceVO.length;
    expect([await list(root), await list(await user(instance)), await list(nobody)]).toEqual([2, 1, 0]);
  });
});

describe('CLB', () => {
  const on = (...Resource: readonly string[]) => ({ Action: 'slb:*', Resource });
  const seen = async (keys: Keys, LoadBalancerId: string) => {
    const body = await call(keys, 'Slb', 'DescribeLoadBalancers', { LoadBalancerId });
    return (
      body['LoadBalancers'] as { readonly LoadBalancer: readonly { readonly LoadBalancerId: string }[] }
    ).LoadBalancer.map((one) => one.LoadBalancerId);
  };
  const change = (keys: Keys, action: string, ids: readonly string[], LoadBalancerId = 'lb-x1') =>
    call(keys, 'Slb', action, {
      LoadBalancerId,
      BackendServers: JSON.stringify(ids.map((ServerId) => ({ ServerId, Weight: '50' }))),
    });

  it('shows of load balancers asked for by id just these, and only when all may be seen', async () => {
    const keys = await user(on(arn('slb', 'loadbalancer/lb-x1')));
    expect(await seen(keys, 'lb-x1')).toEqual(['lb-x1']);
    expect(await codeOf(seen(keys, 'lb-x1,lb-x2'))).toBe('NoPermission');
    expect(await seen(root, 'lb-x1,lb-x2')).toEqual(['lb-x1', 'lb-x2']);
  });

  it('changes backends only with the right on the load balancer and on every ECS instance', async () => {
    const keys = await user(on(arn('slb', 'loadbalancer/lb-x1'), arn('ecs', 'instance/i-x1')));
    expect(await codeOf(change(keys, 'AddBackendServers', ['i-x1', 'i-x2']))).toBe('NoPermission');
    expect(await codeOf(change(keys, 'AddBackendServers', ['i-x1'], 'lb-x2'))).toBe('NoPermission');
    // Whether the ECS instance exists is not told before it may be used.
    expect(await codeOf(change(keys, 'AddBackendServers', ['not-there']))).toBe('NoPermission');
    const before = await call(root, 'Slb', 'DescribeLoadBalancerAttribute', { LoadBalancerId: 'lb-x1' });
    expect(before['BackendServers']).toEqual({ BackendServer: [] });
    expect(await codeOf(change(keys, 'AddBackendServers', ['i-x1']))).toBe('accepted');
    const after = await call(root, 'Slb', 'DescribeLoadBalancerAttribute', { LoadBalancerId: 'lb-x1' });
    expect(after['BackendServers']).toMatchObject({ BackendServer: [{ ServerId: 'i-x1', Weight: 50 }] });
    const other = await call(root, 'Slb', 'DescribeLoadBalancerAttribute', { LoadBalancerId: 'lb-x2' });
    expect(other['BackendServers']).toEqual({ BackendServer: [] });
    const healthy = await call(keys, 'Slb', 'DescribeHealthStatus', { LoadBalancerId: 'lb-x1' });
    expect(JSON.stringify(healthy)).toContain('i-x1');
    const removed = await change(keys, 'RemoveBackendServers', ['i-x1']);
    expect(removed['BackendServers']).toEqual({ BackendServer: [] });
  });

  it.each(['{', 'null', '[]', '[{}]', '[1]', JSON.stringify(Array(21).fill('i-x1'))])(
    'refuses %s as a list of servers',
    async (BackendServers) => {
      const params = { LoadBalancerId: 'lb-x1', BackendServers };
      expect(await codeOf(call(root, 'Slb', 'AddBackendServers', params))).toBe('InvalidParameter');
    },
  );
});

describe('ALB and NLB', () => {
  it('ALB checks load balancers that a list is narrowed to, each, and their listeners through them', async () => {
    const keys = await user({ Action: 'alb:List*', Resource: arn('alb', 'loadbalancer/alb-x1') });
    const one = { 'LoadBalancerIds.1': 'alb-x1' };
    const both = { ...one, 'LoadBalancerIds.2': 'alb-x2' };
    for (const action of ['ListLoadBalancers', 'ListListeners']) {
      expect(JSON.stringify(await call(keys, 'Alb', action, one))).not.toContain('alb-x2');
      expect(await codeOf(call(keys, 'Alb', action, both))).toBe('Forbidden.LoadBalancer');
    }
  });

  it('NLB checks server groups that a list is narrowed to, but load balancers always on the wildcard', async () => {
    const keys = await user({
      Action: 'nlb:*',
      Resource: [arn('nlb', 'servergroup/sgp-nlb-x1'), arn('nlb', 'loadbalancer/nlb-x1')],
    });
    const groups = await call(keys, 'Nlb', 'ListServerGroups', { 'ServerGroupIds.1': 'sgp-nlb-x1' });
    expect(groups['ServerGroups']).toMatchObject([
      { ServerGroupId: 'sgp-nlb-x1', RelatedLoadBalancerIds: ['nlb-x1'] },
    ]);
    const balancers = call(keys, 'Nlb', 'ListLoadBalancers', { 'LoadBalancerIds.1': 'nlb-x1' });
    expect(await codeOf(balancers)).toBe('Forbidden.NoPermission');
  });
});

describe('pages', () => {
  it('of RabbitMQ, ALB and NLB go on by token until all was shown once', async () => {
    const lists = [
      ['amqp-open', 'ListInstances', (body: Record<string, unknown>) => body['Data'], 'Instances'],
      ['Alb', 'ListListeners', (body: Record<string, unknown>) => body, 'Listeners'],
      ['Nlb', 'ListLoadBalancers', (body: Record<string, unknown>) => body, 'LoadBalancers'],
    ] as const;
    for (const [product, action, within, name] of lists) {
      const read = async (params: Record<string, string>) =>
        within(await call(root, product, action, params)) as Record<string, unknown>;
      const all = (await read({ MaxResults: '100' }))[name] as readonly unknown[];
      const singly: unknown[] = [];
      let NextToken = '';
      do {
        const page = await read({ MaxResults: '1', NextToken });
        singly.push(...(page[name] as readonly unknown[]));
        NextToken = (page['NextToken'] as string | undefined) ?? '';
      } while (NextToken !== '');
      expect(all.length).toBeGreaterThan(1);
      expect(singly).toEqual(all);
    }
  });

  it('of Kafka, CLB and RocketMQ 5.x are counted from 1', async () => {
    const kafka = { InstanceId: 'alikafka_pre-cn-x1', PageSize: '1', CurrentPage: '2' };
    const topics = await call(root, 'alikafka', 'GetTopicList', kafka);
    expect(topics).toMatchObject({
      Total: 2,
      CurrentPage: 2,
      TopicList: { TopicVO: [{ Topic: 'invoices' }] },
    });
    const clb = await call(root, 'Slb', 'DescribeLoadBalancers', { PageSize: '1', PageNumber: '2' });
    expect(clb['LoadBalancers']).toMatchObject({ LoadBalancer: [{ LoadBalancerId: 'lb-x2' }] });
    const rocketmq = await rest(root, '/instances/rmq-cn-x1/topics', { pageNumber: '2', pageSize: '1' });
    expect(rocketmq['data']).toMatchObject({ totalCount: 2, list: [{ topicName: 'invoices' }] });
  });

  it.each([
    ['amqp-open', 'ListInstances', {}, 'MissingParameter'],
    ['amqp-open', 'ListInstances', { MaxResults: '101' }, 'InvalidParameter'],
    ['Alb', 'ListLoadBalancers', { MaxResults: '0' }, 'InvalidParameter'],
    ['Alb', 'ListLoadBalancers', { NextToken: 'alb-x1' }, 'InvalidParameter'],
    ['Slb', 'DescribeLoadBalancers', { PageSize: '101' }, 'InvalidParameter'],
    ['Slb', 'DescribeLoadBalancers', { LoadBalancerId: 'lb,'.repeat(11) }, 'InvalidParameter'],
  ] as const)('%s %s with %j is refused', async (product, action, params, code) => {
    expect(await codeOf(call(root, product, action, params))).toBe(code);
  });
});

describe('a region', () => {
  it.each(['alikafka', 'RocketMQ'] as const)('of %s shows only what is in it', async (product) => {
    const path = product === 'RocketMQ' ? { path: '/instances' } : {};
    const list = async (region: string) =>
      JSON.stringify(await callProduct(cloud, root, { product, action: 'GetInstanceList', region, ...path }));
    expect(await list('cn-hangzhou')).toContain('x1');
    expect(await list('cn-shanghai')).not.toContain('x1');
  });

  it('is part of what is checked', async () => {
    const keys = await user({
      Action: 'rocketmq:*',
      Resource: arn('rocketmq', 'instance/rmq-cn-x1', 'cn-shanghai'),
    });
    expect(await codeOf(rest(keys, '/instances/rmq-cn-x1'))).toBe('NoPermission');
  });
});
