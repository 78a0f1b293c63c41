import { describe, expect, it } from 'vitest';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { grantNeighbours, grantProbes, grantsNeighbours } from '../../shared/services/index.js';
import { eventbridge, kafka, OWNER, rabbitmq, rocketmq4, rocketmq5, slb } from './grants.js';
import { callText, linesOf } from './judging.js';

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

describe('the neighbours of a grant', () => {
  /** Each list in a line without its region, and what in it is no neighbour. */
  type Search = readonly [list: string, granted: readonly string[]];

  it.each<[ResourceGrant, readonly Search[]]>([
    [kafka({ instanceId: 'one' }), [['alikafka 2019-09-16 GetInstanceList', ['one']]]],
    [
      rabbitmq({ instanceId: 'one', virtualHosts: ['a', 'b'] }),
      [
        ['amqp-open 2019-12-12 ListInstances MaxResults=100', ['one']],
        ['amqp-open 2019-12-12 ListVirtualHosts InstanceId=one MaxResults=100', ['a', 'b']],
      ],
    ],
    [rocketmq4({ instanceId: 'one' }), [['Ons 2019-02-14 OnsInstanceInServiceList', ['one']]]],
    [
      rocketmq5({ instanceId: 'one' }),
      [['RocketMQ 2022-08-01 ListInstances GET /instances pageNumber=1 pageSize=100', ['one']]],
    ],
    [eventbridge({ eventBus: 'one' }), [['eventbridge 2020-04-01 ListEventBuses Limit=100', ['one']]]],
    [
      slb({ loadBalancerIds: ['a', 'b'] }),
      [['Slb 2014-05-15 DescribeLoadBalancers PageSize=100', ['a', 'b']]],
    ],
    [
      slb({ kind: 'alb', loadBalancerIds: ['a', 'b'] }),
      [['Alb 2020-06-16 ListLoadBalancers MaxResults=100', ['a', 'b']]],
    ],
    [
      slb({ kind: 'nlb', loadBalancerIds: ['a', 'b'] }),
      [['Nlb 2022-04-30 ListLoadBalancers MaxResults=100', ['a', 'b']]],
    ],
  ])('are looked for by its own list: %o', (grant, expected) => {
    expect(
      grantNeighbours(grant, OWNER).map(({ list, granted }) => [
        callText(list).replace(' cn-hangzhou', ''),
        granted,
      ]),
    ).toEqual(expected);
  });

  it.each([kafka, rabbitmq, rocketmq4, rocketmq5, eventbridge, slb])(
    'are called as what is granted is called (%#)',
    (build) => {
      const grant = build();
      const searches = grantNeighbours(grant, OWNER);
      const proofs = grantProbes(grant, OWNER);
      for (const { granted, probe } of searches) expect(proofs).toContainEqual(probe(granted[0]!));
    },
  );
});

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
  /** Each call in a line without its region, with what it proves below. */
  type Proof = readonly [call: string, ...proves: readonly string[]];
  const proofsOf = (grant: ResourceGrant): readonly Proof[] =>
    grantProbes(grant, OWNER).map(({ call, proves }) => [
      callText(call).replace(' cn-hangzhou', ''),
      ...linesOf(proves),
    ]);
  const kafkaId = 'alikafka_pre-cn-x1';
  const kafkaTopics: Proof = [
    `alikafka 2019-09-16 GetTopicList InstanceId=${kafkaId}`,
    `alikafka:ListTopic on alikafka:${kafkaId}`,
  ];
  const kafkaGroups: Proof = [
    `alikafka 2019-09-16 GetConsumerList InstanceId=${kafkaId}`,
    `alikafka:ListGroup on alikafka:${kafkaId}`,
  ];
  const rabbitmqHost = 'amqp:/instances/amqp-cn-x1';
  const rabbitmqQueues = (vhost: string): Proof => [
    `amqp-open 2019-12-12 ListQueues InstanceId=amqp-cn-x1 VirtualHost=${vhost} MaxResults=1`,
    `amqp:GetInstance on ${rabbitmqHost}`,
    `amqp:ListQueue on ${rabbitmqHost}/vhosts/${vhost}/queues/*`,
  ];
  const rocketmq4Call = (action: string, ...rights: readonly string[]): Proof => [
    `Ons 2019-02-14 ${action} InstanceId=MQ_INST_1_x1`,
    ...rights.map((right) => `mq:${right} on mq:MQ_INST_1_x1`),
  ];
  const rocketmq4Instance = rocketmq4Call(
    'OnsInstanceBaseInfo',
    'OnsInstanceBaseInfo',
    'QueryInstanceBaseInfo',
  );
  const stem = 'instance/rmq-cn-x1';
  const rocketmq5Instance: Proof = [
    `RocketMQ 2022-08-01 GetInstance GET /instances/rmq-cn-x1`,
    `rocketmq:GetInstance on rocketmq:${stem}`,
  ];
  const rocketmq5Topics: Proof = [
    `RocketMQ 2022-08-01 ListTopics GET /instances/rmq-cn-x1/topics pageNumber=1 pageSize=10`,
    `rocketmq:ListTopics on rocketmq:${stem}/topic/*`,
  ];
  const rocketmq5Groups: Proof = [
    `RocketMQ 2022-08-01 ListConsumerGroups GET /instances/rmq-cn-x1/consumerGroups pageNumber=1 pageSize=10`,
    `rocketmq:ListConsumerGroups on rocketmq:${stem}/consumergroup/*`,
  ];
  const bus: Proof = [
    'eventbridge 2020-04-01 GetEventBus EventBusName=orders',
    'eventbridge:GetEventBus on eventbridge:eventbus/orders',
  ];
  const balancer = (id: string): Proof => [
    `Slb 2014-05-15 DescribeLoadBalancerAttribute LoadBalancerId=${id}`,
    `slb:DescribeLoadBalancerAttribute on slb:loadbalancer/${id}`,
  ];
  const dataPlane = { endsByController: true } as const;

  it.each<[ResourceGrant, readonly Proof[]]>([
    [kafka(), [kafkaTopics, kafkaGroups]],
    // A producer needs no group.
    [kafka({ access: 'publish', topics: ['t'], dataPlane }), [kafkaTopics]],
    [
      rabbitmq({ virtualHosts: ['a', 'b'] }),
      [
        [
          'amqp-open 2019-12-12 ListVirtualHosts InstanceId=amqp-cn-x1 MaxResults=1',
          `amqp:GetInstance on ${rabbitmqHost}`,
          `amqp:ListVhost on ${rabbitmqHost}`,
        ],
        rabbitmqQueues('a'),
        rabbitmqQueues('b'),
      ],
    ],
    [
      rocketmq4(),
      [
        rocketmq4Instance,
        rocketmq4Call('OnsTopicList', 'ListTopic', 'QueryInstanceBaseInfo'),
        rocketmq4Call('OnsGroupList', 'ListGroup', 'QueryInstanceBaseInfo'),
      ],
    ],
    [rocketmq4({ access: 'publish', topics: ['t'] }), [rocketmq4Instance]],
    [rocketmq5(), [rocketmq5Instance, rocketmq5Topics, rocketmq5Groups]],
    [rocketmq5({ access: 'publish', topics: ['t'], dataPlane }), [rocketmq5Instance, rocketmq5Topics]],
    [
      eventbridge(),
      [
        bus,
        [
          'eventbridge 2020-04-01 ListRules EventBusName=orders',
          'eventbridge:ListRules on eventbridge:eventbus/orders/rule/*',
        ],
      ],
    ],
    [eventbridge({ access: 'publish' }), [bus]],
    [slb({ loadBalancerIds: ['a', 'b'] }), [balancer('a'), balancer('b')]],
    [
      slb({ kind: 'alb', loadBalancerIds: ['a'] }),
      [
        [
          'Alb 2020-06-16 GetLoadBalancerAttribute LoadBalancerId=a',
          'alb:GetLoadBalancerAttribute on alb:loadbalancer/a',
        ],
      ],
    ],
    [
      slb({ kind: 'nlb', loadBalancerIds: ['a'] }),
      [
        [
          'Nlb 2022-04-30 GetLoadBalancerAttribute LoadBalancerId=a',
          'nlb:GetLoadBalancerAttribute on nlb:loadbalancer/a',
        ],
      ],
    ],
  ])('%o', (grant, expected) => expect(proofsOf(grant)).toEqual(expected));

  it('are none where a RabbitMQ publisher or consumer may not list, and neither are neighbours', () => {
    for (const access of ['publish', 'subscribe'] as const) {
      expect(grantProbes(rabbitmq({ access }), OWNER)).toEqual([]);
      expect(grantNeighbours(rabbitmq({ access }), OWNER)).toEqual([]);
    }
  });

  it('are as many, and look for the same neighbours, for whoever operates as for whoever reads', () => {
    for (const access of ['operate', 'full'] as const) {
      for (const build of [kafka, rabbitmq, rocketmq4, rocketmq5]) {
        expect(grantProbes(build({ access }), OWNER)).toEqual(grantProbes(build(), OWNER));
        expect(grantNeighbours(build({ access }), OWNER).map(({ list }) => list)).toEqual(
          grantNeighbours(build(), OWNER).map(({ list }) => list),
        );
      }
    }
  });
});

describe('the neighbours of several grants', () => {
  const reply = {
    InstanceList: { InstanceVO: ['one', 'two', 'three', 'four'].map((InstanceId) => ({ InstanceId })) },
  };
  const asked = (...grants: readonly ResourceGrant[]) =>
    grantsNeighbours(grants, OWNER).map(({ probesIn }) =>
      probesIn(reply, 2).map(({ call }) => call.params['InstanceId']),
    );

  it('are none that any of them grants, and as many as are asked for', () => {
    expect(asked(kafka({ instanceId: 'one' }))).toEqual([['two', 'three']]);
    expect(asked(kafka({ instanceId: 'one' }), kafka({ instanceId: 'three' }))).toEqual([
      ['two', 'four'],
      ['two', 'four'],
    ]);
  });

  it('are none where another of them lets in', () => {
    expect(asked(kafka({ instanceId: 'one' }), kafka({ instanceId: 'two', listsAnywhere: true }))).toEqual([
      [],
    ]);
  });

  it('are asked of the grant itself all the same, were it to let in what it must not', () => {
    const [search] = grantsNeighbours([kafka({ instanceId: 'one' }), kafka({ instanceId: 'one' })], OWNER);
    expect(search?.probesIn(reply, 1)).toHaveLength(1);
  });
});
