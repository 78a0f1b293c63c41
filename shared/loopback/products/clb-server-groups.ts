/** Backends of CLB's vServer groups, each by a port of its own. Source: DescribeVServerGroupAttribute, AddVServerGroupBackendServers. */
import { numberIn } from '../json-values.js';
import type { Keeper } from '../keep/keeper.js';
import { ApiError, type RpcAction, type RpcCall } from '../kernel.js';
import type { balancersOf } from './load-balancers.js';
import { invalid, required } from './params.js';
import type { LoadBalancer } from './seed.js';
import type { Shelf } from './shelf.js';

const MAX_BACKENDS_A_CALL = 20;
const DEFAULT_WEIGHT = 100;

interface GroupBackend {
  readonly ServerId: string;
  readonly Port: number;
  readonly Weight: number;
  readonly Type: 'ecs';
}

export function serverGroupActions(
  shelf: Shelf,
  keeper: Keeper,
  { all, demand }: Pick<ReturnType<typeof balancersOf>, 'all' | 'demand'>,
): Readonly<Record<string, RpcAction>> {
  /** By account and group. */
  const kept = keeper.table<readonly GroupBackend[]>('clb/group-backends');
  const backends = new Map(kept.entries);
  const placeOf = (call: RpcCall, group: string): string => `${call.caller.accountId}/${group}`;

  /** Authorised on the load balancer that has the group; on all of them when none has. The code for a missing group is made. */
  const groupIn = (call: RpcCall, action: string): string => {
    const group = required(call.params, 'VServerGroupId');
    const has = ({ serverGroupIds = [] }: LoadBalancer) => serverGroupIds.includes(group);
    const balancer = all(call).find(has);
    shelf.named(balancer, [404, 'InvalidVServerGroupId.NotFound', `vServer group ${group}`], () =>
      demand(call, action, `loadbalancer/${balancer?.loadBalancerId ?? '*'}`),
    );
    return group;
  };
  const shown = (call: RpcCall, group: string): object => ({
    VServerGroupId: group,
    VServerGroupName: group,
    BackendServers: { BackendServer: backends.get(placeOf(call, group)) ?? [] },
  });

  const change =
    (action: string, apply: (have: Map<string, GroupBackend>, backend: GroupBackend) => void): RpcAction =>
    (call) => {
      const group = groupIn(call, action);
      const wanted = backendsIn(call);
      for (const { ServerId } of wanted)
        shelf.demand(call.caller, action, `acs:ecs:${call.region}:{uid}:instance/${ServerId}`);
      const there = shelf.of(call.caller).ecsInstanceIds;
      const missing = wanted.find(({ ServerId }) => !there.includes(ServerId));
      if (missing !== undefined)
        throw new ApiError(
          404,
          'InvalidBackendServers.NotFound',
          `ECS instance ${missing.ServerId} does not exist.`,
        );
      const have = new Map((backends.get(placeOf(call, group)) ?? []).map((one) => [keyOf(one), one]));
      for (const backend of wanted) apply(have, backend);
      const after = [...have.values()];
      backends.set(placeOf(call, group), after);
      kept.put(placeOf(call, group), after);
      return shown(call, group);
    };

  return {
    DescribeVServerGroupAttribute: (call) => shown(call, groupIn(call, 'slb:DescribeVServerGroupAttribute')),
    AddVServerGroupBackendServers: change('slb:AddVServerGroupBackendServers', (have, backend) => {
      have.set(keyOf(backend), backend);
    }),
    RemoveVServerGroupBackendServers: change('slb:RemoveVServerGroupBackendServers', (have, backend) => {
      have.delete(keyOf(backend));
    }),
  };
}

const keyOf = ({ ServerId, Port }: GroupBackend): string => `${ServerId}:${Port}`;

/** A JSON list of `{ServerId, Port, Weight?}`. */
function backendsIn({ params }: RpcCall): readonly GroupBackend[] {
  const list = parsed(required(params, 'BackendServers'));
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_BACKENDS_A_CALL)
    throw invalid('BackendServers', `must be a JSON list of 1 to ${MAX_BACKENDS_A_CALL} servers`);
  return list.map((item: unknown) => {
    const server: Readonly<Record<string, unknown>> =
      typeof item === 'object' && item !== null ? { ...item } : {};
    const { ServerId, Port, Weight = DEFAULT_WEIGHT } = server;
    const [port, weight] = [numberIn(Port), numberIn(Weight)];
    const isServer = typeof ServerId === 'string' && ServerId !== '';
    if (!isServer || !(port >= 1 && port <= 65_535) || !(weight >= 0 && weight <= 100))
      throw invalid('BackendServers', 'must name servers by ServerId and Port, with a Weight from 0 to 100');
    return { ServerId, Port: port, Weight: weight, Type: 'ecs' };
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
