/** CLB (`Slb` 2014-05-15), ALB (2020-06-16) and NLB (2022-04-30). Source: their "RAM authentication" tables. */
import { ApiError, type RpcCall, type RpcService } from '../kernel.js';
import type { LoadBalancer } from './seed.js';
import { found, required, type Shelf } from './shelf.js';

const CODES = { clb: 'slb', alb: 'alb', nlb: 'nlb' } as const;

function common(shelf: Shelf, kind: LoadBalancer['kind']) {
  const arn = (call: RpcCall, id: string) => `acs:${CODES[kind]}:${call.region}:{uid}:loadbalancer/${id}`;
  const all = (call: RpcCall) =>
    shelf.of(call.caller).loadBalancers.filter((one) => one.kind === kind && one.region === call.region);
  const one = (call: RpcCall, action: string): LoadBalancer => {
    const id = required(call.params, 'LoadBalancerId');
    shelf.demand(call.caller, action, arn(call, id));
    return found(
      all(call).find((balancer) => balancer.loadBalancerId === id),
      404,
      kind === 'clb' ? 'InvalidLoadBalancerId.NotFound' : 'ResourceNotFound.loadBalancer',
      `load balancer ${id}`,
    );
  };
  return { arn, all, one };
}

export function clbService(shelf: Shelf): RpcService {
  const { arn, all, one } = common(shelf, 'clb');
  /** Checked twice with the same action: on the load balancer and on every ECS instance. */
  const changeBackends = (action: string) => (call: RpcCall) => {
    const balancer = one(call, action);
    for (const id of serverIdsIn(call.params)) {
      shelf.demand(call.caller, action, `acs:ecs:${call.region}:{uid}:instance/${id}`);
      if (!shelf.of(call.caller).ecsInstanceIds.includes(id))
        throw new ApiError(404, 'InvalidBackendServers.NotFound', `ECS instance ${id} does not exist.`);
    }
    return {
      LoadBalancerId: balancer.loadBalancerId,
      BackendServers: {
        BackendServer: serverIdsIn(call.params).map((ServerId) => ({ ServerId, Weight: 100 })),
      },
    };
  };
  return {
    product: 'Slb',
    version: '2014-05-15',
    actions: {
      DescribeLoadBalancers: (call) => {
        shelf.demand(
          call.caller,
          'slb:DescribeLoadBalancers',
          arn(call, call.params['LoadBalancerId'] ?? '*'),
        );
        const here = all(call);
        return {
          TotalCount: here.length,
          PageNumber: 1,
          PageSize: 50,
          LoadBalancers: {
            LoadBalancer: here.map(({ loadBalancerId }) => ({
              LoadBalancerId: loadBalancerId,
              RegionId: call.region,
              LoadBalancerStatus: 'active',
            })),
          },
        };
      },
      DescribeLoadBalancerAttribute: (call) => ({
        LoadBalancerId: one(call, 'slb:DescribeLoadBalancerAttribute').loadBalancerId,
        RegionId: call.region,
        LoadBalancerStatus: 'active',
      }),
      DescribeHealthStatus: (call) => {
        one(call, 'slb:DescribeHealthStatus');
        return { BackendServers: { BackendServer: [] } };
      },
      DescribeVServerGroups: (call) => {
        one(call, 'slb:DescribeVServerGroups');
        return { VServerGroups: { VServerGroup: [] } };
      },
      AddBackendServers: changeBackends('slb:AddBackendServers'),
      RemoveBackendServers: changeBackends('slb:RemoveBackendServers'),
    },
  };
}

/** `BackendServers` is a JSON list of `{ServerId}` or of ids. */
function serverIdsIn(params: Readonly<Record<string, string>>): readonly string[] {
  try {
    const list = JSON.parse(required(params, 'BackendServers')) as readonly (
      | string
      | { readonly ServerId: string }
    )[];
    return list.map((server) => (typeof server === 'string' ? server : server.ServerId));
  } catch {
    throw new ApiError(400, 'InvalidParameter', 'BackendServers must be a JSON list.');
  }
}

export function albService(shelf: Shelf): RpcService {
  const { arn, all, one } = common(shelf, 'alb');
  return {
    product: 'Alb',
    version: '2020-06-16',
    actions: {
      ListLoadBalancers: (call) => {
        shelf.demand(call.caller, 'alb:ListLoadBalancers', arn(call, '*'));
        return listed(call, all(call));
      },
      GetLoadBalancerAttribute: (call) => ({
        LoadBalancerId: one(call, 'alb:GetLoadBalancerAttribute').loadBalancerId,
        RegionId: call.region,
        LoadBalancerStatus: 'Active',
      }),
      ListListeners: (call) => {
        shelf.demand(call.caller, 'alb:ListListeners', arn(call, '*'));
        return { TotalCount: 0, Listeners: [] };
      },
    },
  };
}

export function nlbService(shelf: Shelf): RpcService {
  const { arn, all, one } = common(shelf, 'nlb');
  return {
    product: 'Nlb',
    version: '2022-04-30',
    actions: {
      ListLoadBalancers: (call) => {
        shelf.demand(call.caller, 'nlb:ListLoadBalancers', arn(call, '*'));
        return listed(call, all(call));
      },
      GetLoadBalancerAttribute: (call) => ({
        LoadBalancerId: one(call, 'nlb:GetLoadBalancerAttribute').loadBalancerId,
        RegionId: call.region,
        LoadBalancerStatus: 'Active',
      }),
      ListListeners: (call) => {
        shelf.demand(call.caller, 'nlb:ListListeners', `acs:nlb:${call.region}:{uid}:listener/*`);
        return { TotalCount: 0, Listeners: [] };
      },
      ListServerGroups: (call) => {
        shelf.demand(call.caller, 'nlb:ListServerGroups', `acs:nlb:${call.region}:{uid}:servergroup/*`);
        return { TotalCount: 0, ServerGroups: [] };
      },
    },
  };
}

const listed = (call: RpcCall, balancers: readonly LoadBalancer[]): object => ({
  TotalCount: balancers.length,
  LoadBalancers: balancers.map(({ loadBalancerId }) => ({
    LoadBalancerId: loadBalancerId,
    RegionId: call.region,
    LoadBalancerStatus: 'Active',
  })),
});
