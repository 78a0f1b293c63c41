/** Network Load Balancer: listeners and server groups have ARNs of their own. Source: NLB "RAM authentication". */
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

const VERSION = '2022-04-30';
/** Lists of load balancers, listeners and server groups are checked on all of the account, so `read` has none. */
const READS = ['nlb:GetLoadBalancerAttribute'];
const SWITCHES = ['nlb:UpdateLoadBalancerAttribute'];
/** They decide where a load balancer stands and who reaches it. */
const SETTINGS = [
  'nlb:UpdateLoadBalancerAddressTypeConfig',
  'nlb:UpdateLoadBalancerZones',
  'nlb:EnableLoadBalancerIpv6Internet',
  'nlb:DisableLoadBalancerIpv6Internet',
];
/** What the tables show on a server group; adding servers is not among it. */
const GROUP_CHANGES = [
  'nlb:UpdateServerGroupAttribute',
  'nlb:ListServerGroups',
  'nlb:RemoveServersFromServerGroup',
];
const NEVER = ['nlb:DeleteLoadBalancer', 'nlb:AttachCommonBandwidthPackageToLoadBalancer'];

const balancerArns = (grant: SlbGrant, owner: AccountId): readonly string[] =>
  grant.loadBalancerIds.map((id) => arnOf('nlb', grant, owner, id));
/** `servergroup`, all in lower case. */
const groupArns = (grant: SlbGrant, owner: AccountId): readonly string[] =>
  (grant.serverGroupIds ?? []).map((id) => `acs:nlb:${grant.region}:${owner}:servergroup/${id}`);

const changes = (grant: SlbGrant): readonly string[] => [
  ...(operates(grant) ? SWITCHES : []),
  ...(grant.access === 'full' ? SETTINGS : []),
];

function needsOf(grant: SlbGrant, owner: AccountId): readonly GrantStatement[] {
  const needs = [
    { actions: [...READS, ...changes(grant)], resources: balancerArns(grant, owner) },
    { actions: operates(grant) ? GROUP_CHANGES : [], resources: groupArns(grant, owner) },
  ];
  return needs.filter(({ actions, resources }) => actions.length > 0 && resources.length > 0);
}

export const nlb: Product<SlbGrant> = {
  issuesOf: balancerIssues,
  statementsOf: needsOf,
  rightsOf: (grant, owner) =>
    needsOf(grant, owner).flatMap(({ actions, resources }) => rightsOn(actions, resources)),
  refusedOf: (grant, owner) => {
    const held = changes(grant);
    const notHeld = [...SWITCHES, ...SETTINGS].filter((action) => !held.includes(action));
    return [
      ...rightsOn([...READS, ...held], beside(balancerArns(grant, owner))),
      ...rightsOn([...NEVER, ...notHeld], balancerArns(grant, owner)),
      ...rightsOn(operates(grant) ? GROUP_CHANGES : [], beside(groupArns(grant, owner))),
    ];
  },
  probesOf: (grant, owner) => grant.loadBalancerIds.map((id) => probe(grant, owner, id)),
  neighboursOf: (grant, owner) => [
    neighbourSearch({ product: 'Nlb', version: VERSION, action: 'ListLoadBalancers' }, grant, (id) =>
      probe(grant, owner, id),
    ),
  ],
  idsOf: balancedIds,
  describe: describeBalancers,
};

const probe = (grant: SlbGrant, owner: AccountId, id: string): PositiveProbe => ({
  call: {
    product: 'Nlb',
    version: VERSION,
    region: grant.region,
    action: 'GetLoadBalancerAttribute',
    params: { LoadBalancerId: id },
  },
  proves: rightsOn(['nlb:GetLoadBalancerAttribute'], [arnOf('nlb', grant, owner, id)]),
});
