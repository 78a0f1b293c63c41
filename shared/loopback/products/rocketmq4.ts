/** ApsaraMQ for RocketMQ 4.x (`Ons` 2019-02-14). Source: "RAM authorization" of the Ons API. */
import type { RpcCall, RpcService } from '../kernel.js';
import { found, required, type Shelf } from './shelf.js';

export function rocketmq4Service(shelf: Shelf): RpcService {
  const arn = (call: RpcCall, id: string) => `acs:mq:${call.region}:{uid}:${id}`;
  const instance = (call: RpcCall, actions: readonly string[]) => {
    const id = required(call.params, 'InstanceId');
    shelf.demand(call.caller, actions, arn(call, id));
    return found(
      shelf.of(call.caller).rocketmq4.find((one) => one.instanceId === id && one.region === call.region),
      404,
      'INSTANCE_NOT_FOUND.NotFound',
      `instance ${id}`,
    );
  };
  return {
    product: 'Ons',
    version: '2019-02-14',
    actions: {
      OnsInstanceInServiceList: (call) => {
        shelf.demand(call.caller, 'mq:QueryInstanceBaseInfo', arn(call, '*'));
        const here = shelf.of(call.caller).rocketmq4.filter((one) => one.region === call.region);
        return {
          HelpUrl: '',
          Data: {
            InstanceVO: here.map(({ instanceId, namespaced }) => ({
              InstanceId: instanceId,
              InstanceName: instanceId,
              IndependentNaming: namespaced,
              InstanceStatus: 5,
            })),
          },
        };
      },
      OnsInstanceBaseInfo: (call) => {
        const one = instance(call, ['mq:QueryInstanceBaseInfo']);
        return {
          HelpUrl: '',
          InstanceBaseInfo: {
            InstanceId: one.instanceId,
            InstanceName: one.instanceId,
            IndependentNaming: one.namespaced,
            InstanceStatus: 5,
          },
        };
      },
      OnsTopicList: (call) => {
        const one = instance(call, ['mq:QueryInstanceBaseInfo', 'mq:ListTopic']);
        return {
          HelpUrl: '',
          Data: {
            PublishInfoDo: one.topics.map((Topic) => ({
              Topic,
              InstanceId: one.instanceId,
              IndependentNaming: one.namespaced,
            })),
          },
        };
      },
      OnsGroupList: (call) => {
        const one = instance(call, ['mq:QueryInstanceBaseInfo', 'mq:ListGroup']);
        return {
          HelpUrl: '',
          Data: {
            SubscribeInfoDo: one.groups.map((GroupId) => ({
              GroupId,
              InstanceId: one.instanceId,
              IndependentNaming: one.namespaced,
            })),
          },
        };
      },
    },
  };
}
