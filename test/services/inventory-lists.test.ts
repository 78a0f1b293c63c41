import { describe, expect, it } from 'vitest';
import type { Grant } from '../../shared/domain/grant.js';
import { type InventoryList, inventoryOf } from '../../shared/services/index.js';
import { eventbridge, kafka, rabbitmq, rocketmq5, slb } from './grants.js';
import { callText } from './judging.js';

/** How a list goes on: by number of page, by token, or not at all, since all is in one reply. */
type Paging = 'CurrentPage' | 'pageNumber' | 'NextToken' | 'whole';
/** What the owner does about one that appeared. */
type Advice =
  | 'delete it'
  | 'take it out'
  | 'look'
  | 'delete the user name'
  | 'delete it: whoever has its password';
type Row = readonly [
  of: string,
  call: string,
  reply: object,
  names: readonly string[],
  paging: Paging,
  advice: Advice,
];

const operating = { access: 'operate' } as const;
const kafkaPlace = 'Kafka instance alikafka_pre-cn-x1 (cn-hangzhou)';
const kafkaCall = (action: string, params: string): string =>
  `alikafka 2019-09-16 cn-hangzhou ${action} ${params}`;
const kafkaPage = 'InstanceId=alikafka_pre-cn-x1 CurrentPage=1 PageSize=100';
const rocketmqPlace = 'RocketMQ 5.x instance rmq-cn-x1 (cn-hangzhou)';
const rocketmqCall = (action: string, path: string): string =>
  `RocketMQ 2022-08-01 cn-hangzhou ${action} GET /instances/rmq-cn-x1${path} pageNumber=1 pageSize=100`;
const rabbitmqPlace = 'RabbitMQ instance amqp-cn-x1 (cn-hangzhou)';
const rabbitmqCall = (action: string, params: string): string =>
  `amqp-open 2019-12-12 cn-hangzhou ${action} InstanceId=amqp-cn-x1${params}`;
const clbPlace = 'load balancer lb-x1 (cn-hangzhou)';
const clbCall = (action: string, params = 'LoadBalancerId=lb-x1'): string =>
  `Slb 2014-05-15 cn-hangzhou ${action} ${params}`;
const busPlace = 'bus orders (cn-hangzhou)';
const busCall = (action: string, params = ''): string =>
  `eventbridge 2020-04-01 cn-hangzhou ${action} EventBusName=orders Limit=100${params}`;

/** Replies as the products' SDK models have them, with two that are there and one that is broken. */
const tables: readonly (readonly [string, readonly Grant[], readonly Row[]])[] = [
  [
    'a Kafka instance',
    [kafka(operating)],
    [
      [
        `topic of ${kafkaPlace}`,
        kafkaCall('GetTopicList', kafkaPage),
        { TopicList: { TopicVO: [{ Topic: 'a' }, { Topic: 'b' }, {}] } },
        ['a', 'b'],
        'CurrentPage',
        'delete it',
      ],
      [
        `consumer group of ${kafkaPlace}`,
        kafkaCall('GetConsumerList', kafkaPage),
        { ConsumerList: { ConsumerVO: [{ ConsumerId: 'a' }, { ConsumerId: 'b' }, null] } },
        ['a', 'b'],
        'CurrentPage',
        'delete it',
      ],
      [
        `SASL user of ${kafkaPlace}`,
        kafkaCall('DescribeSaslUsers', 'InstanceId=alikafka_pre-cn-x1'),
        { SaslUserList: { SaslUserVO: [{ Username: 'a' }, { Username: 'b', Password: 'p' }, 7] } },
        ['a', 'b'],
        'whole',
        'delete it: whoever has its password',
      ],
      [
        `switched-on ACL of ${kafkaPlace}`,
        kafkaCall('GetInstanceList', 'InstanceId.1=alikafka_pre-cn-x1'),
        {
          InstanceList: {
            InstanceVO: [{ InstanceId: 'alikafka_pre-cn-x1', AllConfig: '{"enable.acl":"true"}' }],
          },
        },
        ['alikafka_pre-cn-x1'],
        'whole',
        'look',
      ],
    ],
  ],
  [
    'the ACL of a Kafka instance that has one',
    [kafka(operating)],
    // Each kind of resource, by its whole name and by how its name begins.
    ['Topic', 'Group', 'Cluster', 'TransactionalId'].flatMap((type) =>
      ['LITERAL', 'PREFIXED'].map(
        (pattern): Row => [
          `${type} (${pattern}) with an ACL on ${kafkaPlace}`,
          kafkaCall(
            'DescribeAclResourceName',
            `InstanceId=alikafka_pre-cn-x1 AclResourceType=${type} AclResourcePatternType=${pattern}`,
          ),
          { Data: { data: ['a', 'b', 7] } },
          ['a', 'b'],
          'whole',
          'look',
        ],
      ),
    ),
  ],
  [
    'a RocketMQ 5.x instance',
    [rocketmq5({ ...operating, topics: ['t'] })],
    [
      [
        `topic of ${rocketmqPlace}`,
        rocketmqCall('ListTopics', '/topics'),
        { data: { list: [{ topicName: 'a' }, { topicName: 'b' }, {}] } },
        ['a', 'b'],
        'pageNumber',
        'delete it',
      ],
      [
        `consumer group of ${rocketmqPlace}`,
        rocketmqCall('ListConsumerGroups', '/consumerGroups'),
        { data: { list: [{ consumerGroupId: 'a' }, { consumerGroupId: 'b' }, null] } },
        ['a', 'b'],
        'pageNumber',
        'delete it',
      ],
      [
        `account of ${rocketmqPlace}`,
        rocketmqCall('ListInstanceAccount', '/accounts'),
        { data: { list: [{ username: 'a' }, { username: 'b', password: 'p' }, 7] } },
        ['a', 'b'],
        'pageNumber',
        'delete it: whoever has its password',
      ],
      [
        `ACL entry of ${rocketmqPlace}`,
        rocketmqCall('ListInstanceAcl', '/acl'),
        {
          data: {
            list: [
              { username: 'a', resourceType: 'Topic', resourceName: 'orders', actions: ['Pub', 'Sub', 7] },
              { username: 'b', resourceType: 'Group', resourceName: 'shop' },
            ],
          },
        },
        ['a: Pub|Sub on Topic orders', 'b:  on Group shop'],
        'pageNumber',
        'take it out',
      ],
    ],
  ],
  [
    'a RabbitMQ instance',
    [rabbitmq({ ...operating, virtualHosts: ['shop', 'web'] })],
    [
      ...['shop', 'web'].flatMap((vhost): readonly Row[] => [
        [
          `queue in ${vhost} of ${rabbitmqPlace}`,
          rabbitmqCall('ListQueues', ` VirtualHost=${vhost} MaxResults=100`),
          { Data: { Queues: [{ Name: 'a' }, { Name: 'b' }, {}] } },
          ['a', 'b'],
          'NextToken',
          'delete it',
        ],
        [
          `exchange in ${vhost} of ${rabbitmqPlace}`,
          rabbitmqCall('ListExchanges', ` VirtualHost=${vhost} MaxResults=100`),
          { Data: { Exchanges: [{ Name: 'a' }, { Name: 'b' }, null] } },
          ['a', 'b'],
          'NextToken',
          'delete it',
        ],
      ]),
      [
        `AccessKey with a static user name on ${rabbitmqPlace}`,
        rabbitmqCall('ListAccounts', ''),
        {
          Data: {
            'amqp-cn-x1': [
              { accessKey: 'a', deleted: 0 },
              { accessKey: 'gone', deleted: 1_671_175_303_522 },
              { accessKey: 'b', Remark: 'not lh-' },
              { accessKey: 'c', Remark: 'lh-1' },
            ],
          },
        },
        ['a', 'b', 'lh-1'],
        'whole',
        'delete the user name',
      ],
    ],
  ],
  [
    'a CLB',
    [slb(operating)],
    [
      [
        `backend of ${clbPlace}`,
        clbCall('DescribeLoadBalancerAttribute'),
        { BackendServers: { BackendServer: [{ ServerId: 'a' }, { ServerId: 'b' }, {}] } },
        ['a', 'b'],
        'whole',
        'take it out',
      ],
      [
        `listener port of ${clbPlace}`,
        clbCall('DescribeLoadBalancerAttribute'),
        // TCP and UDP may listen on one port.
        { ListenerPorts: { ListenerPort: [80, 443, 80] } },
        ['80', '443'],
        'whole',
        'delete it',
      ],
      [
        `vServer group of ${clbPlace}`,
        clbCall('DescribeVServerGroups'),
        { VServerGroups: { VServerGroup: [{ VServerGroupId: 'a' }, { VServerGroupId: 'b' }, {}] } },
        ['a', 'b'],
        'whole',
        'delete it',
      ],
    ],
  ],
  [
    'a vServer group of a CLB',
    [slb(operating)],
    [
      [
        `backend in vServer group one of ${clbPlace}`,
        clbCall('DescribeVServerGroupAttribute', 'VServerGroupId=one'),
        {
          BackendServers: {
            BackendServer: [
              { ServerId: 'a', Port: 80 },
              { ServerId: 'a', Port: 443 },
            ],
          },
        },
        ['a, port 80', 'a, port 443'],
        'whole',
        'take it out',
      ],
    ],
  ],
  [
    'NLBs',
    [slb({ ...operating, kind: 'nlb', loadBalancerIds: ['a', 'b'] })],
    ['a', 'b'].map(
      (id): Row => [
        `listener of load balancer ${id} (cn-hangzhou)`,
        `Nlb 2022-04-30 cn-hangzhou ListListeners LoadBalancerIds.1=${id} MaxResults=100`,
        { Listeners: [{ ListenerId: 'a' }, { ListenerId: 'b' }, {}] },
        ['a', 'b'],
        'NextToken',
        'delete it',
      ],
    ),
  ],
  [
    'a bus',
    // Who may make what nobody could read may make a rule as well.
    [eventbridge({ access: 'publish' }), { systemPolicy: 'AliyunSLBFullAccess' }],
    [
      [
        `rule on ${busPlace}`,
        busCall('ListRules'),
        { Data: { Rules: [{ RuleName: 'a' }, { RuleName: 'b' }, {}] } },
        ['a', 'b'],
        'NextToken',
        'delete it',
      ],
    ],
  ],
  [
    'a rule on a bus',
    [eventbridge({ access: 'publish' }), { systemPolicy: 'AliyunSLBFullAccess' }],
    [
      [
        `target of rule one on ${busPlace}`,
        busCall('ListTargets', ' RuleName=one'),
        { Data: { Targets: [{ Id: 'a' }, { Id: 'b' }, {}] } },
        ['a', 'b'],
        'NextToken',
        'take it out',
      ],
    ],
  ],
];

const isWithin = (what: string): boolean => /^(the ACL|a vServer group|a rule)/.test(what);
/** The lists of `grants`, or those within one that is named `one`. */
const listsOf = (what: string, grants: readonly Grant[]): readonly InventoryList[] => {
  const { lists } = inventoryOf(grants);
  return isWithin(what) ? lists.flatMap(({ inEach }) => inEach?.('one') ?? []) : lists;
};

describe.each(tables)('the lists of %s', (what, grants, rows) => {
  const list = (of: string) => listsOf(what, grants).find((one) => one.of === of)!;

  it('are all that are asked for, and no more', () => {
    expect(listsOf(what, grants).map(({ of }) => of)).toEqual(rows.map(([of]) => of));
  });

  it.each(rows)('ask for each %s', (of, call) => {
    expect(callText(list(of).call)).toBe(call);
  });

  it.each(rows)('find the name of each %s', (of, _call, reply, names) => {
    expect(list(of).findIn(reply)).toEqual(names);
  });

  it.each(rows)('find no %s in a broken reply', (of) => {
    for (const broken of [undefined, null, 'text', 7, {}, [], { Data: null }, { data: { list: 'text' } }])
      expect(list(of).findIn(broken)).toEqual([]);
  });

  it.each(rows)(
    'go on to the next page of each %s where there is one',
    (of, _call, _reply, _names, paging) => {
      const of150 = { Total: 150, data: { totalCount: 150 } };
      const before = { NextToken: 'x', Data: { NextToken: 'x' } };
      const following = (seen: number, more: object = before) =>
        list(of).after({ ...of150, ...more }, 1, seen);
      const next = { CurrentPage: '2', pageNumber: '2', NextToken: 'x' };
      expect(following(100)).toEqual(paging === 'whole' ? undefined : { [paging]: next[paging] });
      expect(following(150, {})).toBeUndefined();
      expect(list(of).after({}, 1, 0)).toBeUndefined();
    },
  );

  it.each(rows)('say what to do about a %s', (of, _call, _reply, _names, _paging, advice) => {
    expect(list(of).next.startsWith(advice)).toBe(true);
  });
});

describe('the ACL of a Kafka instance', () => {
  const id = 'alikafka_pre-cn-x1';
  const isOn = (...instances: readonly unknown[]) =>
    inventoryOf([kafka(operating)])
      .lists.find(({ of }) => of.startsWith('switched-on ACL'))
      ?.findIn({ InstanceList: { InstanceVO: instances } });

  it.each([
    ['{"enable.acl":"true"}', true],
    ['{"enable.acl":true}', true],
    ['{"enable.vpc_sasl_ssl":"false", "enable.acl" : "true", "kafka.offsets.retention.minutes":"1"}', true],
    ['{"enable.acl"  :  true}', true],
    ['{"enable.acl":"false","enable.vpc_sasl_ssl":"true"}', false],
    ['{"enableXacl":"true"}', false],
    ['{"enable.vpc_sasl_ssl":"true"}', false],
    ['{}', false],
    ['', false],
    [undefined, false],
  ])('is told from the configuration %s', (AllConfig, on) => {
    expect(isOn({ InstanceId: id, AllConfig })).toEqual(on ? [id] : []);
  });

  it('is not that of another instance', () => {
    const on = '{"enable.acl":"true"}';
    const off = '{"enable.acl":"false"}';
    expect(isOn({ InstanceId: 'other', AllConfig: on }, { InstanceId: id, AllConfig: off })).toEqual([]);
    expect(isOn({ InstanceId: 'other', AllConfig: off }, { InstanceId: id, AllConfig: on })).toEqual([id]);
    expect(isOn({ InstanceId: 'other', AllConfig: on }, null)).toEqual([]);
  });
});
