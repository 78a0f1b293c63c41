/** What the three load balancers have in common. */
import type { ProductApi } from '../domain/api-call.js';
import type { SlbGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { groupUnsupported, NAME_FORMS, nameIssues, unsupported, useless } from './names.js';
import { field, idsIn } from './replies.js';
import type { GrantIssue, NeighbourSearch, PositiveProbe } from './types.js';

export const arnOf = (
  ramCode: 'slb' | 'alb' | 'nlb',
  grant: SlbGrant,
  owner: AccountId,
  id: string,
): string => `acs:${ramCode}:${grant.region}:${owner}:loadbalancer/${id}`;

export function balancerIssues(grant: SlbGrant): readonly GrantIssue[] {
  const { kind, access } = grant;
  return [
    ...nameIssues(grant.loadBalancerIds, NAME_FORMS.ID, '/loadBalancerIds'),
    ...nameIssues(grant.ecsInstanceIds, NAME_FORMS.ID, '/ecsInstanceIds'),
    ...nameIssues(grant.serverGroupIds, NAME_FORMS.ID, '/serverGroupIds'),
    ...(kind === 'nlb' ? [] : groupUnsupported(grant.resourceGroupId, kind.toUpperCase())),
    ...(access === 'publish' || access === 'subscribe'
      ? unsupported('a load balancer has no messages to publish or subscribe to')
      : []),
    ...(kind !== 'clb' || access !== 'operate'
      ? uselessIf(grant.ecsInstanceIds, '/ecsInstanceIds', 'ECS instances matter to CLB operate only')
      : []),
    ...(kind !== 'nlb' || access !== 'operate'
      ? uselessIf(
          grant.serverGroupIds,
          '/serverGroupIds',
          'server groups have ARNs of their own on NLB only, for operate',
        )
      : []),
  ];
}

const uselessIf = (given: unknown, pointer: string, message: string): readonly GrantIssue[] =>
  given === undefined ? [] : useless(pointer, message);

/** CLB wraps its list once more than ALB and NLB do. */
const balancersIn = (reply: unknown): readonly string[] =>
  idsIn(field(reply, 'LoadBalancers', 'LoadBalancer') ?? field(reply, 'LoadBalancers'), 'LoadBalancerId');

export const neighbourSearch = (
  list: { readonly product: ProductApi; readonly version: string; readonly action: string },
  grant: SlbGrant,
  probe: (id: string) => PositiveProbe,
): NeighbourSearch => ({
  list: { ...list, region: grant.region, params: {} },
  findIn: balancersIn,
  granted: grant.loadBalancerIds,
  probe,
});

export const describeBalancers = (grant: SlbGrant): string =>
  [
    `${grant.access} ${grant.kind.toUpperCase()} load balancers ${grant.loadBalancerIds.join(', ')} (${grant.region})`,
    ...(grant.ecsInstanceIds === undefined
      ? []
      : [`with ECS instances ${grant.ecsInstanceIds.join(', ')} as backends`]),
    ...(grant.serverGroupIds === undefined ? [] : [`server groups ${grant.serverGroupIds.join(', ')}`]),
  ].join(', ');
