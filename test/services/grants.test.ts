import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessLevel, ResourceGrant } from '../../shared/domain/grant.js';
import { authorize, compilePolicies, parsePolicy } from '../../shared/policy/index.js';
import {
  grantIssues,
  grantNeighbours,
  grantProbes,
  grantRefused,
  grantRights,
  grantStatements,
  guardedActions,
  highRiskReasons,
} from '../../shared/services/index.js';
import { OWNER, REGION } from '../support/requests.js';

const region = REGION;
const levels: readonly AccessLevel[] = ['read', 'publish', 'subscribe', 'operate', 'full'];
const samples = (access: AccessLevel): readonly ResourceGrant[] => [
  { service: 'kafka', access, region, instanceId: 'k-1' },
  { service: 'rabbitmq', access, region, instanceId: 'q-1', virtualHosts: ['shop'] },
  {
    service: 'rocketmq',
    series: '4.x',
    access,
    region,
    instanceId: 'MQ_1',
    topics: ['orders'],
    ...(access === 'publish' ? {} : { groups: ['GID_1'] }),
  },
  {
    service: 'rocketmq',
    series: '4.x',
    access,
    region,
    instanceId: 'MQ_1',
    namespaced: false,
    topics: ['orders'],
    ...(access === 'publish' ? {} : { groups: ['GID_1'] }),
  },
  {
    service: 'rocketmq',
    series: '5.x',
    access,
    region,
    instanceId: 'rmq-1',
    topics: ['orders'],
    groups: ['g'],
  },
  { service: 'eventbridge', access, region, eventBus: 'orders' },
  {
    service: 'slb',
    kind: 'clb',
    access,
    region,
    loadBalancerIds: ['lb-1'],
    ...(access === 'operate' ? { ecsInstanceIds: ['i-1'] } : {}),
  },
  { service: 'slb', kind: 'alb', access, region, loadBalancerIds: ['alb-1'] },
  {
    service: 'slb',
    kind: 'nlb',
    access,
    region,
    loadBalancerIds: ['nlb-1'],
    ...(access === 'operate' ? { serverGroupIds: ['sgp-1'] } : {}),
  },
];
const every = levels.flatMap(samples);
const possible = every.filter((grant) => grantIssues(grant).length === 0);
const nameOf = (grant: ResourceGrant) =>
  `${grant.access} on ${grant.service} ${'kind' in grant ? grant.kind : 'series' in grant ? grant.series : ''}${'namespaced' in grant ? ' without namespace' : ''}`;
const codes = (grant: ResourceGrant) => grantIssues(grant).map((issue) => issue.code);
const compile = (grant: ResourceGrant) =>
  compilePolicies([
    {
      name: 'p',
      document: {
        version: '1',
        statements: grantStatements(grant, OWNER).map(({ actions, resources }) => ({
          effect: 'Allow' as const,
          actions,
          resources,
        })),
      },
    },
  ]);
const allows = (grant: ResourceGrant, right: { readonly action: string; readonly resource: string }) =>
  authorize({ ...right, context: {} }, { accountLevel: compile(grant) }).effect === 'allow';
const actionsOf = (grant: ResourceGrant) =>
  grantStatements(grant, OWNER).flatMap((statement) => statement.actions);
const resourcesOf = (grant: ResourceGrant) =>
  grantStatements(grant, OWNER).flatMap((statement) => statement.resources);

describe.each(possible.map((grant) => [nameOf(grant), grant] as const))('%s', (_name, grant) => {
  it('allows every right it promises, and none that it must refuse', () => {
    expect(grantRights(grant, OWNER).filter((right) => !allows(grant, right))).toEqual([]);
    expect(grantRefused(grant, OWNER).filter((right) => allows(grant, right))).toEqual([]);
    expect(grantRefused(grant, OWNER).length).toBeGreaterThan(0);
  });

  it('allows what its probes prove, and probes a neighbour that it refuses', () => {
    expect(
      grantProbes(grant, OWNER)
        .flatMap((probe) => probe.proves)
        .filter((right) => !allows(grant, right)),
    ).toEqual([]);
    for (const search of grantNeighbours(grant, OWNER)) {
      // A call needs all its rights: one that is missing refuses it.
      expect(search.probe('somebody-elses').proves.every((right) => allows(grant, right))).toBe(false);
    }
  });

  it('names region and account exactly, and uses no wildcard that also meets longer ids', () => {
    for (const resource of resourcesOf(grant).filter((one) => one !== '*')) {
      const [, , at, account, ...rest] = resource.split(':');
      expect([at, account]).toEqual([region, OWNER]);
      expect(rest.join(':')).not.toMatch(/[A-Za-z0-9]\*/);
    }
  });

  it('says so where a product forces a right on everything', () => {
    for (const statement of grantStatements(grant, OWNER)) {
      if (statement.resources.includes('*')) expect(statement.unavoidablyWider).toBeTruthy();
    }
  });

  it('holds no rule or target action, and no action that reads secrets or makes accounts', () => {
    const guarded = compilePolicies([
      {
        name: 'guard',
        document: {
          version: '1',
          statements: [{ effect: 'Allow', actions: guardedActions, resources: ['*'] }],
        },
      },
    ]);
    for (const action of actionsOf(grant))
      expect(
        authorize({ action, resource: '*', context: {} }, { accountLevel: guarded }).effect,
        action,
      ).toBe('deny');
  });
});

describe('traps', () => {
  const grantOf = (service: string, access: AccessLevel, extra = '') =>
    every.find((grant) => nameOf(grant).trim() === `${access} on ${service}${extra}`.trim())!;

  it('RabbitMQ resources begin with a slash', () => {
    expect(
      resourcesOf(grantOf('rabbitmq', 'publish')).every((resource) => resource.includes(':/instances/q-1')),
    ).toBe(true);
  });
  it('RocketMQ 4.x separates instance and name by a literal %, unless the instance has no namespace', () => {
    expect(resourcesOf(grantOf('rocketmq', 'publish', ' 4.x'))).toContain(
      `acs:mq:${region}:${OWNER}:MQ_1%orders`,
    );
    expect(resourcesOf(grantOf('rocketmq', 'publish', ' 4.x without namespace'))).toContain(
      `acs:mq:${region}:${OWNER}:orders`,
    );
  });
  it('RocketMQ 4.x needs mq:SUB on topic and group', () => {
    const right = (name: string) => ({
      action: 'mq:SUB',
      resource: `acs:mq:${region}:${OWNER}:MQ_1%${name}`,
    });
    const grant = grantOf('rocketmq', 'subscribe', ' 4.x');
    expect([
      allows(grant, right('orders')),
      allows(grant, right('GID_1')),
      allows(grant, right('other')),
    ]).toEqual([true, true, false]);
  });
  it('CLB checks backend calls a second time, on the ECS instance', () => {
    expect(
      allows(grantOf('slb', 'operate', ' clb'), {
        action: 'slb:AddBackendServers',
        resource: `acs:ecs:${region}:${OWNER}:instance/i-1`,
      }),
    ).toBe(true);
  });
  it('reading RabbitMQ reads no message', () => {
    expect(actionsOf(grantOf('rabbitmq', 'read'))).not.toContain('amqp:BasicGet');
  });
  it.each(['publish', 'subscribe'] as const)(
    '%s on Kafka and RocketMQ 5.x needs an account that is asked for',
    (access) => {
      expect(codes(grantOf('kafka', access))).toContain('NEEDS_DATA_PLANE');
      expect(codes(grantOf('rocketmq', access, ' 5.x'))).toContain('NEEDS_DATA_PLANE');
    },
  );
  it('levels that make no sense are refused', () => {
    for (const access of ['operate', 'full'] as const)
      expect(codes(grantOf('eventbridge', access))).toContain('UNSUPPORTED_ACCESS');
    for (const access of ['publish', 'subscribe'] as const)
      expect(codes(grantOf('slb', access, ' clb'))).toContain('UNSUPPORTED_ACCESS');
    expect(codes(grantOf('slb', 'operate', ' alb'))).toContain('UNSUPPORTED_ACCESS');
  });
  it('a resource group is refused where the product is not documented to honour it', () => {
    expect(
      codes({ service: 'eventbridge', access: 'read', region, eventBus: 'orders', resourceGroupId: 'rg-1' }),
    ).toContain('RESOURCE_GROUP_UNSUPPORTED');
    expect(
      codes({ service: 'kafka', access: 'read', region, instanceId: 'k', resourceGroupId: 'rg-1' }),
    ).toEqual([]);
  });

  it('no name with a wildcard or separator passes, whatever the product', () => {
    const bad = fc.constantFrom('*', 'a*', 'a?b', 'a%b', 'a:b', 'a/b', '\u0024{x}', '..', '', ' a', 'a\n');
    fc.assert(
      fc.property(bad, (name) => {
        const grants: readonly ResourceGrant[] = [
          { service: 'kafka', access: 'read', region, instanceId: name },
          { service: 'rabbitmq', access: 'read', region, instanceId: 'q', virtualHosts: [name] },
          { service: 'rocketmq', series: '4.x', access: 'publish', region, instanceId: 'i', topics: [name] },
          { service: 'rocketmq', series: '5.x', access: 'read', region, instanceId: name },
          { service: 'eventbridge', access: 'read', region, eventBus: name },
          { service: 'slb', kind: 'nlb', access: 'read', region, loadBalancerIds: [name] },
        ];
        for (const grant of grants) expect(codes(grant), grant.service).toContain('BAD_NAME');
      }),
    );
  });
});

describe('a system policy', () => {
  const risk = (...statements: readonly object[]) =>
    highRiskReasons(parsePolicy(JSON.stringify({ Version: '1', Statement: statements })));
  it.each([
    ['*'],
    ['*:*'],
    ['ram:*'],
    ['ram:Create*'],
    ['ram:PassRole'],
    ['sts:AssumeRole'],
    ['ims:CreateAccessKey'],
    ['r*:*'],
    ['resourcemanager:*'],
  ])('that allows %s is of high risk, whatever its name', (action) => {
    expect(risk({ Effect: 'Allow', Action: action, Resource: '*' })).not.toEqual([]);
  });
  it('that allows everything but something is of high risk', () => {
    expect(risk({ Effect: 'Allow', NotAction: 'ram:*', Resource: '*' })).not.toEqual([]);
  });
  it('that reads load balancers is not', () => {
    expect(risk({ Effect: 'Allow', Action: ['slb:Describe*', 'cms:QueryMetric*'], Resource: '*' })).toEqual(
      [],
    );
  });
});
