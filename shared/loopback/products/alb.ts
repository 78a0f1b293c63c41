/** ALB 2020-06-16. Listeners are authorised through their load balancer. Source: "RAM authentication" of ALB. */
import type { RpcService } from '../kernel.js';
import { balancerIdsIn, balancersOf, described, listenersOf, tokenPaged } from './load-balancers.js';
import type { Shelf } from './shelf.js';

const CODES = { denied: 'Forbidden.LoadBalancer', notFound: 'ResourceNotFound.LoadBalancer' };

export function albService(shelf: Shelf): RpcService {
  const { named, among } = balancersOf(shelf, 'alb', CODES);
  return {
    product: 'Alb',
    version: '2020-06-16',
    actions: {
      ListLoadBalancers: (call) =>
        tokenPaged(
          call,
          'LoadBalancers',
          among(call, 'alb:ListLoadBalancers', balancerIdsIn(call)).map((one) => described(one, 'alb')),
        ),
      GetLoadBalancerAttribute: (call) => ({
        ...described(named(call, 'alb:GetLoadBalancerAttribute'), 'alb'),
        RegionId: call.region,
      }),
      ListListeners: (call) =>
        tokenPaged(
          call,
          'Listeners',
          listenersOf(among(call, 'alb:ListListeners', balancerIdsIn(call)), 'HTTP'),
        ),
    },
  };
}
