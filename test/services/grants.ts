/** Grants for tests: builders of one valid grant a product, and generators of any valid one. */
import fc from 'fast-check';
import type {
  AccessLevel,
  EventbridgeGrant,
  KafkaGrant,
  RabbitmqGrant,
  ResourceGrant,
  RocketmqGrant,
  SlbGrant,
} from '../../shared/domain/grant.js';
import { type AccountId, parseAccountId, parseRegion } from '../../shared/domain/values.js';
import { grantIssues } from '../../shared/services/index.js';

export const OWNER: AccountId = parseAccountId('1000000000000001');
export const REGION = parseRegion('cn-hangzhou');

export const kafka = (own: Partial<KafkaGrant> = {}): KafkaGrant => ({
  service: 'kafka',
  access: 'read',
  region: REGION,
  instanceId: 'alikafka_pre-cn-x1',
  ...own,
});
export const rabbitmq = (own: Partial<RabbitmqGrant> = {}): RabbitmqGrant => ({
  service: 'rabbitmq',
  access: 'read',
  region: REGION,
  instanceId: 'amqp-cn-x1',
  virtualHosts: ['shop'],
  ...own,
});
export const rocketmq4 = (own: Partial<RocketmqGrant> = {}): RocketmqGrant => ({
  service: 'rocketmq',
  series: '4.x',
  access: 'read',
  region: REGION,
  instanceId: 'MQ_INST_1_x1',
  ...own,
});
export const rocketmq5 = (own: Partial<RocketmqGrant> = {}): RocketmqGrant => ({
  ...rocketmq4({ instanceId: 'rmq-cn-x1' }),
  series: '5.x',
  ...own,
});
export const eventbridge = (own: Partial<EventbridgeGrant> = {}): EventbridgeGrant => ({
  service: 'eventbridge',
  access: 'read',
  region: REGION,
  eventBus: 'orders',
  ...own,
});
export const slb = (own: Partial<SlbGrant> = {}): SlbGrant => ({
  service: 'slb',
  kind: 'clb',
  access: 'read',
  region: REGION,
  loadBalancerIds: ['lb-x1'],
  ...own,
});

export const ACCESS_LEVELS: readonly AccessLevel[] = ['read', 'publish', 'subscribe', 'operate', 'full'];

/** Few letters, so that one name is often the beginning of another. */
const id = fc.stringMatching(/^[ax0][ax0_-]{0,4}$/);
const topic = fc.stringMatching(/^[ax0_.-]{1,5}$/);
const amqpName = fc.stringMatching(/^[ax0_.#@-]{1,5}$/);
const bus = fc.stringMatching(/^[ax0][ax0-]{0,4}$/);
const some = (name: fc.Arbitrary<string>) => fc.uniqueArray(name, { minLength: 1, maxLength: 4 });
const dataPlane = fc.constant({ endsByController: true } as const);
const base = {
  access: fc.constantFrom(...ACCESS_LEVELS),
  region: fc.constantFrom(REGION, parseRegion('eu-central-1')),
};

/** Whatever a request may hold; the issues sort out what is no valid grant. */
const anyGrant: fc.Arbitrary<ResourceGrant> = fc.oneof(
  fc.record(
    {
      ...base,
      service: fc.constant('kafka' as const),
      instanceId: id,
      topics: some(topic),
      groups: some(topic),
      listsAnywhere: fc.constant(true as const),
      dataPlane,
    },
    { requiredKeys: ['service', 'access', 'region', 'instanceId'] },
  ),
  fc.record(
    {
      ...base,
      service: fc.constant('rabbitmq' as const),
      instanceId: id,
      virtualHosts: some(amqpName),
      exchanges: some(amqpName),
      queues: some(amqpName),
    },
    { requiredKeys: ['service', 'access', 'region', 'instanceId', 'virtualHosts'] },
  ),
  fc.record(
    {
      ...base,
      service: fc.constant('rocketmq' as const),
      series: fc.constantFrom('4.x' as const, '5.x' as const),
      instanceId: id,
      topics: some(topic),
      groups: some(topic),
      namespaced: fc.boolean(),
      dataPlane,
    },
    { requiredKeys: ['service', 'series', 'access', 'region', 'instanceId'] },
  ),
  fc.record(
    {
      ...base,
      service: fc.constant('eventbridge' as const),
      eventBus: bus,
      target: fc.oneof(
        fc.record({
          type: fc.constant('bus' as const),
          eventBus: bus,
          roleName: bus,
          endsByController: fc.constant(true as const),
        }),
        fc.record({
          type: fc.constant('https' as const),
          url: fc.constantFrom('https://globex.example', 'https://globex.example:8443/in/box'),
          endsByController: fc.constant(true as const),
        }),
      ),
      events: fc.record({ sources: some(topic), types: some(topic) }, { requiredKeys: [] }),
    },
    { requiredKeys: ['service', 'access', 'region', 'eventBus'] },
  ),
  fc.record(
    {
      ...base,
      service: fc.constant('slb' as const),
      kind: fc.constantFrom('clb' as const, 'alb' as const, 'nlb' as const),
      loadBalancerIds: some(id),
      ecsInstanceIds: some(id),
      serverGroupIds: some(id),
    },
    { requiredKeys: ['service', 'kind', 'access', 'region', 'loadBalancerIds'] },
  ),
);

export const validGrant: fc.Arbitrary<ResourceGrant> = anyGrant.filter(
  (grant) => grantIssues(grant).length === 0,
);
