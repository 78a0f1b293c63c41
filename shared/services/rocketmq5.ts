/** ApsaraMQ for RocketMQ 5.x: RAM decides on console and API only. Source: "Access control overview" of RocketMQ 5.x. */
import type { RocketmqGrant } from '../domain/grant.js';
import { member } from '../domain/member.js';
import type { AccountId } from '../domain/values.js';
import { accountNote, describeAs } from './describe.js';
import { dataPlaneIssues, missing, NAME_FORMS, nameIssues, uselessIf } from './names.js';
import { idsIn } from './replies.js';
import { beside, longer, rightsOn } from './rights.js';
import type { GrantStatement, PositiveProbe, Product, Right } from './types.js';

const VERSION = '2022-08-01';
const TOPIC_CHANGES = ['rocketmq:CreateTopic', 'rocketmq:DeleteTopic'];
const GROUP_CHANGES = [
  'rocketmq:CreateConsumerGroup',
  'rocketmq:UpdateConsumerGroup',
  'rocketmq:DeleteConsumerGroup',
  'rocketmq:ResetConsumeOffset',
];
/** The instance's account may do everything in its data plane. */
const ACCOUNTS = [
  'rocketmq:GetInstanceAccount',
  'rocketmq:ListInstanceAccount',
  'rocketmq:CreateInstanceAccount',
];

const instanceArn = (grant: RocketmqGrant, owner: AccountId, id = grant.instanceId): string =>
  `acs:rocketmq:${grant.region}:${owner}:instance/${id}`;
const topicArn = (grant: RocketmqGrant, owner: AccountId, name: string): string =>
  `${instanceArn(grant, owner)}/topic/${name}`;
/** `consumergroup`, all in lower case. */
const groupArn = (grant: RocketmqGrant, owner: AccountId, name: string): string =>
  `${instanceArn(grant, owner)}/consumergroup/${name}`;

const isNamed = ({ topics, groups }: RocketmqGrant): boolean => topics !== undefined || groups !== undefined;
/** Naming one kind leaves the other out; naming none means the whole instance. */
const topicArns = (grant: RocketmqGrant, owner: AccountId): readonly string[] =>
  (grant.topics ?? (isNamed(grant) ? [] : ['*'])).map((topic) => topicArn(grant, owner, topic));
const groupArns = (grant: RocketmqGrant, owner: AccountId): readonly string[] =>
  (grant.groups ?? (isNamed(grant) ? [] : ['*'])).map((group) => groupArn(grant, owner, group));

const changes = ({ access }: RocketmqGrant): boolean => access === 'operate' || access === 'full';
/** Clients find their topics, and consumers their groups; what they send and receive RAM does not decide. */
const isClient = ({ access }: RocketmqGrant): boolean => access === 'publish' || access === 'subscribe';
const listsGroups = ({ access }: RocketmqGrant): boolean => access !== 'publish';

function needsOf(grant: RocketmqGrant, owner: AccountId): readonly GrantStatement[] {
  const topics = topicArns(grant, owner);
  const groups = groupArns(grant, owner);
  // Never `instance/<id>*`, which would match longer ids too.
  const needs: readonly GrantStatement[] = [
    { actions: ['rocketmq:GetInstance'], resources: [instanceArn(grant, owner)] },
    {
      actions: ['rocketmq:ListTopics', ...(listsGroups(grant) ? ['rocketmq:ListConsumerGroups'] : [])],
      resources: [topicArn(grant, owner, '*'), ...(listsGroups(grant) ? [groupArn(grant, owner, '*')] : [])],
      ...(isNamed(grant)
        ? {
            unavoidablyWider: `RocketMQ checks its lists on all topics and groups, so they show every name on instance ${grant.instanceId}`,
          }
        : {}),
    },
    ...(isClient(grant) ? [] : [{ actions: ['rocketmq:ListTopicSubscriptions'], resources: topics }]),
    ...(changes(grant) ? [{ actions: TOPIC_CHANGES, resources: topics }] : []),
    ...(changes(grant) ? [{ actions: GROUP_CHANGES, resources: groups }] : []),
  ];
  return needs.filter(({ resources }) => resources.length > 0);
}

export const rocketmq5: Product<RocketmqGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.instanceId, NAME_FORMS.ID, '/instanceId'),
    ...nameIssues(grant.topics, NAME_FORMS.TOPIC, '/topics'),
    ...nameIssues(grant.groups, NAME_FORMS.TOPIC, '/groups'),
    ...uselessIf(grant.namespaced, '/namespaced', 'only instances of series 4.x differ in this'),
    ...dataPlaneIssues(grant, 'RocketMQ 5.x'),
    ...(grant.access === 'operate' && !isNamed(grant)
      ? missing('/topics', 'name the topics or groups to operate, or ask for full on the instance')
      : []),
  ],

  statementsOf: needsOf,

  rightsOf: (grant, owner) => [
    ...rightsOn(['rocketmq:GetInstance'], [instanceArn(grant, owner)]),
    ...rightsOn(['rocketmq:ListTopics'], [topicArn(grant, owner, '*')]),
    ...(listsGroups(grant) ? rightsOn(['rocketmq:ListConsumerGroups'], [groupArn(grant, owner, '*')]) : []),
    ...(isClient(grant)
      ? []
      : rightsOn(
          ['rocketmq:ListTopicSubscriptions', ...(changes(grant) ? TOPIC_CHANGES : [])],
          topicArns(grant, owner),
        )),
    ...(changes(grant) ? rightsOn(GROUP_CHANGES, groupArns(grant, owner)) : []),
  ],

  refusedOf: (grant, owner) => {
    const neighbour = { ...grant, instanceId: longer(grant.instanceId) };
    return [
      ...rightsOn(['rocketmq:GetInstance'], [instanceArn(neighbour, owner)]),
      ...rightsOn(['rocketmq:ListTopics', ...TOPIC_CHANGES], [topicArn(neighbour, owner, '*')]),
      ...rightsOn(ACCOUNTS, [instanceArn(grant, owner)]),
      ...rightsOn(['rocketmq:ChangeResourceGroup'], [instanceArn(grant, owner)]),
      ...rightsOn(
        TOPIC_CHANGES,
        beside(grant.topics ?? []).map((topic) => topicArn(grant, owner, topic)),
      ),
      ...rightsOn(
        GROUP_CHANGES,
        beside(grant.groups ?? []).map((group) => groupArn(grant, owner, group)),
      ),
      ...(changes(grant)
        ? []
        : [
            ...rightsOn(TOPIC_CHANGES, topicArns(grant, owner)),
            ...rightsOn(GROUP_CHANGES, groupArns(grant, owner)),
          ]),
    ];
  },

  probesOf: (grant, owner) => [
    get(grant, 'GetInstance', '', { action: 'rocketmq:GetInstance', resource: instanceArn(grant, owner) }),
    get(grant, 'ListTopics', '/topics', {
      action: 'rocketmq:ListTopics',
      resource: topicArn(grant, owner, '*'),
    }),
    ...(listsGroups(grant)
      ? [
          get(grant, 'ListConsumerGroups', '/consumerGroups', {
            action: 'rocketmq:ListConsumerGroups',
            resource: groupArn(grant, owner, '*'),
          }),
        ]
      : []),
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
      // An id becomes part of a path.
      findIn: (reply) =>
        idsIn(member(reply, 'data', 'list'), 'instanceId').filter((id) => NAME_FORMS.ID.test(id)),
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

  idsOf: ({ instanceId }) => [instanceId],
  describe: (grant) =>
    describeAs(
      grant,
      `RocketMQ 5.x instance ${grant.instanceId}`,
      { topics: grant.topics, groups: grant.groups },
      grant.access === 'full'
        ? 'topics and groups only: no accounts, ACLs or settings of the instance'
        : accountNote(grant),
    ),
};

const get = (grant: RocketmqGrant, action: string, suffix: string, right: Right): PositiveProbe => ({
  call: {
    product: 'RocketMQ',
    version: VERSION,
    region: grant.region,
    action,
    rest: { method: 'GET', path: `/instances/${grant.instanceId}${suffix}` },
    // ListConsumerGroups takes no page smaller than this.
    params: suffix === '' ? {} : { pageNumber: '1', pageSize: '10' },
  },
  proves: [right],
});
