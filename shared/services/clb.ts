/** Classic Load Balancer (`slb`). Backend calls are checked a second time on the ECS instance. Source: SLB "RAM authentication". */
import type { SlbGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { arnOf, balancerIssues, describeBalancers, neighbourSearch } from './load-balancer.js';
import { missing, unsupported } from './names.js';
import type { PositiveProbe, Product, Right } from './types.js';

const VERSION = '2014-05-15';
const READS = [
  'slb:DescribeLoadBalancerAttribute',
  'slb:DescribeHealthStatus',
  'slb:DescribeVServerGroups',
  'slb:DescribeVServerGroupAttribute',
  'slb:DescribeLoadBalancerHTTPListenerAttribute',
  'slb:DescribeLoadBalancerHTTPSListenerAttribute',
  'slb:DescribeLoadBalancerTCPListenerAttribute',
  'slb:DescribeLoadBalancerUDPListenerAttribute',
];
const CHANGES = [
  'slb:SetLoadBalancerStatus',
  'slb:StartLoadBalancerListener',
  'slb:StopLoadBalancerListener',
];
const BACKENDS = [
  'slb:AddBackendServers',
  'slb:RemoveBackendServers',
  'slb:SetBackendServers',
  'slb:AddVServerGroupBackendServers',
  'slb:RemoveVServerGroupBackendServers',
  'slb:ModifyVServerGroupBackendServers',
];

const ecsArn = (grant: SlbGrant, owner: AccountId, id: string): string =>
  `acs:ecs:${grant.region}:${owner}:instance/${id}`;
const ecsOf = (grant: SlbGrant): readonly string[] => grant.ecsInstanceIds ?? [];

export const clb: Product<SlbGrant> = {
  issuesOf: (grant) => [
    ...balancerIssues(grant),
    ...(grant.access === 'full'
      ? unsupported('full would include deleting the load balancer and its certificates; ask for operate')
      : []),
    ...(grant.access === 'operate' && ecsOf(grant).length === 0
      ? missing('/ecsInstanceIds', 'CLB checks backend calls on the ECS instances too: name them')
      : []),
  ],

  statementsOf: (grant, owner) => {
    const balancers = grant.loadBalancerIds.map((id) => arnOf('slb', grant, owner, id));
    if (grant.access !== 'operate') return [{ actions: READS, resources: balancers }];
    return [
      { actions: [...READS, ...CHANGES, ...BACKENDS], resources: balancers },
      { actions: BACKENDS, resources: ecsOf(grant).map((id) => ecsArn(grant, owner, id)) },
    ];
  },

  rightsOf: (grant, owner) => [
    ...grant.loadBalancerIds.flatMap((id) =>
      (grant.access === 'operate' ? [...READS, ...CHANGES, ...BACKENDS] : READS).map(
        (action): Right => ({ action, resource: arnOf('slb', grant, owner, id) }),
      ),
    ),
    ...(grant.access === 'operate'
      ? ecsOf(grant).map(
          (id): Right => ({ action: 'slb:AddBackendServers', resource: ecsArn(grant, owner, id) }),
        )
      : []),
  ],

  refusedOf: (grant, owner) => [
    ...grant.loadBalancerIds.flatMap((id): readonly Right[] => [
      { action: 'slb:DescribeLoadBalancerAttribute', resource: arnOf('slb', grant, owner, `${id}0`) },
      { action: 'slb:DeleteLoadBalancer', resource: arnOf('slb', grant, owner, id) },
      ...(grant.access === 'read'
        ? [{ action: 'slb:AddBackendServers', resource: arnOf('slb', grant, owner, id) }]
        : []),
    ]),
    ...ecsOf(grant).map(
      (id): Right => ({ action: 'slb:AddBackendServers', resource: ecsArn(grant, owner, `${id}0`) }),
    ),
  ],

  probesOf: (grant, owner) => grant.loadBalancerIds.map((id) => probe(grant, owner, id)),
  neighboursOf: (grant, owner) => [
    neighbourSearch({ product: 'Slb', version: VERSION, action: 'DescribeLoadBalancers' }, grant, (id) =>
      probe(grant, owner, id),
    ),
  ],
  describe: describeBalancers,
};

const probe = (grant: SlbGrant, owner: AccountId, id: string): PositiveProbe => ({
  call: {
    product: 'Slb',
    version: VERSION,
    region: grant.region,
    action: 'DescribeLoadBalancerAttribute',
    params: { LoadBalancerId: id },
  },
  proves: [{ action: 'slb:DescribeLoadBalancerAttribute', resource: arnOf('slb', grant, owner, id) }],
});
