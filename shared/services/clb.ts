/** Classic Load Balancer (`slb`). Backend calls are checked a second time on the ECS instance. Source: SLB "RAM authentication". */
import type { SlbGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import {
  arnOf,
  balancedIds,
  balancerIssues,
  describeBalancers,
  neighbourSearch,
  operates,
} from './load-balancer.js';
import { beside, rightsOn } from './rights.js';
import type { GrantStatement, PositiveProbe, Product } from './types.js';

const VERSION = '2014-05-15';
const READS = [
  'slb:DescribeLoadBalancerAttribute',
  // Older documents check it on `loadbalancer/*`, the current table on the one load balancer: the narrow form.
  'slb:DescribeLoadBalancers',
  'slb:DescribeHealthStatus',
  'slb:DescribeVServerGroups',
  'slb:DescribeVServerGroupAttribute',
  'slb:DescribeLoadBalancerHTTPListenerAttribute',
  'slb:DescribeLoadBalancerHTTPSListenerAttribute',
  'slb:DescribeLoadBalancerTCPListenerAttribute',
  'slb:DescribeLoadBalancerUDPListenerAttribute',
];
const SWITCHES = [
  'slb:SetLoadBalancerStatus',
  'slb:StartLoadBalancerListener',
  'slb:StopLoadBalancerListener',
];
/** Only those that are checked on nothing but the load balancer. */
const SETTINGS = [
  'slb:SetLoadBalancerName',
  'slb:DeleteLoadBalancerListener',
  'slb:SetVServerGroupAttribute',
  'slb:DeleteVServerGroup',
];
/** The page of today checks it on the load balancer alone, older documents on the ECS instance too. */
const REMOVAL = 'slb:RemoveBackendServers';
const BACKENDS = [
  'slb:AddBackendServers',
  REMOVAL,
  'slb:SetBackendServers',
  'slb:AddVServerGroupBackendServers',
  'slb:RemoveVServerGroupBackendServers',
  'slb:ModifyVServerGroupBackendServers',
];
const NEW_GROUPS = ['slb:CreateVServerGroup'];
const NEVER = [
  'slb:DeleteLoadBalancer',
  'slb:ModifyLoadBalancerInternetSpec',
  // Each sets which ACL a listener obeys, or none, and is checked on an ACL as well; HTTPS on a certificate besides.
  'slb:CreateLoadBalancerHTTPListener',
  'slb:SetLoadBalancerHTTPListenerAttribute',
  'slb:SetLoadBalancerTCPListenerAttribute',
  'slb:CreateLoadBalancerUDPListener',
  'slb:SetLoadBalancerUDPListenerAttribute',
];

const ecsArns = (grant: SlbGrant, owner: AccountId): readonly string[] =>
  (grant.ecsInstanceIds ?? []).map((id) => `acs:ecs:${grant.region}:${owner}:instance/${id}`);
const balancerArns = (grant: SlbGrant, owner: AccountId): readonly string[] =>
  grant.loadBalancerIds.map((id) => arnOf('slb', grant, owner, id));

/** Without ECS instances named, backends stay as they are. */
const backendChanges = (grant: SlbGrant): readonly string[] => {
  if (!operates(grant) || grant.ecsInstanceIds === undefined) return [];
  return grant.access === 'full' ? [...BACKENDS, ...NEW_GROUPS] : BACKENDS;
};
const changes = (grant: SlbGrant): readonly string[] => [
  ...(operates(grant) ? SWITCHES : []),
  ...(grant.access === 'full' ? SETTINGS : []),
  ...backendChanges(grant),
];

function needsOf(grant: SlbGrant, owner: AccountId): readonly GrantStatement[] {
  const held = changes(grant);
  const needs = [
    {
      actions: [...READS, ...held.filter((action) => action !== REMOVAL)],
      resources: balancerArns(grant, owner),
    },
    {
      actions: held.filter((action) => action === REMOVAL),
      resources: balancerArns(grant, owner),
      unavoidablyWider:
        'CLB checks the removal of a backend against no ECS instance, so any backend of these load balancers can be taken off',
    },
    { actions: backendChanges(grant), resources: ecsArns(grant, owner) },
  ];
  return needs.filter(({ actions, resources }) => actions.length > 0 && resources.length > 0);
}

export const clb: Product<SlbGrant> = {
  issuesOf: balancerIssues,
  statementsOf: needsOf,
  rightsOf: (grant, owner) =>
    needsOf(grant, owner).flatMap(({ actions, resources }) => rightsOn(actions, resources)),

  refusedOf: (grant, owner) => {
    const held = changes(grant);
    const notHeld = [...SWITCHES, ...SETTINGS, ...BACKENDS, ...NEW_GROUPS].filter(
      (action) => !held.includes(action),
    );
    return [
      ...rightsOn(['slb:DescribeLoadBalancerAttribute', ...held], beside(balancerArns(grant, owner))),
      ...rightsOn([...NEVER, ...notHeld], balancerArns(grant, owner)),
      ...rightsOn(backendChanges(grant), beside(ecsArns(grant, owner))),
      ...rightsOn(
        ['slb:UploadServerCertificate', 'slb:DeleteServerCertificate'],
        [`acs:slb:${grant.region}:${owner}:certificate/*`],
      ),
      ...rightsOn(['slb:AddAccessControlListEntry'], [`acs:slb:${grant.region}:${owner}:acl/*`]),
    ];
  },

  probesOf: (grant, owner) => grant.loadBalancerIds.map((id) => probe(grant, owner, id)),
  neighboursOf: (grant, owner) => [
    neighbourSearch({ product: 'Slb', version: VERSION, action: 'DescribeLoadBalancers' }, grant, (id) =>
      probe(grant, owner, id),
    ),
  ],
  idsOf: balancedIds,
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
  proves: rightsOn(['slb:DescribeLoadBalancerAttribute'], [arnOf('slb', grant, owner, id)]),
});
