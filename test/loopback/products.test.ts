import PopCore from '@alicloud/pop-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProductPort } from '../../shared/cloud/alibaba/products.js';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { sampleSeed } from '../../shared/loopback/products/seed.js';
import { productsService } from '../../shared/loopback/products/service.js';
import { grantNeighbours, grantProbes } from '../../shared/services/index.js';
import { OWNER, REGION } from '../support/requests.js';

let cloud: RunningCloud;
const region = REGION;
const grants: readonly ResourceGrant[] = [
  { service: 'kafka', access: 'read', region, instanceId: 'alikafka_pre-cn-x1' },
  { service: 'rabbitmq', access: 'read', region, instanceId: 'amqp-cn-x1', virtualHosts: ['shop'] },
  { service: 'rocketmq', series: '4.x', access: 'read', region, instanceId: `MQ_INST_${OWNER}_x1` },
  { service: 'rocketmq', series: '5.x', access: 'read', region, instanceId: 'rmq-cn-x1' },
  { service: 'slb', kind: 'clb', access: 'read', region, loadBalancerIds: ['lb-x1'] },
  { service: 'slb', kind: 'alb', access: 'read', region, loadBalancerIds: ['alb-x1'] },
  { service: 'slb', kind: 'nlb', access: 'read', region, loadBalancerIds: ['nlb-x1'] },
];
const portOf = (credentials: { readonly accessKeyId: string; readonly accessKeySecret: string }) =>
  makeProductPort({
    region,
    owner: OWNER,
    credentials,
    endpoint: cloud.endpoint,
    timeoutMilliseconds: 5_000,
  });
let root: Parameters<typeof portOf>[0];
let user: Parameters<typeof portOf>[0];

beforeAll(async () => {
  cloud = await startCloud({ services: [(its) => productsService(its, sampleSeed(OWNER))] });
  root = cloud.accounts.createAccount(OWNER).rootAccessKey;
  user = cloud.accounts.createUser(OWNER, 'nobody');
});
afterAll(() => cloud?.close());

describe.each(
  grants.map(
    (grant) =>
      [
        `${grant.service} ${'kind' in grant ? grant.kind : 'series' in grant ? grant.series : ''}`,
        grant,
      ] as const,
  ),
)('%s', (_name, grant) => {
  it('answers its probes to the owner, and refuses them to a user without rights', async () => {
    for (const probe of grantProbes(grant, OWNER)) {
      expect((await portOf(root).call(probe.call)).outcome).toBe('allowed');
      expect((await portOf(user).call(probe.call)).outcome).toBe('denied');
    }
  });

  it('lists what is there, so that neighbours are found, and answers probes on them', async () => {
    for (const search of grantNeighbours(grant, OWNER)) {
      const listed = await portOf(root).call(search.list);
      const neighbours =
        listed.outcome === 'allowed'
          ? search.findIn(listed.body).filter((id) => !search.granted.includes(id))
          : [];
      expect(neighbours.length).toBeGreaterThan(0);
      expect((await portOf(root).call(search.probe(neighbours[0]!).call)).outcome).toBe('allowed');
    }
  });

  it('tells a thing that is not there from one that is refused', async () => {
    const [search] = grantNeighbours(grant, OWNER);
    expect((await portOf(root).call(search!.probe('not-there').call)).outcome).toBe('not-found');
    expect((await portOf(user).call(search!.probe('not-there').call)).outcome).toBe('denied');
  });
});

describe('CLB', () => {
  const clb = (keys: typeof root) =>
    new PopCore({ ...keys, endpoint: cloud.origin, apiVersion: '2014-05-15' });
  const add = (keys: typeof root, ServerId: string) =>
    clb(keys).request(
      'AddBackendServers',
      { RegionId: region, LoadBalancerId: 'lb-x1', BackendServers: JSON.stringify([{ ServerId }]) },
      { method: 'POST' },
    );

  it('checks a backend call on the load balancer and on the ECS instance', async () => {
    const operator = cloud.accounts.createUser(OWNER, 'operator');
    const call = (action: string, params: Record<string, string>) =>
      cloud.cloud.call(cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, region);
    const Resource = [
      `acs:slb:${region}:${OWNER}:loadbalancer/lb-x1`,
      `acs:ecs:${region}:${OWNER}:instance/i-x1`,
    ];
    await call('CreatePolicy', {
      PolicyName: 'operator',
      PolicyDocument: JSON.stringify({
        Version: '1',
        Statement: [{ Effect: 'Allow', Action: 'slb:AddBackendServers', Resource }],
      }),
    });
    await call('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'operator', UserName: 'operator' });
    expect(await add(operator, 'i-x1')).toMatchObject({ LoadBalancerId: 'lb-x1' });
    await expect(add(operator, 'i-x2')).rejects.toMatchObject({ code: 'NoPermission' });
  });
});
