/** What CLB, ALB and NLB have in common. Source: their "RAM authentication" tables and API pages. */
import type { RpcCall } from '../kernel.js';
import { listIn, pageByToken, required } from './params.js';
import type { LoadBalancer } from './seed.js';
import { found, type Shelf } from './shelf.js';

export interface Codes {
  readonly denied: string;
  readonly notFound: string;
}

const RAM_CODES = { clb: 'slb', alb: 'alb', nlb: 'nlb' } as const;
/** Of `MaxResults`, of ALB and NLB. */
const DEFAULT_RESULTS = 20;
const MAX_RESULTS = 100;

export function balancersOf(shelf: Shelf, kind: LoadBalancer['kind'], codes: Codes) {
  const arn = (call: RpcCall, rest: string) => `acs:${RAM_CODES[kind]}:${call.region}:{uid}:${rest}`;
  const all = (call: RpcCall): readonly LoadBalancer[] =>
    shelf.of(call.caller).loadBalancers.filter((one) => one.kind === kind && one.region === call.region);
  const demand = (call: RpcCall, action: string, rest: string): void =>
    shelf.demand(call.caller, action, arn(call, rest), codes.denied);
  const missing = (id: string) => [404, codes.notFound, `load balancer ${id}`] as const;
  const findIn = (call: RpcCall, id: string): LoadBalancer | undefined =>
    all(call).find((balancer) => balancer.loadBalancerId === id);
  const find = (call: RpcCall, id: string): LoadBalancer => found(findIn(call, id), ...missing(id));
  return {
    demand,
    all,
    find,
    /** The one that the call names. */
    named: (call: RpcCall, action: string): LoadBalancer => {
      const id = required(call.params, 'LoadBalancerId');
      const known = findIn(call, id);
      // Only NLB is documented to authorise by resource group.
      const group = kind === 'nlb' ? known?.resourceGroupId : undefined;
      return shelf.named(known, missing(id), () =>
        shelf.demand(call.caller, action, arn(call, `loadbalancer/${id}`), codes.denied, group),
      );
    },
    /** Those with `ids`, authorised each; all of them, authorised on the wildcard, when there are no ids. */
    among: (call: RpcCall, action: string, ids: readonly string[]): readonly LoadBalancer[] => {
      for (const id of ids.length === 0 ? ['*'] : ids) demand(call, action, `loadbalancer/${id}`);
      return all(call).filter((one) => ids.length === 0 || ids.includes(one.loadBalancerId));
    },
  };
}

/** Ids that narrow a list. */
export const balancerIdsIn = (call: RpcCall): readonly string[] => listIn(call.params, 'LoadBalancerIds');

/** A list's reply as ALB and NLB have it. */
export function tokenPaged(call: RpcCall, name: string, items: readonly object[]): object {
  const page = pageByToken(items, call.params, DEFAULT_RESULTS, MAX_RESULTS);
  return {
    TotalCount: items.length,
    MaxResults: page.maxResults,
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
    [name]: page.items,
  };
}

export const listenersOf = (balancers: readonly LoadBalancer[], protocol: string): readonly object[] =>
  balancers.flatMap(({ loadBalancerId, listenerPorts = [] }) =>
    listenerPorts.map((ListenerPort) => ({
      ListenerId: `lsn-${loadBalancerId}@${ListenerPort}`,
      ListenerPort,
      ListenerProtocol: protocol,
      ListenerStatus: 'Running',
      LoadBalancerId: loadBalancerId,
    })),
  );

/** A load balancer as ALB and NLB show it. */
export const described = ({ loadBalancerId, region }: LoadBalancer, type: string): object => ({
  LoadBalancerId: loadBalancerId,
  LoadBalancerName: loadBalancerId,
  LoadBalancerStatus: 'Active',
  LoadBalancerBusinessStatus: 'Normal',
  AddressType: 'Internet',
  AddressIpVersion: 'Ipv4',
  DNSName: `${loadBalancerId}.${region}.${type}.aliyuncs.com`,
});
