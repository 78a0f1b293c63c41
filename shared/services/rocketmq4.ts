/** ApsaraMQ for RocketMQ 4.x: the broker asks RAM. Source: "Policies and examples" of ApsaraMQ for RocketMQ. */
import type { RocketmqGrant } from '../domain/grant.js';
import { member } from '../domain/member.js';
import type { AccountId } from '../domain/values.js';
import { describeAs } from './describe.js';
import { groupUndocumented, missing, NAME_FORMS, nameIssues, useless, uselessIf } from './names.js';
import { idsIn } from './replies.js';
import { longer, rightsOn } from './rights.js';
import type { GrantStatement, PositiveProbe, Product } from './types.js';

const VERSION = '2019-02-14';
/** Different documents name one or the other for the same call, so both are given. */
const INSTANCE_INFO = ['mq:QueryInstanceBaseInfo', 'mq:OnsInstanceBaseInfo'];
const LISTS = ['mq:ListTopic', 'mq:ListGroup'];
const TOPIC_CHANGES = ['mq:CreateTopic', 'mq:DeleteTopic'];
const GROUP_READS = ['mq:QueryConsumerStatus'];
const GROUP_CHANGES = ['mq:DeleteGroup'];
/** Checked on the instance, unlike the other group actions. */
const GROUP_CREATION = ['mq:CreateGroup'];

const instanceArn = (grant: RocketmqGrant, owner: AccountId, id = grant.instanceId): string =>
  `acs:mq:${grant.region}:${owner}:${id}`;
/** A literal `%` separates instance from name; instances without a namespace use the bare name. */
const nameArn = (grant: RocketmqGrant, owner: AccountId, name: string): string =>
  grant.namespaced === false
    ? `acs:mq:${grant.region}:${owner}:${name}`
    : `${instanceArn(grant, owner)}%${name}`;

const topicsOf = ({ topics = [] }: RocketmqGrant): readonly string[] => topics;
const groupsOf = ({ groups = [] }: RocketmqGrant): readonly string[] => groups;
const topicArns = (grant: RocketmqGrant, owner: AccountId): readonly string[] =>
  topicsOf(grant).map((topic) => nameArn(grant, owner, topic));
const groupArns = (grant: RocketmqGrant, owner: AccountId): readonly string[] =>
  groupsOf(grant).map((group) => nameArn(grant, owner, group));

const holds = ({ access }: RocketmqGrant, ...levels: readonly RocketmqGrant['access'][]): boolean =>
  levels.includes(access);
const lists = (grant: RocketmqGrant): boolean => holds(grant, 'read', 'operate', 'full');
const operates = (grant: RocketmqGrant): boolean => holds(grant, 'operate', 'full');

/** Each need as actions on resources; publishing needs the topic, consuming topic *and* group. */
function needsOf(grant: RocketmqGrant, owner: AccountId): readonly GrantStatement[] {
  const instance = [instanceArn(grant, owner)];
  const topics = topicArns(grant, owner);
  const groups = groupArns(grant, owner);
  const isNamed = topics.length + groups.length > 0;
  const bare =
    grant.namespaced === false
      ? {
          unavoidablyWider: `RocketMQ instance ${grant.instanceId} has no namespace, so RAM sees bare names and does not tell which instance they are on`,
        }
      : {};
  const needs: readonly (GrantStatement | false)[] = [
    { actions: INSTANCE_INFO, resources: instance },
    lists(grant) && {
      actions: LISTS,
      resources: instance,
      ...(isNamed
        ? {
            unavoidablyWider: `RocketMQ checks its lists on the instance, so they may show names of all topics and groups of ${grant.instanceId}`,
          }
        : {}),
    },
    holds(grant, 'publish', 'full') && { actions: ['mq:PUB'], resources: topics, ...bare },
    holds(grant, 'subscribe', 'full') && { actions: ['mq:SUB'], resources: [...topics, ...groups], ...bare },
    operates(grant) && { actions: TOPIC_CHANGES, resources: topics, ...bare },
    lists(grant) && { actions: GROUP_READS, resources: groups, ...bare },
    operates(grant) && { actions: GROUP_CHANGES, resources: groups, ...bare },
    operates(grant) &&
      groups.length > 0 && {
        actions: GROUP_CREATION,
        resources: instance,
        unavoidablyWider: `RocketMQ checks CreateGroup on the instance, so groups of any name can be created on ${grant.instanceId}`,
      },
  ];
  return needs.filter((need) => need !== false && need.resources.length > 0) as readonly GrantStatement[];
}

export const rocketmq4: Product<RocketmqGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.instanceId, NAME_FORMS.ID, '/instanceId'),
    ...nameIssues(grant.topics, NAME_FORMS.TOPIC, '/topics'),
    ...nameIssues(grant.groups, NAME_FORMS.TOPIC, '/groups'),
    ...groupUndocumented(grant.resourceGroupId, 'RocketMQ 4.x'),
    ...uselessIf(
      grant.dataPlane,
      '/dataPlane',
      'RAM decides who sends and receives on RocketMQ 4.x; no account is needed',
    ),
    ...(grant.access !== 'read' && topicsOf(grant).length === 0
      ? missing('/topics', 'topics must be named')
      : []),
    ...(holds(grant, 'subscribe', 'full') && groupsOf(grant).length === 0
      ? missing('/groups', 'consumer groups must be named: mq:SUB is needed on topic and group')
      : []),
    ...(grant.access === 'publish' && groupsOf(grant).length > 0
      ? useless('/groups', 'publishing needs no consumer group')
      : []),
  ],

  statementsOf: needsOf,

  rightsOf: (grant, owner) =>
    needsOf(grant, owner).flatMap(({ actions, resources }) => rightsOn(actions, resources)),

  refusedOf: (grant, owner) => {
    const topics = topicArns(grant, owner);
    const groups = groupArns(grant, owner);
    const named = [...topicsOf(grant), ...groupsOf(grant)];
    const besides = (names: readonly string[]): readonly string[] =>
      names.map((name) => nameArn(grant, owner, longer(name, named)));
    const otherTopics = besides(topicsOf(grant));
    const otherGroups = besides(groupsOf(grant));
    return [
      ...rightsOn([...INSTANCE_INFO, ...LISTS], [instanceArn(grant, owner, longer(grant.instanceId))]),
      // Topics and groups stand in statements of their own: what holds beside the ones says nothing about the others.
      ...[otherTopics, otherGroups].flatMap((others) =>
        rightsOn(['mq:PUB', ...TOPIC_CHANGES, ...GROUP_CHANGES], others),
      ),
      ...rightsOn(['mq:SUB'], [...otherTopics, ...otherGroups]),
      ...rightsOn(['mq:QueryMessage'], [instanceArn(grant, owner), ...topics]),
      // A topic and a group of one name share one ARN.
      ...rightsOn(
        ['mq:PUB'],
        holds(grant, 'publish', 'full')
          ? groups.filter((arn) => !topics.includes(arn))
          : [...topics, ...groups],
      ),
      ...(holds(grant, 'subscribe', 'full') ? [] : rightsOn(['mq:SUB'], [...topics, ...groups])),
      ...(operates(grant) ? [] : [...rightsOn(TOPIC_CHANGES, topics), ...rightsOn(GROUP_CHANGES, groups)]),
      ...(operates(grant) ? [] : rightsOn(GROUP_CREATION, [instanceArn(grant, owner)])),
    ];
  },

  probesOf: (grant, owner) => [
    probe(grant, owner, 'OnsInstanceBaseInfo', INSTANCE_INFO),
    ...(lists(grant)
      ? [
          probe(grant, owner, 'OnsTopicList', ['mq:ListTopic', 'mq:QueryInstanceBaseInfo']),
          probe(grant, owner, 'OnsGroupList', ['mq:ListGroup', 'mq:QueryInstanceBaseInfo']),
        ]
      : []),
  ],

  neighboursOf: (grant, owner) => [
    {
      list: {
        product: 'Ons',
        version: VERSION,
        region: grant.region,
        action: 'OnsInstanceInServiceList',
        params: {},
      },
      findIn: (reply) => idsIn(member(reply, 'Data', 'InstanceVO'), 'InstanceId'),
      granted: [grant.instanceId],
      probe: (id) => probe({ ...grant, instanceId: id }, owner, 'OnsInstanceBaseInfo', INSTANCE_INFO),
    },
  ],

  idsOf: ({ instanceId }) => [instanceId],
  describe: (grant) =>
    describeAs(
      grant,
      `RocketMQ 4.x instance ${grant.instanceId}`,
      { topics: grant.topics, groups: grant.groups },
      grant.access === 'full'
        ? 'sending, receiving and managing what is named: no message queries, nothing of the instance'
        : undefined,
    ),
};

const probe = (
  grant: RocketmqGrant,
  owner: AccountId,
  action: string,
  rights: readonly string[],
): PositiveProbe => ({
  call: {
    product: 'Ons',
    version: VERSION,
    region: grant.region,
    action,
    params: { InstanceId: grant.instanceId },
  },
  proves: rightsOn(rights, [instanceArn(grant, owner)]),
});
