/** What the three load balancers have in common. */
import type { ProductApi } from '../domain/api-call.js';
import type { SlbGrant } from '../domain/grant.js';
import { member } from '../domain/member.js';
import type { AccountId } from '../domain/values.js';
import { describeAs } from './describe.js';
import {
  groupUndocumented,
  NAME_FORMS,
  nameIssues,
  someNameIssues,
  unsupported,
  uselessIf,
} from './names.js';
import { idsIn } from './replies.js';
import type { GrantIssue, NeighbourSearch, PositiveProbe } from './types.js';

export const arnOf = (
  ramCode: 'slb' | 'alb' | 'nlb',
  grant: SlbGrant,
  owner: AccountId,
  id: string,
): string => `acs:${ramCode}:${grant.region}:${owner}:loadbalancer/${id}`;

/** Also `operate`, of which `full` is the wider form. */
export const operates = ({ access }: SlbGrant): boolean => access === 'operate' || access === 'full';

export function balancerIssues(grant: SlbGrant): readonly GrantIssue[] {
  const { kind, access } = grant;
  return [
    ...someNameIssues(grant.loadBalancerIds, NAME_FORMS.ID, '/loadBalancerIds'),
    ...nameIssues(grant.ecsInstanceIds, NAME_FORMS.ID, '/ecsInstanceIds'),
    ...nameIssues(grant.serverGroupIds, NAME_FORMS.ID, '/serverGroupIds'),
    ...(kind === 'nlb' ? [] : groupUndocumented(grant.resourceGroupId, kind.toUpperCase())),
    ...(access === 'publish' || access === 'subscribe'
      ? unsupported('a load balancer has no messages to publish or subscribe to')
      : []),
    ...(kind === 'clb' && operates(grant)
      ? []
      : uselessIf(grant.ecsInstanceIds, '/ecsInstanceIds', 'ECS instances matter only to operating a CLB')),
    ...(kind === 'nlb' && operates(grant)
      ? []
      : uselessIf(
          grant.serverGroupIds,
          '/serverGroupIds',
          'server groups have ARNs of their own only on NLB, and matter only to operating',
        )),
  ];
}

/** CLB wraps its list once more than ALB and NLB do. */
const balancersIn = (reply: unknown): readonly string[] =>
  idsIn(member(reply, 'LoadBalancers', 'LoadBalancer') ?? member(reply, 'LoadBalancers'), 'LoadBalancerId');

/** A page of the greatest size each list takes: CLB's `PageSize`, ALB's and NLB's `MaxResults`. */
export const neighbourSearch = (
  list: { readonly product: ProductApi; readonly version: string; readonly action: string },
  grant: SlbGrant,
  probe: (id: string) => PositiveProbe,
): NeighbourSearch => ({
  list: {
    ...list,
    region: grant.region,
    params: list.product === 'Slb' ? { PageSize: '100' } : { MaxResults: '100' },
  },
  findIn: balancersIn,
  granted: grant.loadBalancerIds,
  probe,
});

export const balancedIds = ({
  loadBalancerIds,
  serverGroupIds = [],
  ecsInstanceIds = [],
}: SlbGrant): readonly string[] => [...loadBalancerIds, ...serverGroupIds, ...ecsInstanceIds];

export const describeBalancers = (grant: SlbGrant): string =>
  describeAs(
    grant,
    `${grant.kind.toUpperCase()} load balancers ${grant.loadBalancerIds.join(', ')}`,
    { 'ECS instances as backends': grant.ecsInstanceIds, 'server groups': grant.serverGroupIds },
    grant.access === 'full' ? 'never their deletion, billing, certificates or access lists' : undefined,
  );
