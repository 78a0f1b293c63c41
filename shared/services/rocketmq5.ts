/** ApsaraMQ for RocketMQ 5.x: RAM decides on console and API only. Source: "Access control overview" of RocketMQ 5.x. */
import type { RocketmqGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { missing, NAME_FORMS, nameIssues, needsDataPlane, unsupported, useless } from './names.js';
import { field, idsIn } from './replies.js';
import type { PositiveProbe, Product, Right } from './types.js';

const VERSION = '2022-08-01';
const READS = [
  'rocketmq:GetInstance',
  'rocketmq:ListTopics',
  'rocketmq:ListTopicSubscriptions',
  'rocketmq:ListConsumerGroups',
];

const instanceArn = (grant: RocketmqGrant, owner: AccountId, id = grant.instanceId): string =>
  `acs:rocketmq:${grant.region}:${owner}:instance/${id}`;
const topicArn = (grant: RocketmqGrant, owner: AccountId, name: string): string =>
  `${instanceArn(grant, owner)}/topic/${name}`;
/** `consumergroup`, all in lower case. */
const groupArn = (grant: RocketmqGrant, owner: AccountId, name: string): string =>
  `${instanceArn(grant, owner)}/consumergroup/${name}`;

export const rocketmq5: Product<RocketmqGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.instanceId, NAME_FORMS.ID, '/instanceId'),
    ...nameIssues(grant.topics, NAME_FORMS.TOPIC, '/topics'),
    ...nameIssues(grant.groups, NAME_FORMS.TOPIC, '/groups'),
    ...(grant.namespaced === undefined
      ? []
      : useless('/namespaced', 'only instances of series 4.x differ in this')),
    ...(grant.access === 'publish' || grant.access === 'subscribe' || grant.dataPlane !== undefined
      ? needsDataPlane('RocketMQ 5.x')
      : []),
    ...(grant.access === 'full'
      ? unsupported('full would include the account that may do everything on the instance; ask for operate')
      : []),
    ...(grant.access === 'operate' && (grant.topics ?? []).length + (grant.groups ?? []).length === 0
      ? missing('/topics', 'name the topics or groups to operate')
      : []),
  ],

  statementsOf: (grant, owner) => [
    // Never `instance/<id>*`, which would match longer ids too.
    { actions: READS, resources: [instanceArn(grant, owner), `${instanceArn(grant, owner)}/*`] },
    ...(grant.access === 'operate' && grant.topics !== undefined
      ? [
          {
            actions: ['rocketmq:CreateTopic', 'rocketmq:DeleteTopic'],
            resources: grant.topics.map((topic) => topicArn(grant, owner, topic)),
          },
        ]
      : []),
    ...(grant.access === 'operate' && grant.groups !== undefined
      ? [
          {
            actions: [
              'rocketmq:CreateConsumerGroup',
              'rocketmq:UpdateConsumerGroup',
              'rocketmq:DeleteConsumerGroup',
              'rocketmq:ResetConsumeOffset',
            ],
            resources: grant.groups.map((group) => groupArn(grant, owner, group)),
          },
        ]
      : []),
  ],

  rightsOf: (grant, owner) => [
    { action: 'rocketmq:GetInstance', resource: instanceArn(grant, owner) },
    { action: 'rocketmq:ListTopics', resource: topicArn(grant, owner, '*') },
    { action: 'rocketmq:ListConsumerGroups', resource: groupArn(grant, owner, '*') },
    ...(grant.access === 'operate'
      ? (grant.topics ?? []).map(
          (topic): Right => ({ action: 'rocketmq:CreateTopic', resource: topicArn(grant, owner, topic) }),
        )
      : []),
    ...(grant.access === 'operate'
      ? (grant.groups ?? []).map(
          (group): Right => ({
            action: 'rocketmq:DeleteConsumerGroup',
            resource: groupArn(grant, owner, group),
          }),
        )
      : []),
  ],

  refusedOf: (grant, owner) => [
    { action: 'rocketmq:GetInstance', resource: instanceArn(grant, owner, `${grant.instanceId}0`) },
    ...['rocketmq:GetInstanceAccount', 'rocketmq:CreateInstanceAccount', 'rocketmq:ListInstanceAccount'].map(
      (action): Right => ({ action, resource: instanceArn(grant, owner) }),
    ),
    ...(grant.topics ?? ['t']).map(
      (topic): Right => ({ action: 'rocketmq:DeleteTopic', resource: topicArn(grant, owner, `${topic}0`) }),
    ),
  ],

  probesOf: (grant, owner) => [
    get(grant, 'GetInstance', '', { action: 'rocketmq:GetInstance', resource: instanceArn(grant, owner) }),
    get(grant, 'ListTopics', '/topics', {
      action: 'rocketmq:ListTopics',
      resource: topicArn(grant, owner, '*'),
    }),
    get(grant, 'ListConsumerGroups', '/consumerGroups', {
      action: 'rocketmq:ListConsumerGroups',
      resource: groupArn(grant, owner, '*'),
    }),
  ],

  neighboursOf: (grant, owner) => [
    {
      list: {
        product: 'RocketMQ',
        version: VERSION,
        region: grant.region,
        action: 'ListInstances',
        rest: { method: 'GET', path: '/instances' },
        params: { pageNumber: '1', pageSize: '100' },
      },
      findIn: (reply) => idsIn(field(reply, 'data', 'list'), 'instanceId'),
      granted: [grant.instanceId],
      probe: (id) => {
        const neighbour = { ...grant, instanceId: id };
        return get(neighbour, 'GetInstance', '', {
          action: 'rocketmq:GetInstance',
          resource: instanceArn(neighbour, owner),
        });
      },
    },
  ],

  describe: (grant) =>
    [
      `${grant.access} RocketMQ 5.x instance ${grant.instanceId} (${grant.region})`,
      ...(grant.topics === undefined ? [] : [`topics ${grant.topics.join(', ')}`]),
      ...(grant.groups === undefined ? [] : [`groups ${grant.groups.join(', ')}`]),
    ].join(', '),
};

const get = (grant: RocketmqGrant, action: string, suffix: string, right: Right): PositiveProbe => ({
  call: {
    product: 'RocketMQ',
    version: VERSION,
    region: grant.region,
    action,
    rest: { method: 'GET', path: `/instances/${grant.instanceId}${suffix}` },
    params: suffix === '' ? {} : { pageNumber: '1', pageSize: '1' },
  },
  proves: [right],
});
