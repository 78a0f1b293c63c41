/** CLB (`Slb` 2014-05-15): reads, and the default server group's backends. Source: "Authorize a RAM user", SLB API reference. */
import { numberIn } from '../json-values.js';
import type { Keeper } from '../keep/keeper.js';
import { ApiError, type RpcCall, type RpcService } from '../kernel.js';
import { serverGroupActions } from './clb-server-groups.js';
import { balancersOf } from './load-balancers.js';
import { integerIn, invalid, pageOf, required } from './params.js';
import type { LoadBalancer } from './seed.js';
import type { Shelf } from './shelf.js';

const CODES = { denied: 'NoPermission', notFound: 'InvalidLoadBalancerId.NotFound' };
const DEFAULT_PAGE = 50;
const MAX_PAGE = 100;
const MAX_IDS = 10;
const MAX_BACKENDS_A_CALL = 20;
const DEFAULT_WEIGHT = 100;

interface Backend {
  readonly ServerId: string;
  readonly Weight: number;
  readonly Type: 'ecs';
}

export function clbService(shelf: Shelf, keeper: Keeper): RpcService {
  const balancers = balancersOf(shelf, 'clb', CODES);
  const { named, among, demand, find } = balancers;
  /** By account and load balancer. */
  const kept = keeper.table<readonly Backend[]>('clb/backends');
  const backends = new Map(kept.entries);
  const placeOf = (call: RpcCall, { loadBalancerId }: LoadBalancer): string =>
    `${call.caller.accountId}/${loadBalancerId}`;
  const backendsOf = (call: RpcCall, balancer: LoadBalancer): readonly Backend[] =>
    backends.get(placeOf(call, balancer)) ?? [];

  /** Checked with one action on the load balancer and on every ECS instance; looked for only after all of that. */
  const changeBackends =
    (action: string, change: (have: Map<string, Backend>, backend: Backend) => void) => (call: RpcCall) => {
      const id = required(call.params, 'LoadBalancerId');
      const wanted = backendsIn(call);
      demand(call, action, `loadbalancer/${id}`);
      for (const { ServerId } of wanted)
        shelf.demand(call.caller, action, `acs:ecs:${call.region}:{uid}:instance/${ServerId}`, CODES.denied);
      const balancer = find(call, id);
      const missing = wanted.find(({ ServerId }) => !shelf.of(call.caller).ecsInstanceIds.includes(ServerId));
      // The code for a missing ECS instance was not found in the documents.
      if (missing !== undefined)
        throw new ApiError(
          404,
          'InvalidBackendServers.NotFound',
          `ECS instance ${missing.ServerId} does not exist.`,
        );
      const have = new Map(backendsOf(call, balancer).map((backend) => [backend.ServerId, backend]));
      for (const backend of wanted) change(have, backend);
      const after = [...have.values()];
      backends.set(placeOf(call, balancer), after);
      kept.put(placeOf(call, balancer), after);
      return { LoadBalancerId: id, BackendServers: { BackendServer: after } };
    };

  return {
    product: 'Slb',
    version: '2014-05-15',
    actions: {
      DescribeLoadBalancers: (call) => {
        const ids = (call.params['LoadBalancerId'] ?? '').split(',').filter((id) => id !== '');
        if (ids.length > MAX_IDS) throw invalid('LoadBalancerId', `may name at most ${MAX_IDS}`);
        const PageNumber = integerIn(call.params, 'PageNumber', 1);
        const PageSize = integerIn(call.params, 'PageSize', DEFAULT_PAGE, MAX_PAGE);
        const seen = among(call, 'slb:DescribeLoadBalancers', ids);
        return {
          TotalCount: seen.length,
          PageNumber,
          PageSize,
          LoadBalancers: { LoadBalancer: pageOf(seen, PageNumber, PageSize).map(described) },
        };
      },
      DescribeLoadBalancerAttribute: (call) => {
        const balancer = named(call, 'slb:DescribeLoadBalancerAttribute');
        const { listenerPorts = [] } = balancer;
        return {
          ...described(balancer),
          ListenerPorts: { ListenerPort: listenerPorts },
          ListenerPortsAndProtocol: {
            ListenerPortAndProtocol: listenerPorts.map((ListenerPort) => ({
              ListenerPort,
              ListenerProtocol: 'tcp',
            })),
          },
          BackendServers: { BackendServer: backendsOf(call, balancer) },
        };
      },
      DescribeHealthStatus: (call) => {
        const balancer = named(call, 'slb:DescribeHealthStatus');
        const { listenerPorts = [] } = balancer;
        return {
          BackendServers: {
            BackendServer: listenerPorts.flatMap((ListenerPort) =>
              backendsOf(call, balancer).map(({ ServerId, Type }) => ({
                ServerId,
                Type,
                ListenerPort,
                Port: ListenerPort,
                Protocol: 'tcp',
                ServerHealthStatus: 'normal',
              })),
            ),
          },
        };
      },
      DescribeVServerGroups: (call) => {
        const { serverGroupIds = [] } = named(call, 'slb:DescribeVServerGroups');
        return {
          VServerGroups: {
            VServerGroup: serverGroupIds.map((VServerGroupId) => ({
              VServerGroupId,
              VServerGroupName: VServerGroupId,
            })),
          },
        };
      },
      AddBackendServers: changeBackends('slb:AddBackendServers', (have, backend) => {
        have.set(backend.ServerId, backend);
      }),
      RemoveBackendServers: changeBackends('slb:RemoveBackendServers', (have, { ServerId }) => {
        have.delete(ServerId);
      }),
      ...serverGroupActions(shelf, keeper, balancers),
    },
  };
}

const described = ({ loadBalancerId, region }: LoadBalancer): object => ({
  LoadBalancerId: loadBalancerId,
  LoadBalancerName: loadBalancerId,
  LoadBalancerStatus: 'active',
  RegionId: region,
  RegionIdAlias: region,
  AddressType: 'internet',
  AddressIPVersion: 'ipv4',
  NetworkType: 'classic',
});

/** A JSON list of `{ServerId, Weight?}`, or of ids as older clients send to remove. */
function backendsIn(call: RpcCall): readonly Backend[] {
  const text = required(call.params, 'BackendServers');
  const list = parsed(text);
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_BACKENDS_A_CALL)
    throw invalid('BackendServers', `must be a JSON list of 1 to ${MAX_BACKENDS_A_CALL} servers`);
  return list.map((item: unknown) => {
    const server: Readonly<Record<string, unknown>> =
      typeof item === 'object' && item !== null ? { ...item } : { ServerId: item };
    const { ServerId, Weight = DEFAULT_WEIGHT } = server;
    const weight = numberIn(Weight);
    if (typeof ServerId !== 'string' || ServerId === '' || !(weight >= 0 && weight <= 100))
      throw invalid('BackendServers', 'must name servers by ServerId, with a Weight from 0 to 100');
    return { ServerId, Weight: weight, Type: 'ecs' };
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
