/** ApsaraMQ for RabbitMQ: its data plane asks RAM too. Source: "Custom permission policy reference" of ApsaraMQ for RabbitMQ. */
import type { RabbitmqGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { groupUnsupported, NAME_FORMS, nameIssues, useless } from './names.js';
import { field, idsIn } from './replies.js';
import type { GrantIssue, GrantStatement, NeighbourSearch, PositiveProbe, Product, Right } from './types.js';

const VERSION = '2019-12-12';
const LOOK = ['amqp:ListExchange', 'amqp:GetExchange', 'amqp:ListQueue', 'amqp:GetQueue'];
const PUBLISH = [
  'amqp:CreateExchange',
  'amqp:CreateQueue',
  'amqp:BasicRecover',
  'amqp:BasicPublish',
  'amqp:BasicAck',
  'amqp:BasicNack',
  'amqp:GetExchange',
  'amqp:GetQueue',
];
/** QueuePurge is in the vendor's example and destroys messages; a consumer does not need it. */
const SUBSCRIBE = [
  'amqp:CreateExchange',
  'amqp:CreateQueue',
  'amqp:BasicRecover',
  'amqp:BasicCancel',
  'amqp:BasicConsume',
  'amqp:BasicAck',
  'amqp:BasicNack',
  'amqp:BasicReject',
  'amqp:BasicGet',
  'amqp:GetExchange',
  'amqp:GetQueue',
];
const CONSUME_ONLY = [
  'amqp:BasicConsume',
  'amqp:BasicCancel',
  'amqp:BasicAck',
  'amqp:BasicNack',
  'amqp:BasicReject',
  'amqp:BasicGet',
];
const OPERATE = [
  ...LOOK,
  'amqp:CreateExchange',
  'amqp:DeleteExchange',
  'amqp:CreateQueue',
  'amqp:DeleteQueue',
];
const STATIC_ACCOUNTS = ['amqp:ListStaticAccounts', 'amqp:FetchStaticAccount', 'amqp:DeleteStaticAccount'];

/** The resource part begins with a slash. */
const instanceArn = (grant: RabbitmqGrant, owner: AccountId, id = grant.instanceId): string =>
  `acs:amqp:${grant.region}:${owner}:/instances/${id}`;
const vhostArn = (grant: RabbitmqGrant, owner: AccountId, vhost: string): string =>
  `${instanceArn(grant, owner)}/vhosts/${vhost}`;

export const rabbitmq: Product<RabbitmqGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.instanceId, NAME_FORMS.ID, '/instanceId'),
    ...nameIssues(grant.virtualHosts, NAME_FORMS.AMQP, '/virtualHosts'),
    ...nameIssues(grant.exchanges, NAME_FORMS.AMQP, '/exchanges'),
    ...nameIssues(grant.queues, NAME_FORMS.AMQP, '/queues'),
    ...groupUnsupported(grant.resourceGroupId, 'RabbitMQ'),
    ...narrowingIssues(grant),
  ],

  statementsOf: (grant, owner) => [
    {
      actions: ['amqp:GetInstance', 'amqp:GetVhost'],
      resources: [instanceArn(grant, owner), ...vhostArns(grant, owner)],
    },
    // Documents disagree whether the list is checked on the instance or on its virtual hosts: both are given.
    ...(['read', 'operate', 'full'].includes(grant.access)
      ? [
          {
            actions: ['amqp:ListVhost'],
            resources: [instanceArn(grant, owner), `${instanceArn(grant, owner)}/vhosts/*`],
          },
        ]
      : []),
    ...contentStatements(grant, owner),
  ],

  rightsOf: (grant, owner) => grant.virtualHosts.flatMap((vhost) => rightsIn(grant, owner, vhost)),

  refusedOf: (grant, owner) => [
    { action: 'amqp:GetInstance', resource: instanceArn(grant, owner, `${grant.instanceId}0`) },
    ...grant.virtualHosts.flatMap((vhost): readonly Right[] => [
      { action: 'amqp:GetQueue', resource: `${vhostArn(grant, owner, `${vhost}0`)}/queues/q` },
      ...(grant.access === 'read'
        ? [{ action: 'amqp:BasicGet', resource: `${vhostArn(grant, owner, vhost)}/queues/q/messages/m` }]
        : []),
      ...(grant.access === 'full'
        ? []
        : [{ action: 'amqp:QueuePurge', resource: `${vhostArn(grant, owner, vhost)}/queues/q/messages/m` }]),
    ]),
    ...STATIC_ACCOUNTS.map(
      (action): Right => ({ action, resource: `${instanceArn(grant, owner)}/staticAccount/a` }),
    ),
    { action: 'amqp:DeleteInstance', resource: instanceArn(grant, owner) },
  ],

  /** Publishers and consumers may not list; what they may do no read call shows. */
  probesOf: (grant, owner) =>
    lists(grant) ? grant.virtualHosts.map((vhost) => queuesProbe(grant, owner, vhost)) : [],

  neighboursOf: (grant, owner): readonly NeighbourSearch[] => [
    {
      list: {
        product: 'amqp-open',
        version: VERSION,
        region: grant.region,
        action: 'ListInstances',
        params: { MaxResults: '100' },
      },
      findIn: (reply) => idsIn(field(reply, 'Data', 'Instances'), 'InstanceId'),
      granted: [grant.instanceId],
      probe: (id) => ({
        call: {
          product: 'amqp-open',
          version: VERSION,
          region: grant.region,
          action: 'ListVirtualHosts',
          params: { InstanceId: id, MaxResults: '1' },
        },
        proves: [{ action: 'amqp:ListVhost', resource: instanceArn(grant, owner, id) }],
      }),
    },
    {
      list: {
        product: 'amqp-open',
        version: VERSION,
        region: grant.region,
        action: 'ListVirtualHosts',
        params: { InstanceId: grant.instanceId, MaxResults: '100' },
      },
      findIn: (reply) => idsIn(field(reply, 'Data', 'VirtualHosts'), 'Name'),
      granted: grant.virtualHosts,
      probe: (vhost) => queuesProbe(grant, owner, vhost),
    },
  ],

  describe: (grant) =>
    `${grant.access} RabbitMQ virtual hosts ${grant.virtualHosts.join(', ')} on instance ${grant.instanceId} (${grant.region})${narrowed(grant)}`,
};

const lists = (grant: RabbitmqGrant): boolean =>
  grant.access === 'read' || grant.access === 'operate' || grant.access === 'full';
const vhostArns = (grant: RabbitmqGrant, owner: AccountId): readonly string[] =>
  grant.virtualHosts.map((vhost) => vhostArn(grant, owner, vhost));

const narrowed = ({ exchanges, queues }: RabbitmqGrant): string =>
  `${exchanges === undefined ? '' : `, exchanges ${exchanges.join(', ')}`}${queues === undefined ? '' : `, queues ${queues.join(', ')}`}`;

function narrowingIssues({ access, exchanges, queues }: RabbitmqGrant): readonly GrantIssue[] {
  return [
    ...(exchanges !== undefined && access !== 'publish'
      ? useless('/exchanges', 'exchanges narrow publish only')
      : []),
    ...(queues !== undefined && access !== 'subscribe'
      ? useless('/queues', 'queues narrow subscribe only')
      : []),
  ];
}

function contentStatements(grant: RabbitmqGrant, owner: AccountId): readonly GrantStatement[] {
  const within = (suffix: string) => vhostArns(grant, owner).map((arn) => `${arn}${suffix}`);
  switch (grant.access) {
    case 'read':
      return [{ actions: LOOK, resources: within('/*') }];
    case 'publish':
      return grant.exchanges === undefined
        ? [{ actions: PUBLISH, resources: within('/*') }]
        : [
            {
              actions: ['amqp:BasicPublish'],
              resources: grant.exchanges.flatMap((exchange) => within(`/exchanges/${exchange}/messages/*`)),
            },
          ];
    case 'subscribe':
      return grant.queues === undefined
        ? [{ actions: SUBSCRIBE, resources: within('/*') }]
        : [
            {
              actions: CONSUME_ONLY,
              resources: grant.queues.flatMap((queue) => within(`/queues/${queue}/messages/*`)),
            },
          ];
    case 'operate':
      return [{ actions: OPERATE, resources: within('/*') }];
    case 'full':
      return [
        {
          actions: [...new Set([...OPERATE, ...PUBLISH, ...SUBSCRIBE, 'amqp:QueuePurge'])],
          resources: within('/*'),
        },
      ];
  }
}

function rightsIn(grant: RabbitmqGrant, owner: AccountId, vhost: string): readonly Right[] {
  const at = (action: string, suffix: string): Right => ({
    action,
    resource: `${vhostArn(grant, owner, vhost)}${suffix}`,
  });
  const look = [at('amqp:ListQueue', '/queues/*'), at('amqp:GetExchange', '/exchanges/e')];
  const publish = (grant.exchanges ?? ['e']).map((exchange) =>
    at('amqp:BasicPublish', `/exchanges/${exchange}/messages/m`),
  );
  const consume = (grant.queues ?? ['q']).map((queue) =>
    at('amqp:BasicConsume', `/queues/${queue}/messages/m`),
  );
  switch (grant.access) {
    case 'read':
      return look;
    case 'publish':
      return publish;
    case 'subscribe':
      return consume;
    case 'operate':
      return [...look, at('amqp:CreateQueue', '/queues/*'), at('amqp:DeleteQueue', '/queues/q')];
    case 'full':
      return [...look, ...publish, ...consume, at('amqp:DeleteQueue', '/queues/q')];
  }
}

const queuesProbe = (grant: RabbitmqGrant, owner: AccountId, vhost: string): PositiveProbe => ({
  call: {
    product: 'amqp-open',
    version: VERSION,
    region: grant.region,
    action: 'ListQueues',
    params: { InstanceId: grant.instanceId, VirtualHost: vhost, MaxResults: '1' },
  },
  proves: [
    { action: 'amqp:ListQueue', resource: `${vhostArn(grant, owner, vhost)}/queues/*` },
    { action: 'amqp:GetInstance', resource: instanceArn(grant, owner) },
  ],
});
