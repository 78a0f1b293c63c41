/** What the messaging and load-balancing products hold in an embedded cloud: plain data, made before it starts. */

interface Instance {
  readonly instanceId: string;
  readonly region: string;
  /** Resource group it is in; only Kafka, RocketMQ 5.x and NLB are documented to authorise by it. Default: none. */
  readonly resourceGroupId?: string;
}
export interface Messaging extends Instance {
  readonly topics: readonly string[];
  readonly groups: readonly string[];
  /** Kafka: its ACL is on; RocketMQ 5.x: it authenticates by ACL too. Default: off, as instances are bought. */
  readonly isAclOn?: boolean;
}
export interface RabbitmqInstance extends Instance {
  /** By virtual host. */
  readonly virtualHosts: Readonly<
    Record<string, { readonly exchanges: readonly string[]; readonly queues: readonly string[] }>
  >;
}
export interface LoadBalancer {
  readonly loadBalancerId: string;
  readonly region: string;
  readonly kind: 'clb' | 'alb' | 'nlb';
  readonly resourceGroupId?: string;
  /** Ports it listens on. Default: none. */
  readonly listenerPorts?: readonly number[];
  /** CLB's vServer groups or NLB's server groups that it uses. Default: none. */
  readonly serverGroupIds?: readonly string[];
}
export interface EventBus {
  readonly name: string;
  readonly region: string;
}
export interface AccountResources {
  readonly kafka: readonly Messaging[];
  readonly rabbitmq: readonly RabbitmqInstance[];
  readonly rocketmq4: readonly (Messaging & { readonly namespaced: boolean })[];
  readonly rocketmq5: readonly Messaging[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly ecsInstanceIds: readonly string[];
  /** Buses are EventBridge's own state; whoever starts the cloud makes these. */
  readonly eventBuses: readonly EventBus[];
  /** Resource group by id of an instance, load balancer or server group; the rest is in none that policies name. */
  readonly resourceGroups: Readonly<Record<string, string>>;
}
export const NO_RESOURCES: AccountResources = {
  kafka: [],
  rabbitmq: [],
  rocketmq4: [],
  rocketmq5: [],
  loadBalancers: [],
  ecsInstanceIds: [],
  eventBuses: [],
  resourceGroups: {},
};
export type ProductSeed = Readonly<Record<string, AccountResources>>;

const REGION = 'cn-hangzhou';
const messaging = (instanceId: string): Messaging => ({
  instanceId,
  region: REGION,
  topics: ['orders', 'invoices'],
  groups: ['GID_globex', 'GID_other'],
  isAclOn: instanceId.endsWith('x1'),
});
const hosts = { shop: { exchanges: ['orders'], queues: ['orders'] }, back: { exchanges: [], queues: [] } };

/** Two of everything, so that each thing has a neighbour; where there are ACLs, the first has them on. */
export const sampleSeed = (owner: string): ProductSeed => ({
  [owner]: {
    kafka: [messaging('alikafka_pre-cn-x1'), messaging('alikafka_pre-cn-x2')],
    rabbitmq: ['amqp-cn-x1', 'amqp-cn-x2'].map((instanceId) => ({
      instanceId,
      region: REGION,
      virtualHosts: hosts,
    })),
    rocketmq4: ['x1', 'x2'].map((name) => ({ ...messaging(`MQ_INST_${owner}_${name}`), namespaced: true })),
    rocketmq5: [messaging('rmq-cn-x1'), messaging('rmq-cn-x2')],
    loadBalancers: (['clb', 'alb', 'nlb'] as const).flatMap((kind) =>
      ['x1', 'x2'].map((name) => ({
        kind,
        region: REGION,
        loadBalancerId: `${kind === 'clb' ? 'lb' : kind}-${name}`,
        listenerPorts: [80, 443],
        serverGroupIds: [`${kind === 'clb' ? 'rsp' : 'sgp'}-${kind}-${name}`],
      })),
    ),
    ecsInstanceIds: ['i-x1', 'i-x2'],
    eventBuses: ['orders', 'invoices'].map((name) => ({ name, region: REGION })),
    resourceGroups: {},
  },
});

/** What a request names; only the fields that tell what must exist. */
export interface NamedResource {
  readonly service: string;
  readonly region: string;
  readonly kind?: string;
  readonly series?: string;
  readonly instanceId?: string;
  readonly topics?: readonly string[];
  readonly groups?: readonly string[];
  /** Asked for only where an instance's ACL is on. */
  readonly dataPlane?: unknown;
  readonly namespaced?: boolean;
  readonly virtualHosts?: readonly string[];
  readonly exchanges?: readonly string[];
  readonly queues?: readonly string[];
  readonly eventBus?: string;
  readonly loadBalancerIds?: readonly string[];
  readonly ecsInstanceIds?: readonly string[];
  readonly serverGroupIds?: readonly string[];
  readonly resourceGroupId?: string;
}

/** `seed` with everything that `named` speaks of added to `owner`'s account. */
export function withResources(
  seed: ProductSeed,
  owner: string,
  named: readonly NamedResource[],
): ProductSeed {
  const have = named.reduce(withResource, seed[owner] ?? NO_RESOURCES);
  const groups = named.flatMap(
    ({ instanceId, loadBalancerIds = [], serverGroupIds = [], resourceGroupId }) =>
      resourceGroupId === undefined
        ? []
        : [...(instanceId === undefined ? [] : [instanceId]), ...loadBalancerIds, ...serverGroupIds].map(
            (id) => [id, resourceGroupId] as const,
          ),
  );
  return {
    ...seed,
    [owner]: { ...have, resourceGroups: { ...have.resourceGroups, ...Object.fromEntries(groups) } },
  };
}

function withResource(have: AccountResources, named: NamedResource): AccountResources {
  const { region, instanceId = '', topics = [], groups = [], resourceGroupId } = named;
  const inGroup = resourceGroupId === undefined ? {} : { resourceGroupId };
  const isAclOn = named.dataPlane !== undefined;
  const instance: Messaging = { instanceId, region, topics, groups, isAclOn, ...inGroup };
  switch (named.service) {
    case 'kafka':
      return { ...have, kafka: withMessaging(have.kafka, instance) };
    case 'rabbitmq': {
      const content = { exchanges: named.exchanges ?? [], queues: named.queues ?? [] };
      const wanted = Object.fromEntries((named.virtualHosts ?? []).map((vhost) => [vhost, content]));
      const known = have.rabbitmq.find((one) => isSame(one, instance));
      const virtualHosts = { ...wanted, ...known?.virtualHosts };
      return {
        ...have,
        rabbitmq: [...have.rabbitmq.filter((one) => one !== known), { instanceId, region, virtualHosts }],
      };
    }
    case 'rocketmq':
      if (named.series === '5.x') return { ...have, rocketmq5: withMessaging(have.rocketmq5, instance) };
      return {
        ...have,
        rocketmq4: withMessaging(have.rocketmq4, { ...instance, namespaced: named.namespaced ?? true }),
      };
    case 'eventbridge': {
      const { eventBus: name = 'default' } = named;
      const isThere = have.eventBuses.some((bus) => bus.name === name && bus.region === region);
      return isThere ? have : { ...have, eventBuses: [...have.eventBuses, { name, region }] };
    }
    default: {
      const { loadBalancerIds = [], serverGroupIds = [], ecsInstanceIds = [] } = named;
      const isNamed = ({ loadBalancerId }: LoadBalancer) => loadBalancerIds.includes(loadBalancerId);
      const known = have.loadBalancers.filter(isNamed).map((one) => ({ ...one, ...inGroup }));
      const added = loadBalancerIds
        .filter((id) => !known.some(({ loadBalancerId }) => loadBalancerId === id))
        .map((loadBalancerId) => ({
          loadBalancerId,
          region,
          kind: (named.kind ?? 'clb') as LoadBalancer['kind'],
          ...inGroup,
          serverGroupIds,
        }));
      return {
        ...have,
        loadBalancers: [...have.loadBalancers.filter((one) => !isNamed(one)), ...known, ...added],
        ecsInstanceIds: union(have.ecsInstanceIds, ecsInstanceIds),
      };
    }
  }
}

/** Of an instance that is there, or is named twice, what is named besides is added. */
function withMessaging<M extends Messaging>(have: readonly M[], named: M): readonly M[] {
  const known = have.find((one) => isSame(one, named));
  if (known === undefined) return [...have, named];
  const merged = {
    ...known,
    ...named,
    topics: union(known.topics, named.topics),
    groups: union(known.groups, named.groups),
    isAclOn: known.isAclOn === true || named.isAclOn === true,
  };
  return have.map((one) => (one === known ? merged : one));
}

const isSame = (left: Instance, right: Instance): boolean =>
  left.instanceId === right.instanceId && left.region === right.region;

const union = (left: readonly string[], right: readonly string[]): readonly string[] => [
  ...new Set([...left, ...right]),
];
