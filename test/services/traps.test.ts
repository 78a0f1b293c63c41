import { describe, expect, it } from 'vitest';
import type { AccessLevel, ResourceGrant } from '../../shared/domain/grant.js';
import { describeGrant, grantIssues, grantNeighbours, grantStatements } from '../../shared/services/index.js';
import type { GrantIssueCode, Right } from '../../shared/services/types.js';
import { ACCESS_LEVELS, eventbridge, kafka, OWNER, rabbitmq, rocketmq4, rocketmq5, slb } from './grants.js';
import { judgeOf } from './judging.js';

const at = (code: string, rest: string): string => `acs:${code}:cn-hangzhou:${OWNER}:${rest}`;
const wider = (grant: ResourceGrant): readonly string[] =>
  grantStatements(grant, OWNER).flatMap(({ unavoidablyWider }) => unavoidablyWider ?? []);

/** Action, resource, and whether the grant allows it. */
type Row = readonly [action: string, resource: string, allowed: boolean];
function itHolds(grant: ResourceGrant, rows: readonly Row[]): void {
  it.each(rows)('%s on %s: %s', (action, resource, allowed) => {
    expect(judgeOf(grant)({ action, resource } satisfies Right)).toBe(allowed);
  });
}

describe('which level each product knows', () => {
  const topics = { topics: ['t'], groups: ['g'] };
  const table: readonly (readonly [
    string,
    (access: AccessLevel) => ResourceGrant,
    Partial<Record<AccessLevel, GrantIssueCode>>,
  ])[] = [
    ['kafka', (access) => kafka({ access }), { publish: 'NEEDS_DATA_PLANE', subscribe: 'NEEDS_DATA_PLANE' }],
    ['rabbitmq', (access) => rabbitmq({ access }), {}],
    [
      'rocketmq 4.x',
      (access) => rocketmq4({ access, ...(access === 'publish' ? { topics: ['t'] } : topics) }),
      {},
    ],
    [
      'rocketmq 5.x',
      (access) => rocketmq5({ access, ...topics }),
      { publish: 'NEEDS_DATA_PLANE', subscribe: 'NEEDS_DATA_PLANE' },
    ],
    [
      'eventbridge',
      (access) =>
        eventbridge(
          access === 'subscribe'
            ? { access, target: { type: 'https', url: 'https://b.example', endsByController: true } }
            : { access },
        ),
      { operate: 'UNSUPPORTED_ACCESS', full: 'UNSUPPORTED_ACCESS' },
    ],
    ['clb', (access) => slb({ access }), { publish: 'UNSUPPORTED_ACCESS', subscribe: 'UNSUPPORTED_ACCESS' }],
    [
      'alb',
      (access) => slb({ kind: 'alb', access }),
      {
        publish: 'UNSUPPORTED_ACCESS',
        subscribe: 'UNSUPPORTED_ACCESS',
        operate: 'UNSUPPORTED_ACCESS',
        full: 'UNSUPPORTED_ACCESS',
      },
    ],
    [
      'nlb',
      (access) => slb({ kind: 'nlb', access }),
      { publish: 'UNSUPPORTED_ACCESS', subscribe: 'UNSUPPORTED_ACCESS' },
    ],
  ];
  const rows = table.flatMap(([name, build, refused]) =>
    ACCESS_LEVELS.map((access) => [name, access, refused[access] ?? 'granted', build(access)] as const),
  );
  it.each(rows)('%s %s: %s', (_name, _access, expected, grant) => {
    const issues = grantIssues(grant);
    expect(issues.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(
      expected === 'granted' ? [] : [`${expected} /access`],
    );
    expect(issues.filter(({ message }) => message.trim() === '')).toEqual([]);
  });
});

describe('what a request may not leave out or add', () => {
  const dataPlane = { endsByController: true } as const;
  const httpsTarget = { type: 'https', url: 'https://globex.example/in', endsByController: true } as const;
  const busTarget = { type: 'bus', eventBus: 'inbox', roleName: 'let-in', endsByController: true } as const;
  const resourceGroupId = 'rg-1';
  const rows: readonly (readonly [string, ResourceGrant, readonly string[]])[] = [
    ['a Kafka resource group', kafka({ resourceGroupId }), []],
    ...(['operate', 'full'] as const).map(
      (access) =>
        [
          `a Kafka resource group to ${access} in, which holds no right to make topics`,
          kafka({ access, resourceGroupId }),
          ['RESOURCE_GROUP_UNSUPPORTED /resourceGroupId'],
        ] as const,
    ),
    ['listing Kafka anywhere', kafka({ listsAnywhere: true }), []],
    [
      'listing Kafka anywhere and in a resource group',
      kafka({ listsAnywhere: true, resourceGroupId }),
      ['RESOURCE_GROUP_UNSUPPORTED /resourceGroupId'],
    ],
    ['a RocketMQ 5.x resource group', rocketmq5({ resourceGroupId }), []],
    ['an NLB resource group', slb({ kind: 'nlb', resourceGroupId }), []],
    [
      'a RabbitMQ resource group',
      rabbitmq({ resourceGroupId }),
      ['RESOURCE_GROUP_UNSUPPORTED /resourceGroupId'],
    ],
    [
      'a RocketMQ 4.x resource group',
      rocketmq4({ resourceGroupId }),
      ['RESOURCE_GROUP_UNSUPPORTED /resourceGroupId'],
    ],
    [
      'an EventBridge resource group',
      eventbridge({ resourceGroupId }),
      ['RESOURCE_GROUP_UNSUPPORTED /resourceGroupId'],
    ],
    ['a CLB resource group', slb({ resourceGroupId }), ['RESOURCE_GROUP_UNSUPPORTED /resourceGroupId']],
    [
      'an ALB resource group',
      slb({ kind: 'alb', resourceGroupId }),
      ['RESOURCE_GROUP_UNSUPPORTED /resourceGroupId'],
    ],
    ['a data-plane wish on Kafka', kafka({ dataPlane }), ['USELESS_FIELD /dataPlane']],
    ['a data-plane wish on RocketMQ 4.x', rocketmq4({ dataPlane }), ['USELESS_FIELD /dataPlane']],
    [
      'a data-plane wish on RabbitMQ, which RAM governs',
      rabbitmq({ access: 'publish', dataPlane }),
      ['USELESS_FIELD /dataPlane'],
    ],
    ...(['publish', 'subscribe', 'full'] as const).map(
      (access) =>
        [
          `an account that stays, of RabbitMQ, with ${access}`,
          rabbitmq({ access, dataPlane: { ...dataPlane, staticAccount: true } }),
          [],
        ] as const,
    ),
    // Accounts that stay are for whoever sends or receives messages.
    ...(['read', 'operate'] as const).map(
      (access) =>
        [
          `an account that stays, of RabbitMQ, with ${access}`,
          rabbitmq({ access, dataPlane: { ...dataPlane, staticAccount: true } }),
          ['USELESS_FIELD /dataPlane'],
        ] as const,
    ),
    [
      'a target without a word on what ends it',
      eventbridge({ access: 'subscribe', target: { type: 'https', url: 'https://globex.example/in' } }),
      ['NEEDS_CONTROLLER /target'],
    ],
    ['no target to subscribe to', eventbridge({ access: 'subscribe' }), ['MISSING_RESOURCE /target']],
    [
      'a target and events where none are subscribed to',
      eventbridge({ access: 'publish', target: httpsTarget, events: { types: ['t'] } }),
      ['USELESS_FIELD /target', 'USELESS_FIELD /events'],
    ],
    [
      'a bus of the grantee to subscribe to',
      eventbridge({ access: 'subscribe', target: busTarget, events: { sources: ['shop.orders'] } }),
      [],
    ],
    [
      'the default bus as a target',
      eventbridge({ access: 'subscribe', target: { ...busTarget, eventBus: 'default' } }),
      ['BAD_TARGET /target/eventBus'],
    ],
    [
      'the default bus to publish to, on which the audit trail speaks',
      eventbridge({ access: 'publish', eventBus: 'Default' }),
      ['UNSUPPORTED_ACCESS /access'],
    ],
    ['the default bus to read of', eventbridge({ access: 'read', eventBus: 'default' }), []],
    ...[
      ['all of the default bus', {}],
      ['all that a service tells on the default bus', { events: { sources: ['acs.ram'] } }],
      ['the audit trail', { events: { types: ['oss:ObjectCreated:PutObject', 'ram:ActionTrail:ApiCall'] } }],
      ['the audit trail in another case', { events: { types: ['ram:actiontrail:apicall'] } }],
    ].map(
      ([what, events]) =>
        [
          `${what} to subscribe to, which tells the ExternalIds of every contract`,
          eventbridge({ access: 'subscribe', eventBus: 'default', target: busTarget, ...(events as object) }),
          ['UNSUPPORTED_ACCESS /events/types'],
        ] as const,
    ),
    [
      'types of the default bus that are not of the trail',
      eventbridge({
        access: 'subscribe',
        eventBus: 'default',
        target: busTarget,
        events: { types: ['oss:ObjectCreated:PutObject'] },
      }),
      [],
    ],
    [
      'names of a target that are none',
      eventbridge({ access: 'subscribe', target: { ...busTarget, eventBus: 'a/b', roleName: 'a:b' } }),
      ['BAD_NAME /target/eventBus', 'BAD_NAME /target/roleName'],
    ],
    [
      'no types and a source with a blank',
      eventbridge({ access: 'subscribe', target: httpsTarget, events: { types: [], sources: ['a b'] } }),
      ['BAD_NAME /events/sources/0', 'MISSING_RESOURCE /events/types'],
    ],
    ...[
      'http://globex.example/in',
      'https://user:secret@globex.example/in',
      'https://globex.example/in?token=secret',
      'https://globex.example/in#there',
      'https://globex.example\\@evil.example',
      'https://globex.example:99999/',
      'https://',
      'globex.example',
      'https://globex.example/a b',
    ].map(
      (url) =>
        [
          `the address ${url}`,
          eventbridge({ access: 'subscribe', target: { ...httpsTarget, url } }),
          ['BAD_TARGET /target/url'],
        ] as const,
    ),
    ['an account to publish on Kafka', kafka({ access: 'publish', topics: ['t'], dataPlane }), []],
    [
      'an account to subscribe on RocketMQ 5.x',
      rocketmq5({ access: 'subscribe', topics: ['t'], groups: ['g'], dataPlane }),
      [],
    ],
    [
      'an account for no topic and no group',
      kafka({ access: 'subscribe', dataPlane }),
      ['MISSING_RESOURCE /topics', 'MISSING_RESOURCE /groups'],
    ],
    [
      'an account for a list of no topic and one of no group',
      rocketmq5({ access: 'subscribe', topics: [], groups: [], dataPlane }),
      ['MISSING_RESOURCE /topics', 'MISSING_RESOURCE /groups'],
    ],
    [
      'a group to publish by',
      rocketmq5({ access: 'publish', topics: ['t'], groups: ['g'], dataPlane }),
      ['USELESS_FIELD /groups'],
    ],
    ['a namespace on RocketMQ 5.x', rocketmq5({ namespaced: true }), ['USELESS_FIELD /namespaced']],
    [
      'no topic to publish to on RocketMQ 4.x',
      rocketmq4({ access: 'publish' }),
      ['MISSING_RESOURCE /topics'],
    ],
    [
      'no group to subscribe by on RocketMQ 4.x',
      rocketmq4({ access: 'subscribe', topics: ['t'] }),
      ['MISSING_RESOURCE /groups'],
    ],
    [
      'a group to publish by on RocketMQ 4.x',
      rocketmq4({ access: 'publish', topics: ['t'], groups: ['g'] }),
      ['USELESS_FIELD /groups'],
    ],
    [
      'neither topic nor group to have RocketMQ 4.x in full',
      rocketmq4({ access: 'full' }),
      ['MISSING_RESOURCE /topics', 'MISSING_RESOURCE /groups'],
    ],
    ['no group to operate on RocketMQ 4.x', rocketmq4({ access: 'operate', topics: ['t'] }), []],
    ['nothing to operate on RocketMQ 5.x', rocketmq5({ access: 'operate' }), ['MISSING_RESOURCE /topics']],
    ['groups alone to operate on RocketMQ 5.x', rocketmq5({ access: 'operate', groups: ['g'] }), []],
    [
      'exchanges for a RabbitMQ consumer',
      rabbitmq({ access: 'subscribe', exchanges: ['e'] }),
      ['USELESS_FIELD /exchanges'],
    ],
    [
      'queues for a RabbitMQ publisher',
      rabbitmq({ access: 'publish', queues: ['q'] }),
      ['USELESS_FIELD /queues'],
    ],
    ['exchanges for a RabbitMQ publisher', rabbitmq({ access: 'publish', exchanges: ['e'] }), []],
    ['queues for a RabbitMQ consumer', rabbitmq({ access: 'subscribe', queues: ['q'] }), []],
    [
      'no exchange and no queue in their lists',
      rabbitmq({ access: 'publish', exchanges: [], queues: [] }),
      ['MISSING_RESOURCE /exchanges', 'MISSING_RESOURCE /queues', 'USELESS_FIELD /queues'],
    ],
    ['no virtual host', rabbitmq({ virtualHosts: [] }), ['MISSING_RESOURCE /virtualHosts']],
    ['no load balancer', slb({ loadBalancerIds: [] }), ['MISSING_RESOURCE /loadBalancerIds']],
    ['ECS instances to read a CLB', slb({ ecsInstanceIds: ['i-1'] }), ['USELESS_FIELD /ecsInstanceIds']],
    ...(['operate', 'full'] as const).flatMap((access) => [
      [`ECS instances with ${access} on a CLB`, slb({ access, ecsInstanceIds: ['i-1'] }), []] as const,
      [
        `server groups with ${access} on an NLB`,
        slb({ kind: 'nlb', access, serverGroupIds: ['s'] }),
        [],
      ] as const,
    ]),
    [
      'server groups to read an NLB',
      slb({ kind: 'nlb', serverGroupIds: ['s'] }),
      ['USELESS_FIELD /serverGroupIds'],
    ],
    [
      'ECS instances behind an NLB',
      slb({ kind: 'nlb', access: 'operate', ecsInstanceIds: ['i-1'] }),
      ['USELESS_FIELD /ecsInstanceIds'],
    ],
    [
      'server groups of a CLB',
      slb({ access: 'operate', serverGroupIds: ['s'] }),
      ['USELESS_FIELD /serverGroupIds'],
    ],
    [
      'all at once',
      rabbitmq({ instanceId: 'a*', virtualHosts: ['a/b'], queues: ['q%'], resourceGroupId }),
      [
        'BAD_NAME /instanceId',
        'BAD_NAME /virtualHosts/0',
        'BAD_NAME /queues/0',
        'RESOURCE_GROUP_UNSUPPORTED /resourceGroupId',
        'USELESS_FIELD /queues',
      ],
    ],
  ];
  it.each(rows)('%s', (_what, grant, expected) => {
    const issues = grantIssues(grant);
    expect(issues.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(expected);
    // Each says something besides.
    expect(issues.filter(({ message }) => message.trim() === '')).toEqual([]);
  });

  it.each([
    [rabbitmq({ resourceGroupId }), 'RabbitMQ'],
    [rocketmq4({ resourceGroupId }), 'RocketMQ 4.x'],
    [eventbridge({ resourceGroupId }), 'EventBridge'],
    [slb({ resourceGroupId }), 'CLB'],
    [slb({ kind: 'alb', resourceGroupId }), 'ALB'],
    [kafka({ access: 'publish' }), 'Kafka'],
    [rocketmq5({ access: 'publish' }), 'RocketMQ 5.x'],
  ])('is told with the name of the product (%#)', (grant, product) => {
    expect(grantIssues(grant)).toEqual([
      expect.objectContaining({ message: expect.stringContaining(product) }),
    ]);
  });

  it('is told with the name that is none, cut short where it is long', () => {
    expect(grantIssues(kafka({ topics: [`${'a'.repeat(70)}*`] }))[0]?.message).toMatch(/^"a{60}" /);
  });

  it.each(['.a', 'a.', '..a', 'a..'])('may begin or end in a dot: topic %s', (topic) => {
    expect(grantIssues(kafka({ topics: [topic] }))).toEqual([]);
  });
});

describe('operating a Kafka instance', () => {
  const grant = kafka({ access: 'operate', topics: ['orders'] });
  itHolds(grant, [
    ['alikafka:DeleteTopic', at('alikafka', 'alikafka_pre-cn-x1'), true],
    ['alikafka:DeleteTopic', at('alikafka', 'instance/alikafka_pre-cn-x1'), false],
    ['alikafka:DeleteTopic', at('alikafka', 'alikafka_pre-cn-x10'), false],
    ['alikafka:DeleteTopic', '*', false],
    ['alikafka:CreateTopic', '*', true],
    ['alikafka:CreateAcl', '*', false],
    ['alikafka:CreateSaslUser', at('alikafka', 'alikafka_pre-cn-x1'), false],
    ['alikafka:UpdateInstance', at('alikafka', 'alikafka_pre-cn-x1'), false],
  ]);
  it('keeps the list calls on the instance, and says that topics do not narrow and that CreateTopic is everywhere', () => {
    const everywhere = grantStatements(grant, OWNER).filter(({ resources }) => resources.includes('*'));
    expect(everywhere.map(({ actions }) => actions)).toEqual([['alikafka:CreateTopic']]);
    expect(wider(grant)).toHaveLength(2);
    expect(wider(kafka())).toEqual([]);
  });
});

describe('listing Kafka where it is checked on no instance', () => {
  const grant = kafka({ listsAnywhere: true });
  itHolds(grant, [
    ['alikafka:ListTopic', '*', true],
    ['alikafka:ListGroup', '*', true],
    ['alikafka:CreateTopic', '*', false],
    ['alikafka:ListSaslUser', '*', false],
    ['alikafka:DeleteTopic', at('alikafka', 'alikafka_pre-cn-x1'), false],
  ]);
  it('is told as wider than was asked, and of no neighbour that it refuses', () => {
    expect(wider(grant)).toEqual([expect.stringContaining('of the whole account can be listed')]);
    expect(grantNeighbours(grant, OWNER)).toEqual([]);
    expect(grantNeighbours(kafka(), OWNER)).toHaveLength(1);
  });
});

describe('publishing and subscribing by an account in the data plane', () => {
  const dataPlane = { endsByController: true } as const;
  describe('on Kafka', () => {
    itHolds(kafka({ access: 'publish', topics: ['t'], dataPlane }), [
      ['alikafka:ListTopic', at('alikafka', 'alikafka_pre-cn-x1'), true],
      ['alikafka:ListGroup', at('alikafka', 'alikafka_pre-cn-x1'), false],
      ['alikafka:CreateTopic', '*', false],
    ]);
    itHolds(kafka({ access: 'subscribe', topics: ['t'], groups: ['g'], dataPlane }), [
      ['alikafka:ListGroup', at('alikafka', 'alikafka_pre-cn-x1'), true],
    ]);
  });
  describe('on RocketMQ 5.x', () => {
    itHolds(rocketmq5({ access: 'publish', topics: ['t'], dataPlane }), [
      ['rocketmq:ListTopics', at('rocketmq', 'instance/rmq-cn-x1/topic/*'), true],
      ['rocketmq:ListConsumerGroups', at('rocketmq', 'instance/rmq-cn-x1/consumergroup/*'), false],
      ['rocketmq:ListTopicSubscriptions', at('rocketmq', 'instance/rmq-cn-x1/topic/t'), false],
      ['rocketmq:GetInstanceAccount', at('rocketmq', 'instance/rmq-cn-x1'), false],
    ]);
  });
  it('says in the words of the grant how it ends', () =>
    expect(describeGrant(kafka({ access: 'publish', topics: ['t'], dataPlane }))).toContain(
      'ends only when Leasehold removes it',
    ));
});

describe('publishing to named exchanges of a RabbitMQ virtual host', () => {
  const host = '/instances/amqp-cn-x1/vhosts/shop';
  itHolds(rabbitmq({ access: 'publish', exchanges: ['orders'] }), [
    ['amqp:BasicPublish', at('amqp', `${host}/exchanges/orders/messages/m`), true],
    ['amqp:BasicPublish', at('amqp', `${host}/exchanges/other/messages/m`), false],
    ['amqp:BasicPublish', at('amqp', `${host}/exchanges/orders2/messages/m`), false],
    ['amqp:BasicPublish', at('amqp', `${host}/queues/orders/messages/m`), false],
    ['amqp:CreateQueue', at('amqp', `${host}/queues/*`), false],
    ['amqp:GetVhost', at('amqp', host), true],
    ['amqp:GetInstance', at('amqp', host), true],
    ['amqp:GetInstance', at('amqp', '/instances/amqp-cn-x1'), true],
    ['amqp:GetInstance', at('amqp', 'instances/amqp-cn-x1'), false],
    ['amqp:ListVhost', at('amqp', '/instances/amqp-cn-x1'), false],
  ]);
});

describe('consuming from RabbitMQ', () => {
  const host = '/instances/amqp-cn-x1/vhosts/shop';
  itHolds(rabbitmq({ access: 'subscribe' }), [
    ['amqp:BasicGet', at('amqp', `${host}/queues/q/messages/m`), true],
    ['amqp:BasicConsume', at('amqp', `${host}2/queues/q/messages/m`), false],
    ['amqp:QueuePurge', at('amqp', `${host}/queues/q/messages/m`), false],
    ['amqp:BasicPublish', at('amqp', `${host}/exchanges/e/messages/m`), false],
    ['amqp:DeleteQueue', at('amqp', `${host}/queues/q`), false],
  ]);
});

describe('reading RabbitMQ', () => {
  const host = '/instances/amqp-cn-x1/vhosts/shop';
  itHolds(rabbitmq(), [
    // Where documents disagree between two narrow forms, both stand.
    ['amqp:ListVhost', at('amqp', '/instances/amqp-cn-x1'), true],
    ['amqp:ListVhost', at('amqp', '/instances/amqp-cn-x1/vhosts/*'), true],
    ['amqp:ListVhost', at('amqp', '/instances/amqp-cn-x10'), false],
    ['amqp:ListQueue', at('amqp', `${host}/queues/*`), true],
    ['amqp:ListQueue', at('amqp', '/instances/amqp-cn-x1/vhosts/other/queues/*'), false],
    ['amqp:BasicGet', at('amqp', `${host}/queues/q/messages/m`), false],
    ['amqp:ListStaticAccounts', at('amqp', '/instances/amqp-cn-x1/staticAccount/*'), false],
  ]);
});

describe('RocketMQ 4.x', () => {
  const named = { topics: ['orders'], groups: ['GID_1'] };
  describe('subscribing with a namespace', () => {
    itHolds(rocketmq4({ access: 'subscribe', ...named }), [
      ['mq:SUB', at('mq', 'MQ_INST_1_x1%orders'), true],
      ['mq:SUB', at('mq', 'MQ_INST_1_x1%GID_1'), true],
      ['mq:SUB', at('mq', 'MQ_INST_1_x1%orders2'), false],
      ['mq:SUB', at('mq', 'orders'), false],
      ['mq:PUB', at('mq', 'MQ_INST_1_x1%orders'), false],
      // One call, named differently by two documents.
      ['mq:QueryInstanceBaseInfo', at('mq', 'MQ_INST_1_x1'), true],
      ['mq:OnsInstanceBaseInfo', at('mq', 'MQ_INST_1_x1'), true],
      ['mq:ListTopic', at('mq', 'MQ_INST_1_x1'), false],
    ]);
  });
  describe('publishing without a namespace', () => {
    const grant = rocketmq4({ access: 'publish', topics: ['orders'], namespaced: false });
    itHolds(grant, [
      ['mq:PUB', at('mq', 'orders'), true],
      ['mq:PUB', at('mq', 'MQ_INST_1_x1%orders'), false],
      ['mq:SUB', at('mq', 'orders'), false],
      ['mq:QueryInstanceBaseInfo', at('mq', 'MQ_INST_1_x1'), true],
    ]);
    it('says that RAM does not see which instance a bare name is on', () =>
      expect(wider(grant)).toHaveLength(1));
  });
  describe('operating', () => {
    itHolds(rocketmq4({ access: 'operate', ...named }), [
      ['mq:CreateTopic', at('mq', 'MQ_INST_1_x1%orders'), true],
      ['mq:CreateTopic', at('mq', 'MQ_INST_1_x1'), false],
      ['mq:CreateGroup', at('mq', 'MQ_INST_1_x1'), true],
      ['mq:DeleteGroup', at('mq', 'MQ_INST_1_x1%GID_1'), true],
      ['mq:SUB', at('mq', 'MQ_INST_1_x1%orders'), false],
      ['mq:QueryMessage', at('mq', 'MQ_INST_1_x1%orders'), false],
    ]);
  });
});

describe('operating named things of RocketMQ 5.x', () => {
  const stem = 'instance/rmq-cn-x1';
  const grant = rocketmq5({ access: 'operate', topics: ['orders'], groups: ['g'] });
  itHolds(grant, [
    ['rocketmq:CreateTopic', at('rocketmq', `${stem}/topic/orders`), true],
    ['rocketmq:CreateTopic', at('rocketmq', `${stem}/topic/orders2`), false],
    ['rocketmq:ResetConsumeOffset', at('rocketmq', `${stem}/consumergroup/g`), true],
    ['rocketmq:ResetConsumeOffset', at('rocketmq', `${stem}/consumerGroup/g`), false],
    ['rocketmq:GetInstance', at('rocketmq', stem), true],
    ['rocketmq:GetInstance', at('rocketmq', `${stem}0`), false],
    ['rocketmq:ListTopics', at('rocketmq', `${stem}0/topic/*`), false],
    ['rocketmq:GetInstanceAccount', at('rocketmq', stem), false],
    ['rocketmq:ListInstances', at('rocketmq', 'instance/*'), false],
  ]);
  it('says that its lists show every name', () => expect(wider(grant)).toHaveLength(1));
});

describe('EventBridge', () => {
  const rule = 'eventbus/orders/rule/r';
  describe('publishing', () => {
    itHolds(eventbridge({ access: 'publish' }), [
      ['eventbridge:PutEvents', at('eventbridge', 'eventbus/orders'), true],
      ['eventbridge:PutEvents', at('eventbridge', 'eventbus/orders-2'), false],
      ['eventbridge:PutEvents', '*', false],
      ['eventbridge:ListRules', at('eventbridge', 'eventbus/orders/rule/*'), false],
      ['eventbridge:PutTargets', at('eventbridge', rule), false],
    ]);
  });
  describe('subscribing', () => {
    const target = { type: 'https', url: 'https://globex.example/secret-path' } as const;
    const grant = eventbridge({ access: 'subscribe', target, events: { types: ['t'] } });
    itHolds(grant, [
      ['eventbridge:GetEventBus', at('eventbridge', 'eventbus/orders'), true],
      ['eventbridge:ListRules', at('eventbridge', 'eventbus/orders/rule/*'), false],
      ['eventbridge:PutEvents', at('eventbridge', 'eventbus/orders'), false],
      ['eventbridge:PutTargets', at('eventbridge', rule), false],
      ['eventbridge:CreateRule', at('eventbridge', rule), false],
    ]);
    it('is described without the path, which may be as good as a password', () =>
      expect(describeGrant(grant)).toBe(
        'subscribe to EventBridge bus orders (cn-hangzhou), events of type t, by a rule of the owner to an endpoint on globex.example',
      ));
  });
  describe('reading', () => {
    itHolds(eventbridge(), [
      ['eventbridge:ListRules', at('eventbridge', 'eventbus/orders/rule/*'), true],
      ['eventbridge:ListRules', at('eventbridge', 'eventbus/orders'), true],
      ['eventbridge:GetRule', at('eventbridge', rule), false],
      ['eventbridge:ListTargets', at('eventbridge', rule), false],
      ['eventbridge:UpdateRule', at('eventbridge', 'eventbus/orders'), false],
      ['eventbridge:PutEvents', at('eventbridge', 'eventbus/orders'), false],
    ]);
    it('says that endpoints of targets show', () => expect(wider(eventbridge())).toHaveLength(1));
  });
});

describe('CLB', () => {
  const ecs = `acs:ecs:cn-hangzhou:${OWNER}:instance/i-x1`;
  describe('operating with backends', () => {
    itHolds(slb({ access: 'operate', ecsInstanceIds: ['i-x1'] }), [
      ['slb:AddBackendServers', at('slb', 'loadbalancer/lb-x1'), true],
      ['slb:AddBackendServers', ecs, true],
      ['slb:AddBackendServers', `${ecs}0`, false],
      ['slb:SetLoadBalancerStatus', ecs, false],
      ['slb:SetLoadBalancerStatus', at('slb', 'loadbalancer/lb-x1'), true],
      ['slb:SetLoadBalancerStatus', at('slb', 'loadbalancer/lb-x10'), false],
      ['slb:DeleteLoadBalancerListener', at('slb', 'loadbalancer/lb-x1'), false],
      ['slb:DeleteLoadBalancer', at('slb', 'loadbalancer/lb-x1'), false],
    ]);
  });
  describe('operating without ECS instances named', () => {
    itHolds(slb({ access: 'operate' }), [
      ['slb:StopLoadBalancerListener', at('slb', 'loadbalancer/lb-x1'), true],
      ['slb:AddBackendServers', at('slb', 'loadbalancer/lb-x1'), false],
    ]);
  });
  describe('in full', () => {
    itHolds(slb({ access: 'full', ecsInstanceIds: ['i-x1'] }), [
      ['slb:CreateVServerGroup', at('slb', 'loadbalancer/lb-x1'), true],
      ['slb:CreateVServerGroup', ecs, true],
      ['slb:DeleteLoadBalancerListener', at('slb', 'loadbalancer/lb-x1'), true],
      // They look at certificates and ACLs too, which a request cannot name.
      ['slb:CreateLoadBalancerHTTPSListener', at('slb', 'loadbalancer/lb-x1'), false],
      ['slb:DeleteLoadBalancer', at('slb', 'loadbalancer/lb-x1'), false],
      ['slb:DescribeServerCertificate', at('slb', 'certificate/c'), false],
    ]);
  });
});

describe('NLB', () => {
  itHolds(slb({ kind: 'nlb', access: 'operate', loadBalancerIds: ['nlb-x1'], serverGroupIds: ['sgp-1'] }), [
    ['nlb:UpdateLoadBalancerAttribute', at('nlb', 'loadbalancer/nlb-x1'), true],
    ['nlb:RemoveServersFromServerGroup', at('nlb', 'servergroup/sgp-1'), true],
    ['nlb:RemoveServersFromServerGroup', at('nlb', 'servergroup/sgp-10'), false],
    ['nlb:RemoveServersFromServerGroup', at('nlb', 'serverGroup/sgp-1'), false],
    ['nlb:UpdateLoadBalancerAddressTypeConfig', at('nlb', 'loadbalancer/nlb-x1'), false],
    ['nlb:ListLoadBalancers', at('nlb', 'loadbalancer/*'), false],
  ]);
});

describe('a grant in words', () => {
  it.each([
    [
      kafka({ topics: ['a', 'b'], resourceGroupId: 'rg-1' }),
      'read Kafka instance alikafka_pre-cn-x1 (cn-hangzhou), topics a, b, within resource group rg-1',
    ],
    [
      rocketmq4({ access: 'subscribe', topics: ['a'], groups: ['g'] }),
      'subscribe to RocketMQ 4.x instance MQ_INST_1_x1 (cn-hangzhou), topics a, groups g',
    ],
    [
      rocketmq5({ topics: ['a'], groups: ['g', 'h'] }),
      'read RocketMQ 5.x instance rmq-cn-x1 (cn-hangzhou), topics a, groups g, h',
    ],
    [
      rabbitmq({ virtualHosts: ['shop', 'web'] }),
      'read RabbitMQ virtual hosts shop, web on instance amqp-cn-x1 (cn-hangzhou)',
    ],
    [
      rabbitmq({ access: 'publish', exchanges: ['e', 'f'] }),
      'publish to RabbitMQ virtual hosts shop on instance amqp-cn-x1 (cn-hangzhou), exchanges e, f',
    ],
    [
      rabbitmq({ access: 'subscribe', queues: ['q'] }),
      'subscribe to RabbitMQ virtual hosts shop on instance amqp-cn-x1 (cn-hangzhou), queues q',
    ],
    [
      rabbitmq({ access: 'publish', dataPlane: { endsByController: true, staticAccount: true } }),
      'publish to RabbitMQ virtual hosts shop on instance amqp-cn-x1 (cn-hangzhou), by an account in its data plane, which ends only when Leasehold removes it',
    ],
    [
      rabbitmq({ access: 'full', dataPlane: { endsByController: true, staticAccount: true } }),
      'full access to RabbitMQ virtual hosts shop on instance amqp-cn-x1 (cn-hangzhou), exchanges, queues and messages in them: no accounts, virtual hosts or settings of the instance, by an account in its data plane, which ends only when Leasehold removes it',
    ],
    [
      rocketmq5({ access: 'publish', topics: ['a'], dataPlane: { endsByController: true } }),
      'publish to RocketMQ 5.x instance rmq-cn-x1 (cn-hangzhou), topics a, by an account in its data plane, which ends only when Leasehold removes it',
    ],
    [
      eventbridge({
        access: 'subscribe',
        target: { type: 'bus', eventBus: 'inbox', roleName: 'let-in' },
        events: { sources: ['shop', 'web'] },
      }),
      'subscribe to EventBridge bus orders (cn-hangzhou), events from shop, web, by a rule of the owner to bus inbox of the grantee',
    ],
    [slb({ access: 'operate' }), 'operate CLB load balancers lb-x1 (cn-hangzhou)'],
    [
      slb({ access: 'operate', loadBalancerIds: ['a', 'b'], ecsInstanceIds: ['i-1', 'i-2'] }),
      'operate CLB load balancers a, b (cn-hangzhou), ECS instances as backends i-1, i-2',
    ],
    [
      slb({ access: 'operate', kind: 'nlb', serverGroupIds: ['s'] }),
      'operate NLB load balancers lb-x1 (cn-hangzhou), server groups s',
    ],
    [{ systemPolicy: 'AliyunSLBReadOnlyAccess' }, 'system policy AliyunSLBReadOnlyAccess'],
    [
      { systemPolicy: 'AliyunSLBReadOnlyAccess', resourceGroupId: 'rg-1' },
      'system policy AliyunSLBReadOnlyAccess on resource group rg-1',
    ],
  ])('%o', (grant, text) => expect(describeGrant(grant)).toBe(text));

  it.each([kafka, rabbitmq, rocketmq4, rocketmq5, slb])('says how far full goes (%#)', (build) => {
    expect(describeGrant(build({ access: 'full' }))).toMatch(/\bno |never /);
  });
});
