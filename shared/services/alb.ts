/** Application Load Balancer. Only what its published tables show is granted. Source: ALB "RAM authentication". */
import type { SlbGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { arnOf, balancerIssues, describeBalancers, neighbourSearch } from './load-balancer.js';
import { unsupported } from './names.js';
import type { PositiveProbe, Product, Right } from './types.js';

const VERSION = '2020-06-16';
const READS = ['alb:GetLoadBalancerAttribute', 'alb:ListListeners', 'alb:GetListenerAttribute'];

export const alb: Product<SlbGrant> = {
  issuesOf: (grant) => [
    ...balancerIssues(grant),
    ...(grant.access === 'operate' || grant.access === 'full'
      ? unsupported(
          'ALB checks server groups against all resources, so operating cannot be limited to these load balancers; ask for read',
        )
      : []),
  ],
  statementsOf: (grant, owner) => [
    { actions: READS, resources: grant.loadBalancerIds.map((id) => arnOf('alb', grant, owner, id)) },
  ],
  rightsOf: (grant, owner) =>
    grant.loadBalancerIds.flatMap((id) =>
      READS.map((action): Right => ({ action, resource: arnOf('alb', grant, owner, id) })),
    ),
  refusedOf: (grant, owner) => [
    ...grant.loadBalancerIds.map(
      (id): Right => ({
        action: 'alb:GetLoadBalancerAttribute',
        resource: arnOf('alb', grant, owner, `${id}0`),
      }),
    ),
    { action: 'alb:AddServersToServerGroup', resource: '*' },
    { action: 'alb:AddEntriesToAcl', resource: `acs:alb:${grant.region}:${owner}:acl/a` },
  ],
  probesOf: (grant, owner) => grant.loadBalancerIds.map((id) => probe(grant, owner, id)),
  neighboursOf: (grant, owner) => [
    neighbourSearch({ product: 'Alb', version: VERSION, action: 'ListLoadBalancers' }, grant, (id) =>
      probe(grant, owner, id),
    ),
  ],
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
  proves: [{ action: 'alb:GetLoadBalancerAttribute', resource: arnOf('alb', grant, owner, id) }],
});
