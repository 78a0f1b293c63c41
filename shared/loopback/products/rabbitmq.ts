/** ApsaraMQ for RabbitMQ 2019-12-12. Source: "Custom permission policy reference" and the API pages of amqp-open. */
import type { RpcCall, RpcService } from '../kernel.js';
import type { RabbitmqInstance } from './seed.js';
import { found, required, type Shelf } from './shelf.js';

export function rabbitmqService(shelf: Shelf): RpcService {
  const arn = (call: RpcCall, rest: string) => `acs:amqp:${call.region}:{uid}:/instances/${rest}`;
  const find = (call: RpcCall, id: string): RabbitmqInstance =>
    found(
      shelf.of(call.caller).rabbitmq.find((one) => one.instanceId === id && one.region === call.region),
      404,
      'InstanceNotExist',
      `instance ${id}`,
    );
  const contents = (call: RpcCall, action: string, kind: 'queues' | 'exchanges') => {
    const id = required(call.params, 'InstanceId');
    const vhost = required(call.params, 'VirtualHost');
    shelf.demand(call.caller, 'amqp:GetInstance', arn(call, id));
    shelf.demand(call.caller, action, arn(call, `${id}/vhosts/${vhost}/${kind}/*`));
    return {
      vhost,
      names: found(find(call, id).virtualHosts[vhost], 404, 'VirtualHostNotExist', `virtual host ${vhost}`)[
        kind
      ],
    };
  };
  return {
    product: 'amqp-open',
    version: '2019-12-12',
    actions: {
      ListInstances: (call) => {
        shelf.demand(call.caller, 'amqp:ListInstance', arn(call, '*'));
        const here = shelf.of(call.caller).rabbitmq.filter((one) => one.region === call.region);
        return {
          Data: {
            MaxResults: 100,
            Instances: here.map(({ instanceId }) => ({
              InstanceId: instanceId,
              InstanceName: instanceId,
              Status: 'SERVING',
            })),
          },
        };
      },
      ListVirtualHosts: (call) => {
        const id = required(call.params, 'InstanceId');
        shelf.demand(call.caller, 'amqp:GetInstance', arn(call, id));
        // On the instance in one document, on its virtual hosts in the other: either form will do.
        if (!shelf.allowsAny(call.caller, 'amqp:ListVhost', [arn(call, id), arn(call, `${id}/vhosts/*`)]))
          shelf.demand(call.caller, 'amqp:ListVhost', arn(call, id));
        return {
          Data: {
            MaxResults: 100,
            VirtualHosts: Object.keys(find(call, id).virtualHosts).map((Name) => ({ Name })),
          },
        };
      },
      ListQueues: (call) => {
        const { vhost, names } = contents(call, 'amqp:ListQueue', 'queues');
        return { Data: { MaxResults: 100, Queues: names.map((Name) => ({ Name, VHostName: vhost })) } };
      },
      ListExchanges: (call) => {
        const { vhost, names } = contents(call, 'amqp:ListExchange', 'exchanges');
        return { Data: { MaxResults: 100, Exchanges: names.map((Name) => ({ Name, VHostName: vhost })) } };
      },
    },
  };
}
