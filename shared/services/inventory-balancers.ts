/** What may be left behind on load balancers: listeners, server groups, and the servers behind them. */
import type { ApiCall } from '../domain/api-call.js';
import type { SlbGrant } from '../domain/grant.js';
import { member } from '../domain/member.js';
import { CHECK_IT, DELETE_IT, type InventoryList, PAGE, tokened, whole } from './inventory-list.js';
import { idsIn } from './replies.js';

export const clbLists = ({ region, loadBalancerIds }: SlbGrant): readonly InventoryList[] =>
  loadBalancerIds.flatMap((id) => balancerLists(region, id));

function balancerLists(region: SlbGrant['region'], id: string): readonly InventoryList[] {
  const place = `load balancer ${id} (${region})`;
  const call = (action: string, params: ApiCall['params'] = { LoadBalancerId: id }): ApiCall => ({
    product: 'Slb',
    version: '2014-05-15',
    region,
    action,
    params,
  });
  const attributes = call('DescribeLoadBalancerAttribute');
  return [
    {
      of: `backend of ${place}`,
      call: attributes,
      findIn: (reply) => idsIn(member(reply, 'BackendServers', 'BackendServer'), 'ServerId'),
      after: whole,
      next: CHECK_IT,
    },
    {
      of: `listener port of ${place}`,
      call: attributes,
      findIn: (reply) => {
        const ports = member(reply, 'ListenerPorts', 'ListenerPort');
        return Array.isArray(ports) ? [...new Set(ports.map(String))] : [];
      },
      after: whole,
      next: DELETE_IT,
    },
    {
      of: `vServer group of ${place}`,
      call: call('DescribeVServerGroups'),
      findIn: (reply) => idsIn(member(reply, 'VServerGroups', 'VServerGroup'), 'VServerGroupId'),
      after: whole,
      next: DELETE_IT,
      inEach: (group) => [
        {
          of: `backend in vServer group ${group} of ${place}`,
          call: call('DescribeVServerGroupAttribute', { VServerGroupId: group }),
          findIn: (reply) => serversIn(member(reply, 'BackendServers', 'BackendServer')),
          after: whole,
          next: CHECK_IT,
        },
      ],
    },
  ];
}

/** A server may be there by several ports: `i-x1, port 80`. */
const serversIn = (list: unknown): readonly string[] =>
  Array.isArray(list)
    ? list.map((one) => `${String(member(one, 'ServerId'))}, port ${String(member(one, 'Port'))}`)
    : [];

/** The rights that can be had put no server into a group. */
export const nlbLists = ({ region, loadBalancerIds }: SlbGrant): readonly InventoryList[] =>
  loadBalancerIds.map((id) => ({
    of: `listener of load balancer ${id} (${region})`,
    call: {
      product: 'Nlb',
      version: '2022-04-30',
      region,
      action: 'ListListeners',
      params: { 'LoadBalancerIds.1': id, MaxResults: `${PAGE}` },
    },
    findIn: (reply) => idsIn(member(reply, 'Listeners'), 'ListenerId'),
    after: tokened(['NextToken']),
    next: DELETE_IT,
  }));
