/** Application Load Balancer. Only what its published tables show is granted. Source: ALB "RAM authentication". */
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
import { unsupported } from './names.js';
import { beside, rightsOn } from './rights.js';
import type { PositiveProbe, Product } from './types.js';

const VERSION = '2020-06-16';
/** Listeners have no ARN of their own: they are checked on the load balancer. */
const READS = [
  'alb:GetLoadBalancerAttribute',
  'alb:ListLoadBalancers',
  'alb:ListListeners',
  'alb:GetListenerAttribute',
];

const balancerArns = (grant: SlbGrant, owner: AccountId): readonly string[] =>
  grant.loadBalancerIds.map((id) => arnOf('alb', grant, owner, id));

export const alb: Product<SlbGrant> = {
  issuesOf: (grant) => [
    ...balancerIssues(grant),
    ...(operates(grant)
      ? unsupported(
          'ALB checks server groups against all resources, so operating cannot be limited to these load balancers; ask for read',
        )
      : []),
  ],
  statementsOf: (grant, owner) => [{ actions: READS, resources: balancerArns(grant, owner) }],
  rightsOf: (grant, owner) => rightsOn(READS, balancerArns(grant, owner)),
  refusedOf: (grant, owner) => [
    ...rightsOn(READS, beside(balancerArns(grant, owner))),
    ...rightsOn(['alb:AddServersToServerGroup'], ['*']),
    ...rightsOn(['alb:AddEntriesToAcl'], [`acs:alb:${grant.region}:${owner}:acl/*`]),
  ],
  probesOf: (grant, owner) => grant.loadBalancerIds.map((id) => probe(grant, owner, id)),
  neighboursOf: (grant, owner) => [
    neighbourSearch({ product: 'Alb', version: VERSION, action: 'ListLoadBalancers' }, grant, (id) =>
      probe(grant, owner, id),
    ),
  ],
  idsOf: balancedIds,
  describe: describeBalancers,
};

const probe = (grant: SlbGrant, owner: AccountId, id: string): PositiveProbe => ({
  call: {
    product: 'Alb',
    version: VERSION,
    region: grant.region,
    action: 'GetLoadBalancerAttribute',
    params: { LoadBalancerId: id },
  },
  proves: rightsOn(['alb:GetLoadBalancerAttribute'], [arnOf('alb', grant, owner, id)]),
});
