import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { type ProductSeed, sampleSeed, withResources } from '../../shared/loopback/products/seed.js';
import { productsService } from '../../shared/loopback/products/service.js';
import { type Keys, ownerId } from './identity-clients.js';
import { callProduct, codeOf, type ProductCall } from './product-clients.js';

const region = 'cn-hangzhou';
const group = 'rg-orders';
/** One of each product in the group, one beside it. */
const seed: ProductSeed = withResources(sampleSeed(ownerId), ownerId, [
  { service: 'kafka', region, instanceId: 'alikafka-in', resourceGroupId: group },
  { service: 'rocketmq', series: '5.x', region, instanceId: 'rmq-in', resourceGroupId: group },
  { service: 'slb', kind: 'nlb', region, loadBalancerIds: ['nlb-in'], resourceGroupId: group },
  { service: 'slb', kind: 'alb', region, loadBalancerIds: ['alb-in'], resourceGroupId: group },
]);

let cloud: RunningCloud;
let user: Keys;
beforeAll(async () => {
  cloud = await startCloud({ services: [(its) => productsService(its, seed)] });
  cloud.accounts.createAccount(ownerId);
  cloud.accounts.createResourceGroup(ownerId, group);
  user = cloud.accounts.createUser(ownerId, 'scoped');
  const call = (version: string, action: string, params: Record<string, string>) =>
    cloud.cloud.call(cloud.accounts.rootOf(ownerId), version, action, params, region);
  await call('2015-05-01', 'CreatePolicy', {
    PolicyName: 'reads',
    PolicyDocument: JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: ['alikafka:*', 'rocketmq:*', 'nlb:*', 'alb:*'], Resource: '*' }],
    }),
  });
  await call('2020-03-31', 'AttachPolicy', {
    ResourceGroupId: group,
    PolicyType: 'Custom',
    PolicyName: 'reads',
    PrincipalType: 'IMSUser',
    PrincipalName: `scoped@${ownerId}.onaliyun.com`,
  });
});
afterAll(() => cloud?.close());

const ask = (call: ProductCall) => codeOf(callProduct(cloud, user, call));

describe('a policy attached in a resource group', () => {
  it.each([
    ['Kafka', 'alikafka', 'GetTopicList', 'InstanceId', ['alikafka-in', 'alikafka_pre-cn-x1']],
    ['NLB', 'Nlb', 'GetLoadBalancerAttribute', 'LoadBalancerId', ['nlb-in', 'nlb-x1']],
  ] as const)('counts for things of %s in that group only', async (_name, product, action, key, ids) => {
    const [inside, beside] = ids;
    expect(await ask({ product, action, params: { [key]: inside } })).toBe('accepted');
    expect(await ask({ product, action, params: { [key]: beside } })).toMatch(/NoPermission|Forbidden/);
  });

  it('counts for RocketMQ 5.x instances, their topics and accounts', async () => {
    const at = (path: string) => ask({ product: 'RocketMQ', action: 'Any', path });
    expect(await at('/instances/rmq-in')).toBe('accepted');
    expect(await at('/instances/rmq-in/topics')).toBe('accepted');
    expect(await at('/instances/rmq-in/accounts')).toBe('accepted');
    expect(await at('/instances/rmq-cn-x1')).toBe('NoPermission');
  });

  it('counts for nothing where a product is not documented to look at groups, nor for what is checked on everything', async () => {
    const alb = { LoadBalancerId: 'alb-in' };
    expect(await ask({ product: 'Alb', action: 'GetLoadBalancerAttribute', params: alb })).toBe(
      'Forbidden.LoadBalancer',
    );
    expect(await ask({ product: 'RocketMQ', action: 'ListInstances', path: '/instances' })).toBe(
      'NoPermission',
    );
    const acl = { InstanceId: 'alikafka-in', AclResourceType: 'Topic', AclResourcePatternType: 'LITERAL' };
    expect(await ask({ product: 'alikafka', action: 'DescribeAclResourceName', params: acl })).toBe(
      'Forbidden.RAM',
    );
  });
});
