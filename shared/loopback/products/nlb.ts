/** NLB 2022-04-30. Listeners and server groups have ARNs of their own. Source: "RAM authentication" of NLB. */
import type { RpcService } from '../kernel.js';
import { balancerIdsIn, balancersOf, described, listenersOf, tokenPaged } from './load-balancers.js';
import { listIn } from './params.js';
import type { LoadBalancer } from './seed.js';
import type { Shelf } from './shelf.js';

const CODES = { denied: 'Forbidden.NoPermission', notFound: 'ResourceNotFound.loadBalancer' };

export function nlbService(shelf: Shelf): RpcService {
  const { demand, all, named } = balancersOf(shelf, 'nlb', CODES);
  /** Ids narrow what is shown, not what is checked: only the wildcard is documented. */
  const narrowed = (balancers: readonly LoadBalancer[], ids: readonly string[]) =>
    balancers.filter((one) => ids.length === 0 || ids.includes(one.loadBalancerId));
  return {
    product: 'Nlb',
    version: '2022-04-30',
    actions: {
      ListLoadBalancers: (call) => {
        demand(call, 'nlb:ListLoadBalancers', 'loadbalancer/*');
        const shown = narrowed(all(call), balancerIdsIn(call));
        return tokenPaged(
          call,
          'LoadBalancers',
          shown.map((one) => ({ ...described(one, 'nlb'), RegionId: call.region })),
        );
      },
      GetLoadBalancerAttribute: (call) => ({
        ...described(named(call, 'nlb:GetLoadBalancerAttribute'), 'nlb'),
        RegionId: call.region,
      }),
      ListListeners: (call) => {
        demand(call, 'nlb:ListListeners', 'listener/*');
        return tokenPaged(
          call,
          'Listeners',
          listenersOf(narrowed(all(call), balancerIdsIn(call)), 'TCP').map((listener) => ({
            ...listener,
            RegionId: call.region,
          })),
        );
      },
      ListServerGroups: (call) => {
        const ids = listIn(call.params, 'ServerGroupIds');
        for (const id of ids.length === 0 ? ['*'] : ids)
          demand(call, 'nlb:ListServerGroups', `servergroup/${id}`);
        return tokenPaged(
          call,
          'ServerGroups',
          groupsOf(all(call)).filter(({ ServerGroupId }) => ids.length === 0 || ids.includes(ServerGroupId)),
        );
      },
    },
  };
}

/** Each group once, with the load balancers that use it. */
function groupsOf(balancers: readonly LoadBalancer[]) {
  const ids = new Set(balancers.flatMap(({ serverGroupIds = [] }) => serverGroupIds));
  return [...ids].map((ServerGroupId) => ({
    ServerGroupId,
    ServerGroupName: ServerGroupId,
    ServerGroupStatus: 'Available',
    ServerGroupType: 'Instance',
    Protocol: 'TCP',
    RelatedLoadBalancerIds: balancers
      .filter(({ serverGroupIds = [] }) => serverGroupIds.includes(ServerGroupId))
      .map(({ loadBalancerId }) => loadBalancerId),
  }));
}
