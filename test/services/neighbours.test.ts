import { describe, expect, it } from 'vitest';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { grantNeighbours, grantProbes } from '../../shared/services/index.js';
import { eventbridge, kafka, OWNER, rabbitmq, rocketmq4, rocketmq5, slb } from './grants.js';

/** Replies as the products' SDK models have them, with one granted thing, one neighbour and one that is broken. */
const replies: readonly (readonly [string, ResourceGrant, number, object])[] = [
  [
    'Kafka GetInstanceList',
    kafka(),
    0,
    { InstanceList: { InstanceVO: [{ InstanceId: 'one' }, { InstanceId: 'two' }, {}] } },
  ],
  [
    'RabbitMQ ListInstances',
    rabbitmq(),
    0,
    { Data: { Instances: [{ InstanceId: 'one' }, { InstanceId: 'two' }, null] } },
  ],
  [
    'RabbitMQ ListVirtualHosts',
    rabbitmq(),
    1,
    { Data: { VirtualHosts: [{ Name: 'one' }, { Name: 'two' }, { Name: 7 }] } },
  ],
  [
    'RocketMQ 4.x OnsInstanceInServiceList',
    rocketmq4(),
    0,
    { Data: { InstanceVO: [{ InstanceId: 'one' }, { InstanceId: 'two' }, ''] } },
  ],
  [
    'RocketMQ 5.x ListInstances',
    rocketmq5(),
    0,
    { data: { list: [{ instanceId: 'one' }, { instanceId: 'two' }, { instanceId: '../x' }] } },
  ],
  [
    'EventBridge ListEventBuses',
    eventbridge(),
    0,
    { Data: { EventBuses: [{ EventBusName: 'one' }, { EventBusName: 'two' }, []] } },
  ],
  [
    'CLB DescribeLoadBalancers',
    slb(),
    0,
    { LoadBalancers: { LoadBalancer: [{ LoadBalancerId: 'one' }, { LoadBalancerId: 'two' }, {}] } },
  ],
  [
    'ALB ListLoadBalancers',
    slb({ kind: 'alb' }),
    0,
    { LoadBalancers: [{ LoadBalancerId: 'one' }, { LoadBalancerId: 'two' }, {}] },
  ],
  [
    'NLB ListLoadBalancers',
    slb({ kind: 'nlb' }),
    0,
    { LoadBalancers: [{ LoadBalancerId: 'one' }, { LoadBalancerId: 'one' }, { LoadBalancerId: 'two' }] },
  ],
];

describe.each(replies)('the reply of %s', (_name, grant, index, reply) => {
  const search = () => grantNeighbours(grant, OWNER)[index]!;

  it('gives the ids of what exists, each once', () => {
    expect(search().findIn(reply)).toEqual(['one', 'two']);
  });

  it.each([[undefined], [null], ['text'], [{}], [[]], [{ Data: null }], [{ LoadBalancers: 7 }]])(
    'gives none when it is %o',
    (broken) => {
      expect(search().findIn(broken)).toEqual([]);
    },
  );

  it('leads to a call on the neighbour', () => {
    const { call } = search().probe('two');
    expect([...Object.values(call.params), call.rest?.path ?? ''].join(' ')).toContain('two');
  });
});

describe('the calls that prove a grant', () => {
  const calls = (grant: ResourceGrant) =>
    grantProbes(grant, OWNER).map(({ call }) => `${call.product} ${call.version} ${call.action}`);

  it.each([
    [kafka(), ['alikafka 2019-09-16 GetTopicList', 'alikafka 2019-09-16 GetConsumerList']],
    [
      rabbitmq({ virtualHosts: ['a', 'b'] }),
      [
        'amqp-open 2019-12-12 ListVirtualHosts',
        'amqp-open 2019-12-12 ListQueues',
        'amqp-open 2019-12-12 ListQueues',
      ],
    ],
    [
      rocketmq4(),
      ['Ons 2019-02-14 OnsInstanceBaseInfo', 'Ons 2019-02-14 OnsTopicList', 'Ons 2019-02-14 OnsGroupList'],
    ],
    [
      rocketmq5(),
      [
        'RocketMQ 2022-08-01 GetInstance',
        'RocketMQ 2022-08-01 ListTopics',
        'RocketMQ 2022-08-01 ListConsumerGroups',
      ],
    ],
    [eventbridge(), ['eventbridge 2020-04-01 GetEventBus', 'eventbridge 2020-04-01 ListRules']],
    [eventbridge({ access: 'publish' }), ['eventbridge 2020-04-01 GetEventBus']],
    [
      slb({ loadBalancerIds: ['a', 'b'] }),
      ['Slb 2014-05-15 DescribeLoadBalancerAttribute', 'Slb 2014-05-15 DescribeLoadBalancerAttribute'],
    ],
    [slb({ kind: 'alb' }), ['Alb 2020-06-16 GetLoadBalancerAttribute']],
    [slb({ kind: 'nlb' }), ['Nlb 2022-04-30 GetLoadBalancerAttribute']],
  ])('%o', (grant, expected) => expect(calls(grant)).toEqual(expected));

  it('carry what RabbitMQ requires of its lists', () => {
    expect(grantProbes(rabbitmq(), OWNER).map(({ call }) => call.params)).toEqual([
      { InstanceId: 'amqp-cn-x1', MaxResults: '1' },
      { InstanceId: 'amqp-cn-x1', VirtualHost: 'shop', MaxResults: '1' },
    ]);
  });

  it('are none where a RabbitMQ publisher or consumer may not list, and neither are neighbours', () => {
    for (const access of ['publish', 'subscribe'] as const) {
      expect(grantProbes(rabbitmq({ access }), OWNER)).toEqual([]);
      expect(grantNeighbours(rabbitmq({ access }), OWNER)).toEqual([]);
    }
  });
});
