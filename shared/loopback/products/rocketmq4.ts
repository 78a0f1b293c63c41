/**
 * ApsaraMQ for RocketMQ 4.x (`Ons` 2019-02-14). Its lists show RAM users and roles only what they hold rights on: an empty
 * one is no refusal. Source: "RAM authorization" of the Ons API, OnsTopicList, OnsGroupList, "Error codes".
 */
import type { RpcCall, RpcService } from '../kernel.js';
import { required } from './params.js';
import type { AccountResources } from './seed.js';
import type { Shelf } from './shelf.js';

type Instance = AccountResources['rocketmq4'][number];

/** Bits of `Relation`: what the caller may do with a topic. */
const OWNER = 1;
const PUBLISH = 2;
const SUBSCRIBE = 4;

export function rocketmq4Service(shelf: Shelf): RpcService {
  const arn = (call: RpcCall, rest: string) => `acs:mq:${call.region}:{uid}:${rest}`;
  /** A literal `%` separates instance from name; an instance without a namespace has bare names. */
  const nameArn = (call: RpcCall, { instanceId, namespaced }: Instance, name: string) =>
    arn(call, namespaced ? `${instanceId}%${name}` : name);
  const may = (call: RpcCall, action: string, one: Instance, name: string) =>
    shelf.allows(call.caller, action, nameArn(call, one, name));
  const relationTo = (call: RpcCall, one: Instance, topic: string): number =>
    call.caller.kind === 'root'
      ? OWNER
      : (may(call, 'mq:PUB', one, topic) ? PUBLISH : 0) + (may(call, 'mq:SUB', one, topic) ? SUBSCRIBE : 0);

  const all = (call: RpcCall) => shelf.of(call.caller).rocketmq4.filter((one) => one.region === call.region);
  const instance = (call: RpcCall, actions: readonly string[]): Instance => {
    const id = required(call.params, 'InstanceId');
    const known = all(call).find((one) => one.instanceId === id);
    return shelf.named(known, [404, 'INSTANCE_NOT_FOUND', `instance ${id}`], () =>
      shelf.demand(call.caller, actions, arn(call, id)),
    );
  };

  return {
    product: 'Ons',
    version: '2019-02-14',
    actions: {
      OnsInstanceInServiceList: (call) => {
        const seen = all(call).filter((one) =>
          shelf.allows(call.caller, 'mq:QueryInstanceBaseInfo', arn(call, one.instanceId)),
        );
        return {
          HelpUrl: '',
          Data: {
            InstanceVO: seen.map((one) => ({
              ...described(one),
              TopicCount: one.topics.length,
              GroupCount: one.groups.length,
            })),
          },
        };
      },
      OnsInstanceBaseInfo: (call) => {
        const one = instance(call, ['mq:QueryInstanceBaseInfo']);
        return { HelpUrl: '', InstanceBaseInfo: { ...described(one), Endpoints: endpointsOf(one) } };
      },
      OnsTopicList: (call) => {
        const one = instance(call, ['mq:QueryInstanceBaseInfo', 'mq:ListTopic']);
        const wanted = call.params['Topic'] ?? '';
        const seen = one.topics
          .map((topic) => ({ topic, relation: relationTo(call, one, topic) }))
          .filter(({ topic, relation }) => relation > 0 && (wanted === '' || topic === wanted));
        return {
          HelpUrl: '',
          Data: {
            PublishInfoDo: seen.map(({ topic, relation }) => ({
              Topic: topic,
              Owner: call.caller.accountId,
              Relation: relation,
              MessageType: 0,
              InstanceId: one.instanceId,
              IndependentNaming: one.namespaced,
            })),
          },
        };
      },
      OnsGroupList: (call) => {
        const one = instance(call, ['mq:QueryInstanceBaseInfo', 'mq:ListGroup']);
        const wanted = call.params['GroupId'] ?? '';
        // "Authorized on" is read as holding mq:SUB, the right that consumers of a group need.
        const seen = one.groups.filter(
          (group) => may(call, 'mq:SUB', one, group) && (wanted === '' || group === wanted),
        );
        return {
          HelpUrl: '',
          Data: {
            SubscribeInfoDo: seen.map((GroupId) => ({
              GroupId,
              Owner: call.caller.accountId,
              GroupType: 'tcp',
              InstanceId: one.instanceId,
              IndependentNaming: one.namespaced,
            })),
          },
        };
      },
    },
  };
}

/** `InstanceStatus` 5 is running. */
const described = ({ instanceId, namespaced }: Instance): object => ({
  InstanceId: instanceId,
  InstanceName: instanceId,
  InstanceType: 1,
  InstanceStatus: 5,
  IndependentNaming: namespaced,
});

/** Nothing listens at these. */
const endpointsOf = ({ instanceId, region }: Instance): object => ({
  TcpEndpoint: `http://${instanceId}.${region}.mq-internal.aliyuncs.com:8080`,
});
