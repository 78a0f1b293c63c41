/** ApsaraMQ for RocketMQ 4.x: the broker asks RAM. Source: "Policies and examples" of ApsaraMQ for RocketMQ. */
import type { RocketmqGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { groupUnsupported, missing, NAME_FORMS, nameIssues, unsupported, useless } from './names.js';
import { field, idsIn } from './replies.js';
import type { GrantStatement, PositiveProbe, Product, Right } from './types.js';

const VERSION = '2019-02-14';
/** Different documents name one or the other for the same call, so both are given. */
const INSTANCE_INFO = ['mq:QueryInstanceBaseInfo', 'mq:OnsInstanceBaseInfo'];
const LISTS = ['mq:ListTopic', 'mq:ListGroup'];

const instanceArn = (grant: RocketmqGrant, owner: AccountId, id = grant.instanceId): string =>
  `acs:mq:${grant.region}:${owner}:${id}`;
/** A literal `%` separates instance from name; instances without a namespace use the bare name. */
const nameArn = (grant: RocketmqGrant, owner: AccountId, name: string): string =>
  grant.namespaced === false
    ? `acs:mq:${grant.region}:${owner}:${name}`
    : `${instanceArn(grant, owner)}%${name}`;

const topicsOf = (grant: RocketmqGrant): readonly string[] => grant.topics ?? [];
const groupsOf = (grant: RocketmqGrant): readonly string[] => grant.groups ?? [];
const operates = (grant: RocketmqGrant): boolean => grant.access === 'operate' || grant.access === 'full';

export const rocketmq4: Product<RocketmqGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.instanceId, NAME_FORMS.ID, '/instanceId'),
    ...nameIssues(grant.topics, NAME_FORMS.TOPIC, '/topics'),
    ...nameIssues(grant.groups, NAME_FORMS.TOPIC, '/groups'),
    ...groupUnsupported(grant.resourceGroupId, 'RocketMQ 4.x'),
    ...(grant.dataPlane === undefined
      ? []
      : useless('/dataPlane', 'RAM decides who sends and receives on RocketMQ 4.x; no account is needed')),
    ...(grant.access === 'full'
      ? unsupported('full would include reading messages; ask for operate, publish and subscribe')
      : []),
    ...(grant.access !== 'read' && topicsOf(grant).length === 0
      ? missing('/topics', 'topics must be named')
      : []),
    ...(grant.access === 'subscribe' && groupsOf(grant).length === 0
      ? missing('/groups', 'consumer groups must be named: mq:SUB is needed on topic and group')
      : []),
    ...(grant.access === 'publish' && groupsOf(grant).length > 0
      ? useless('/groups', 'publishing needs no consumer group')
      : []),
  ],

  statementsOf: (grant, owner) => {
    const instance: GrantStatement = {
      actions: grant.access === 'read' || operates(grant) ? [...INSTANCE_INFO, ...LISTS] : INSTANCE_INFO,
      resources: [instanceArn(grant, owner)],
    };
    const topics = topicsOf(grant).map((topic) => nameArn(grant, owner, topic));
    const groups = groupsOf(grant).map((group) => nameArn(grant, owner, group));
    switch (grant.access) {
      case 'publish':
        return [instance, { actions: ['mq:PUB'], resources: topics }];
      case 'subscribe':
        return [instance, { actions: ['mq:SUB'], resources: [...topics, ...groups] }];
      case 'operate':
      case 'full':
        return [
          instance,
          { actions: ['mq:CreateTopic', 'mq:DeleteTopic'], resources: topics },
          ...(groups.length === 0
            ? []
            : [{ actions: ['mq:DeleteGroup', 'mq:QueryConsumerStatus'], resources: groups }]),
          ...(groups.length === 0
            ? []
            : [
                {
                  actions: ['mq:CreateGroup'],
                  resources: [instanceArn(grant, owner)],
                  unavoidablyWider:
                    'CreateGroup is checked on the instance, so groups of any name can be created there',
                },
              ]),
        ];
      case 'read':
        return groups.length === 0
          ? [instance]
          : [instance, { actions: ['mq:QueryConsumerStatus'], resources: groups }];
    }
  },

  rightsOf: (grant, owner) => {
    const topic = (action: string) =>
      topicsOf(grant).map((name): Right => ({ action, resource: nameArn(grant, owner, name) }));
    const group = (action: string) =>
      groupsOf(grant).map((name): Right => ({ action, resource: nameArn(grant, owner, name) }));
    const info: Right = { action: 'mq:QueryInstanceBaseInfo', resource: instanceArn(grant, owner) };
    const list: Right = { action: 'mq:ListTopic', resource: instanceArn(grant, owner) };
    switch (grant.access) {
      case 'publish':
        return [info, ...topic('mq:PUB')];
      case 'subscribe':
        return [info, ...topic('mq:SUB'), ...group('mq:SUB')];
      case 'read':
        return [info, list];
      case 'operate':
      case 'full':
        return [info, list, ...topic('mq:DeleteTopic'), ...group('mq:DeleteGroup')];
    }
  },

  refusedOf: (grant, owner) => [
    { action: 'mq:QueryInstanceBaseInfo', resource: instanceArn(grant, owner, `${grant.instanceId}0`) },
    ...topicsOf(grant).flatMap((name): readonly Right[] => [
      { action: 'mq:PUB', resource: nameArn(grant, owner, `${name}0`) },
      { action: 'mq:SUB', resource: nameArn(grant, owner, `${name}0`) },
      { action: 'mq:QueryMessage', resource: nameArn(grant, owner, name) },
      ...(grant.access === 'publish' ? [] : [{ action: 'mq:PUB', resource: nameArn(grant, owner, name) }]),
      ...(grant.access === 'subscribe' ? [] : [{ action: 'mq:SUB', resource: nameArn(grant, owner, name) }]),
    ]),
  ],

  probesOf: (grant, owner) => [
    probe(grant, owner, 'OnsInstanceBaseInfo', ['mq:QueryInstanceBaseInfo']),
    ...(grant.access === 'read' || operates(grant)
      ? [probe(grant, owner, 'OnsTopicList', ['mq:ListTopic', 'mq:QueryInstanceBaseInfo'])]
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
      findIn: (reply) => idsIn(field(reply, 'Data', 'InstanceVO'), 'InstanceId'),
      granted: [grant.instanceId],
      probe: (id) =>
        probe({ ...grant, instanceId: id }, owner, 'OnsInstanceBaseInfo', ['mq:QueryInstanceBaseInfo']),
    },
  ],

  describe: (grant) =>
    [
      `${grant.access} RocketMQ 4.x instance ${grant.instanceId} (${grant.region})`,
      ...(grant.topics === undefined ? [] : [`topics ${grant.topics.join(', ')}`]),
      ...(grant.groups === undefined ? [] : [`groups ${grant.groups.join(', ')}`]),
    ].join(', '),
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
  proves: rights.map((right) => ({ action: right, resource: instanceArn(grant, owner) })),
});
