/** What may be left behind on messaging instances and buses: what messages lie in, accounts, what those may, and rules. */
import type { EventbridgeGrant, KafkaGrant, RabbitmqGrant, RocketmqGrant } from '../domain/grant.js';
import { member } from '../domain/member.js';
import { CHECK_IT, DELETE_IT, type InventoryList, numbered, PAGE, tokened, whole } from './inventory-list.js';
import { idsIn } from './replies.js';

const ACCOUNT_NEXT =
  'delete it: whoever has its password goes on, whatever RAM says; unless somebody of yours needs it';
const ACL_NEXT =
  'look at its ACL, and take out what nobody of yours needs; entries for accounts lh-… are of contracts';

export function kafkaLists({ region, instanceId }: KafkaGrant): readonly InventoryList[] {
  const place = `Kafka instance ${instanceId} (${region})`;
  const call = (action: string, more: Readonly<Record<string, string>> = {}) => ({
    product: 'alikafka' as const,
    version: '2019-09-16',
    region,
    action,
    params: { InstanceId: instanceId, ...more },
  });
  const paged = { CurrentPage: '1', PageSize: `${PAGE}` };
  const after = numbered('CurrentPage', ['Total']);
  return [
    {
      of: `topic of ${place}`,
      call: call('GetTopicList', paged),
      findIn: (reply) => idsIn(member(reply, 'TopicList', 'TopicVO'), 'Topic'),
      after,
      next: DELETE_IT,
    },
    {
      of: `consumer group of ${place}`,
      call: call('GetConsumerList', paged),
      findIn: (reply) => idsIn(member(reply, 'ConsumerList', 'ConsumerVO'), 'ConsumerId'),
      after,
      next: DELETE_IT,
    },
    {
      of: `SASL user of ${place}`,
      call: call('DescribeSaslUsers'),
      findIn: (reply) => idsIn(member(reply, 'SaslUserList', 'SaslUserVO'), 'Username'),
      after: whole,
      next: ACCOUNT_NEXT,
    },
    {
      // While it is off, ACLs bind nobody and cannot be listed.
      of: `switched-on ACL of ${place}`,
      call: { ...call('GetInstanceList'), params: { 'InstanceId.1': instanceId } },
      findIn: (reply) => withAclOn(member(reply, 'InstanceList', 'InstanceVO'), instanceId),
      after: whole,
      next: 'look who switched it on: it binds everybody on the instance',
      inEach: () =>
        ['Topic', 'Group', 'Cluster', 'TransactionalId'].flatMap((type) =>
          ['LITERAL', 'PREFIXED'].map((pattern) => ({
            of: `${type} (${pattern}) with an ACL on ${place}`,
            call: call('DescribeAclResourceName', { AclResourceType: type, AclResourcePatternType: pattern }),
            findIn: (reply: unknown) => textsIn(member(reply, 'Data', 'data')),
            after: whole,
            next: ACL_NEXT,
          })),
        ),
    },
  ];
}

/** `AllConfig` is JSON in the reply; only this one setting is looked for in it. */
function withAclOn(instances: unknown, instanceId: string): readonly string[] {
  const list = Array.isArray(instances) ? instances : [];
  const found = list.find((one) => member(one, 'InstanceId') === instanceId);
  return /"enable\.acl"\s*:\s*"?true"?/.test(String(member(found, 'AllConfig') ?? '')) ? [instanceId] : [];
}

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

export function rocketmq5Lists({ region, instanceId }: RocketmqGrant): readonly InventoryList[] {
  const place = `RocketMQ 5.x instance ${instanceId} (${region})`;
  const list = (
    what: string,
    action: string,
    path: string,
    namesIn: (items: unknown) => readonly string[],
    next = DELETE_IT,
  ): InventoryList => ({
    of: `${what} of ${place}`,
    call: {
      product: 'RocketMQ',
      version: '2022-08-01',
      region,
      action,
      rest: { method: 'GET', path: `/instances/${instanceId}${path}` },
      params: { pageNumber: '1', pageSize: `${PAGE}` },
    },
    findIn: (reply) => namesIn(member(reply, 'data', 'list')),
    after: numbered('pageNumber', ['data', 'totalCount']),
    next,
  });
  const by = (name: string) => (items: unknown) => idsIn(items, name);
  return [
    list('topic', 'ListTopics', '/topics', by('topicName')),
    list('consumer group', 'ListConsumerGroups', '/consumerGroups', by('consumerGroupId')),
    list('account', 'ListInstanceAccount', '/accounts', by('username'), ACCOUNT_NEXT),
    list('ACL entry', 'ListInstanceAcl', '/acl', aclEntriesIn, CHECK_IT),
  ];
}

/** `shop: Pub on Topic orders` */
const aclEntriesIn = (items: unknown): readonly string[] =>
  (Array.isArray(items) ? items : []).map((acl) => {
    const [user, type, name] = ['username', 'resourceType', 'resourceName'].map((at) =>
      String(member(acl, at)),
    );
    return `${user}: ${textsIn(member(acl, 'actions')).join('|')} on ${type} ${name}`;
  });

export const rabbitmqLists = (grant: RabbitmqGrant): readonly InventoryList[] => [
  ...grant.virtualHosts.flatMap((vhost) => [
    rabbitmqList(grant, `queue in ${vhost}`, 'ListQueues', { VirtualHost: vhost }, 'Queues'),
    rabbitmqList(grant, `exchange in ${vhost}`, 'ListExchanges', { VirtualHost: vhost }, 'Exchanges'),
  ]),
  staticAccounts(grant),
];

const rabbitmqPlace = ({ region, instanceId }: RabbitmqGrant): string =>
  `RabbitMQ instance ${instanceId} (${region})`;

const rabbitmqList = (
  grant: RabbitmqGrant,
  what: string,
  action: string,
  more: Readonly<Record<string, string>>,
  listName: string,
): InventoryList => ({
  of: `${what} of ${rabbitmqPlace(grant)}`,
  call: {
    product: 'amqp-open',
    version: '2019-12-12',
    method: 'GET', // alone, unlike ListAccounts
    region: grant.region,
    action,
    params: { InstanceId: grant.instanceId, ...more, MaxResults: `${PAGE}` },
  },
  findIn: (reply) => idsIn(member(reply, 'Data', listName), 'Name'),
  after: tokened(['Data', 'NextToken']),
  next: DELETE_IT,
});

/** Told by the AccessKey that each was made of, and those that say to be of contracts by the name in their remark. */
const staticAccounts = (grant: RabbitmqGrant): InventoryList => ({
  of: `AccessKey with a static user name on ${rabbitmqPlace(grant)}`,
  call: {
    product: 'amqp-open',
    version: '2019-12-12',
    region: grant.region,
    action: 'ListAccounts',
    params: { InstanceId: grant.instanceId },
  },
  findIn: (reply) => {
    const items = member(reply, 'Data', grant.instanceId);
    const there = (Array.isArray(items) ? items : []).filter((one) => !(Number(member(one, 'deleted')) > 0));
    return there.map((one) => {
      const remark = String(member(one, 'Remark') ?? '');
      return remark.startsWith('lh-') ? remark : String(member(one, 'accessKey'));
    });
  },
  after: whole,
  next: 'delete the user name, and the AccessKey if nobody of yours uses it',
});

/** Rules copy events out of a bus past any end. */
export function eventbridgeLists({ region, eventBus }: EventbridgeGrant): readonly InventoryList[] {
  const place = `bus ${eventBus} (${region})`;
  const call = (action: string, more: Readonly<Record<string, string>> = {}) => ({
    product: 'eventbridge' as const,
    version: '2020-04-01',
    region,
    action,
    params: { EventBusName: eventBus, Limit: `${PAGE}`, ...more }, // without it nothing says that there are more
  });
  const after = tokened(['Data', 'NextToken']);
  return [
    {
      of: `rule on ${place}`,
      call: call('ListRules'),
      findIn: (reply) => idsIn(member(reply, 'Data', 'Rules'), 'RuleName'),
      after,
      next: DELETE_IT,
      inEach: (rule) => [
        {
          of: `target of rule ${rule} on ${place}`,
          call: call('ListTargets', { RuleName: rule }),
          findIn: (reply) => idsIn(member(reply, 'Data', 'Targets'), 'Id'),
          after,
          next: CHECK_IT,
        },
      ],
    },
  ];
}
