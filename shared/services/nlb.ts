/** Network Load Balancer: listeners and server groups have ARNs of their own. Source: NLB "RAM authentication". */
import type { SlbGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { arnOf, balancerIssues, describeBalancers, neighbourSearch } from './load-balancer.js';
import { missing, unsupported } from './names.js';
import type { PositiveProbe, Product, Right } from './types.js';

const VERSION = '2022-04-30';
const READS = ['nlb:GetLoadBalancerAttribute'];
/** What the tables show on a server group; adding servers is not among it. */
const GROUP_CHANGES = [
  'nlb:ListServerGroups',
  'nlb:UpdateServerGroupAttribute',
  'nlb:RemoveServersFromServerGroup',
];

/** All in lower case. */
const groupArn = (grant: SlbGrant, owner: AccountId, id: string): string =>
  `acs:nlb:${grant.region}:${owner}:servergroup/${id}`;
const groupsOf = (grant: SlbGrant): readonly string[] => grant.serverGroupIds ?? [];

export const nlb: Product<SlbGrant> = {
  issuesOf: (grant) => [
    ...balancerIssues(grant),
    ...(grant.access === 'full'
      ? unsupported('full would include deleting the load balancer; ask for operate')
      : []),
    ...(grant.access === 'operate' && groupsOf(grant).length === 0
      ? missing('/serverGroupIds', 'name the server groups to operate')
      : []),
  ],
  statementsOf: (grant, owner) => [
    { actions: READS, resources: grant.loadBalancerIds.map((id) => arnOf('nlb', grant, owner, id)) },
    ...(grant.access === 'operate'
      ? [{ actions: GROUP_CHANGES, resources: groupsOf(grant).map((id) => groupArn(grant, owner, id)) }]
      : []),
  ],
  rightsOf: (grant, owner) => [
    ...grant.loadBalancerIds.flatMap((id) =>
      READS.map((action): Right => ({ action, resource: arnOf('nlb', grant, owner, id) })),
    ),
    ...(grant.access === 'operate'
      ? groupsOf(grant).flatMap((id) =>
          GROUP_CHANGES.map((action): Right => ({ action, resource: groupArn(grant, owner, id) })),
        )
      : []),
  ],
  refusedOf: (grant, owner) => [
    ...grant.loadBalancerIds.flatMap((id): readonly Right[] => [
      { action: 'nlb:GetLoadBalancerAttribute', resource: arnOf('nlb', grant, owner, `${id}0`) },
      { action: 'nlb:DeleteLoadBalancer', resource: arnOf('nlb', grant, owner, id) },
    ]),
    ...groupsOf(grant).map(
      (id): Right => ({
        action: 'nlb:UpdateServerGroupAttribute',
        resource: groupArn(grant, owner, `${id}0`),
      }),
    ),
  ],
  probesOf: (grant, owner) => grant.loadBalancerIds.map((id) => probe(grant, owner, id)),
  neighboursOf: (grant, owner) => [
    neighbourSearch({ product: 'Nlb', version: VERSION, action: 'ListLoadBalancers' }, grant, (id) =>
      probe(grant, owner, id),
    ),
  ],
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
  proves: [{ action: 'nlb:GetLoadBalancerAttribute', resource: arnOf('nlb', grant, owner, id) }],
});
