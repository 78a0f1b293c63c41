/** ApsaraMQ for RabbitMQ 2019-12-12. Source: "Custom permission policy reference" and the API pages of amqp-open. */
import type { Cloud, RpcCall, RpcService } from '../kernel.js';
import { pageByToken, required } from './params.js';
import { type StaticAccounts, staticAccountActions } from './rabbitmq-accounts.js';
import { isByReply, type ProductReadings } from './readings.js';
import type { RabbitmqInstance } from './seed.js';
import { found, type Shelf } from './shelf.js';

const MAX_RESULTS = 100;

export function rabbitmqService(
  cloud: Cloud,
  shelf: Shelf,
  readings: ProductReadings,
  accounts: StaticAccounts,
): RpcService {
  const arn = (call: RpcCall, rest: string) => `acs:amqp:${call.region}:{uid}:/instances/${rest}`;
  const named = (call: RpcCall, id: string, demand: () => void): RabbitmqInstance =>
    shelf.named(
      shelf.of(call.caller).rabbitmq.find((one) => one.instanceId === id && one.region === call.region),
      [404, 'InstanceNotExist', `instance ${id}`],
      demand,
    );
  const namesIn = (call: RpcCall, action: string, kind: 'queues' | 'exchanges') => {
    const id = required(call.params, 'InstanceId');
    const vhost = required(call.params, 'VirtualHost');
    const hosts = named(call, id, () => {
      shelf.demand(call.caller, 'amqp:GetInstance', arn(call, id));
      shelf.demand(call.caller, action, arn(call, `${id}/vhosts/${vhost}/${kind}/*`));
    }).virtualHosts;
    // The code for a missing virtual host is not documented; made after that for a missing instance.
    const host = Object.hasOwn(hosts, vhost) ? hosts[vhost] : undefined;
    return {
      vhost,
      names: found(host, 404, 'VirtualHostNotExist', `virtual host ${vhost}`)[kind],
    };
  };
  return {
    product: 'amqp-open',
    version: '2019-12-12',
    methods: {
      ListInstances: 'GET',
      ListVirtualHosts: 'GET',
      ListQueues: 'GET',
      ListExchanges: 'GET',
      ListAccounts: 'POST',
      CreateAccount: 'POST',
      DeleteAccount: 'POST',
    },
    refusal: (error) =>
      isByReply(readings, error)
        ? { Code: error.code, Message: error.message, Success: false, Data: null }
        : undefined,
    actions: {
      ...staticAccountActions(cloud, shelf, accounts, readings),
      ListInstances: (call) => {
        required(call.params, 'MaxResults');
        shelf.demand(call.caller, 'amqp:ListInstance', arn(call, '*'));
        const here = shelf.of(call.caller).rabbitmq.filter((one) => one.region === call.region);
        return paged(call, 'Instances', here, (one) => described(one));
      },
      ListVirtualHosts: (call) => {
        const id = required(call.params, 'InstanceId');
        required(call.params, 'MaxResults');
        const { virtualHosts } = named(call, id, () => {
          shelf.demand(call.caller, 'amqp:GetInstance', arn(call, id));
          // On the virtual hosts in one document, on the instance in the other: either form will do.
          if (!shelf.allows(call.caller, 'amqp:ListVhost', arn(call, `${id}/vhosts/*`)))
            shelf.demand(call.caller, 'amqp:ListVhost', arn(call, id));
        });
        return paged(call, 'VirtualHosts', Object.keys(virtualHosts), (Name) => ({ Name }));
      },
      ListQueues: (call) => {
        required(call.params, 'MaxResults');
        const { vhost, names } = namesIn(call, 'amqp:ListQueue', 'queues');
        return paged(call, 'Queues', names, (Name) => ({
          Name,
          VHostName: vhost,
          OwnerId: call.caller.accountId,
          ExclusiveState: false,
          AutoDeleteState: false,
          Attributes: {},
        }));
      },
      ListExchanges: (call) => {
        required(call.params, 'MaxResults');
        const { vhost, names } = namesIn(call, 'amqp:ListExchange', 'exchanges');
        return paged(call, 'Exchanges', names, (Name) => ({
          Name,
          VHostName: vhost,
          ExchangeType: 'DIRECT',
          AutoDeleteState: false,
          Attributes: {},
        }));
      },
    },
  };
}

/** An empty `NextToken` says that all was read. */
function paged<T>(call: RpcCall, name: string, items: readonly T[], shown: (item: T) => object): object {
  const page = pageByToken(items, call.params, MAX_RESULTS, MAX_RESULTS);
  return {
    Data: { MaxResults: page.maxResults, NextToken: page.nextToken ?? '', [name]: page.items.map(shown) },
  };
}

/** Nothing listens at the endpoints. */
const described = ({ instanceId, region }: RabbitmqInstance): object => ({
  InstanceId: instanceId,
  InstanceName: instanceId,
  InstanceType: 'PROFESSIONAL',
  Status: 'SERVING',
  OrderType: 'PRE_PAID',
  SupportEIP: true,
  MaxVhost: 50,
  MaxQueue: 1000,
  PrivateEndpoint: `${instanceId}.mq-amqp.${region}-internal.aliyuncs.com`,
  PublicEndpoint: `${instanceId}.mq-amqp.${region}-a.aliyuncs.com`,
});
