/**
 * What a partner who operates may have made or changed on what it was given: read calls that list it, before and after. Lists
 * alone; what is in them by the owner's own doing meanwhile is told too, since nobody can tell whose it is. Pure.
 */
import type { ApiCall } from '../domain/api-call.js';
import { type Grant, isSystemPolicyGrant, type ResourceGrant } from '../domain/grant.js';
import { field, idsIn } from './replies.js';

export interface InventoryList {
  /** What each name in it is: `topic of Kafka instance x (cn-hangzhou)`. */
  readonly of: string;
  readonly call: ApiCall;
  readonly findIn: (reply: unknown) => readonly string[];
  /** Parameters of the page after `reply`; `seen`: names found until then. `undefined` when that was the last. */
  readonly after: (
    reply: unknown,
    page: number,
    seen: number,
  ) => Readonly<Record<string, string>> | undefined;
  /** What the owner does about one that appeared. */
  readonly next: string;
}
export interface Inventory {
  readonly lists: readonly InventoryList[];
  /** What no list shows, in plain words. */
  readonly unseen: readonly string[];
}

const PAGE = 100;
const DELETE_IT = 'delete it, unless somebody of yours needs it';
const CHECK_IT = 'take it out, unless somebody of yours put it there';

/** Empty for whoever only reads, sends or receives. */
export function inventoryOf(grants: readonly Grant[]): Inventory {
  const all = grants.map((grant): Inventory => {
    if (isSystemPolicyGrant(grant))
      return { lists: [], unseen: [`what system policy ${grant.systemPolicy} lets a partner make`] };
    return grant.access === 'operate' || grant.access === 'full' ? ofGrant(grant) : NOTHING;
  });
  const lists = all.flatMap((one) => one.lists);
  return {
    lists: [...new Map(lists.map((list) => [list.of, list])).values()],
    unseen: [...new Set(all.flatMap((one) => one.unseen))],
  };
}

const NOTHING: Inventory = { lists: [], unseen: [] };
const seenBy = (...lists: readonly InventoryList[]): Inventory => ({ lists, unseen: [] });

function ofGrant(grant: ResourceGrant): Inventory {
  const { region } = grant;
  switch (grant.service) {
    case 'kafka': {
      const place = `Kafka instance ${grant.instanceId} (${region})`;
      const list = (action: string) => ({
        product: 'alikafka' as const,
        version: '2019-09-16',
        region,
        action,
        params: { InstanceId: grant.instanceId, CurrentPage: '1', PageSize: `${PAGE}` },
      });
      const after = numbered('CurrentPage', ['Total']);
      return seenBy(
        {
          of: `topic of ${place}`,
          call: list('GetTopicList'),
          findIn: (reply) => idsIn(field(reply, 'TopicList', 'TopicVO'), 'Topic'),
          after,
          next: DELETE_IT,
        },
        {
          of: `consumer group of ${place}`,
          call: list('GetConsumerList'),
          findIn: (reply) => idsIn(field(reply, 'ConsumerList', 'ConsumerVO'), 'ConsumerId'),
          after,
          next: DELETE_IT,
        },
      );
    }
    case 'rocketmq':
      return grant.series === '5.x'
        ? rocketmq5Inventory(grant.instanceId, grant)
        : {
            lists: [],
            unseen: [
              `topics and groups of RocketMQ 4.x instance ${grant.instanceId}, which are listed only to whoever may use them`,
            ],
          };
    case 'rabbitmq':
      return seenBy(
        ...grant.virtualHosts.flatMap((vhost) => [
          rabbitmqList(grant, vhost, 'queue', 'ListQueues', 'Queues'),
          rabbitmqList(grant, vhost, 'exchange', 'ListExchanges', 'Exchanges'),
        ]),
      );
    case 'slb':
      return grant.kind === 'clb'
        ? seenBy(...grant.loadBalancerIds.flatMap((id) => clbLists(grant.region, id)))
        : seenBy(...grant.loadBalancerIds.map((id) => nlbListeners(grant.region, id)));
    case 'eventbridge':
      return NOTHING; // operating a bus cannot be had
  }
}

/** Pages are counted; a reply says at `totalAt` how many items there are. */
const numbered =
  (parameter: string, totalAt: readonly string[]): InventoryList['after'] =>
  (reply, page, seen) =>
    seen < Number(field(reply, ...totalAt) ?? 0) ? { [parameter]: `${page + 1}` } : undefined;

/** A reply says at `tokenAt` where the next page begins. */
const tokened =
  (tokenAt: readonly string[]): InventoryList['after'] =>
  (reply) => {
    const token = field(reply, ...tokenAt);
    return typeof token === 'string' && token !== '' ? { NextToken: token } : undefined;
  };

const whole: InventoryList['after'] = () => undefined;

function rocketmq5Inventory(instanceId: string, { region }: ResourceGrant): Inventory {
  const place = `RocketMQ 5.x instance ${instanceId} (${region})`;
  const list = (what: string, action: string, path: string, name: string): InventoryList => ({
    of: `${what} of ${place}`,
    call: {
      product: 'RocketMQ',
      version: '2022-08-01',
      region,
      action,
      rest: { method: 'GET', path: `/instances/${instanceId}${path}` },
      params: { pageNumber: '1', pageSize: `${PAGE}` },
    },
    findIn: (reply) => idsIn(field(reply, 'data', 'list'), name),
    after: numbered('pageNumber', ['data', 'totalCount']),
    next: DELETE_IT,
  });
  return seenBy(
    list('topic', 'ListTopics', '/topics', 'topicName'),
    list('consumer group', 'ListConsumerGroups', '/consumerGroups', 'consumerGroupId'),
  );
}

const rabbitmqList = (
  { region, instanceId }: Extract<ResourceGrant, { readonly service: 'rabbitmq' }>,
  vhost: string,
  what: string,
  action: string,
  listName: string,
): InventoryList => ({
  of: `${what} in ${vhost} of RabbitMQ instance ${instanceId} (${region})`,
  call: {
    product: 'amqp-open',
    version: '2019-12-12',
    region,
    action,
    params: { InstanceId: instanceId, VirtualHost: vhost, MaxResults: `${PAGE}` },
  },
  findIn: (reply) => idsIn(field(reply, 'Data', listName), 'Name'),
  after: tokened(['Data', 'NextToken']),
  next: DELETE_IT,
});

function clbLists(region: ResourceGrant['region'], id: string): readonly InventoryList[] {
  const place = `load balancer ${id} (${region})`;
  const call = (action: string): ApiCall => ({
    product: 'Slb',
    version: '2014-05-15',
    region,
    action,
    params: { LoadBalancerId: id },
  });
  const attributes = call('DescribeLoadBalancerAttribute');
  return [
    {
      of: `backend of ${place}`,
      call: attributes,
      findIn: (reply) => idsIn(field(reply, 'BackendServers', 'BackendServer'), 'ServerId'),
      after: whole,
      next: CHECK_IT,
    },
    {
      of: `listener port of ${place}`,
      call: attributes,
      findIn: (reply) => {
        const ports = field(reply, 'ListenerPorts', 'ListenerPort');
        return Array.isArray(ports) ? [...new Set(ports.map(String))] : [];
      },
      after: whole,
      next: DELETE_IT,
    },
    {
      of: `vServer group of ${place}`,
      call: call('DescribeVServerGroups'),
      findIn: (reply) => idsIn(field(reply, 'VServerGroups', 'VServerGroup'), 'VServerGroupId'),
      after: whole,
      next: DELETE_IT,
    },
  ];
}

const nlbListeners = (region: ResourceGrant['region'], id: string): InventoryList => ({
  of: `listener of load balancer ${id} (${region})`,
  call: {
    product: 'Nlb',
    version: '2022-04-30',
    region,
    action: 'ListListeners',
    params: { 'LoadBalancerIds.1': id, MaxResults: `${PAGE}` },
  },
  findIn: (reply) => idsIn(field(reply, 'Listeners'), 'ListenerId'),
  after: tokened(['NextToken']),
  next: DELETE_IT,
});
