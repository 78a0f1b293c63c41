/**
 * ApsaraMQ for Kafka 2019-09-16. Two documents disagree on what the list calls are checked against; here a call that names an
 * instance is checked on that instance, and the list of instances on `*`. Source: "Custom policies" and the API pages.
 */
import type { RpcService } from '../kernel.js';
import { found, required, type Shelf } from './shelf.js';

const DENIED = 'Forbidden.RAM';

export function kafkaService(shelf: Shelf): RpcService {
  const instanceFor = (action: string) => (call: Parameters<RpcService['actions'][string]>[0]) => {
    const id = required(call.params, 'InstanceId');
    shelf.demand(call.caller, action, `acs:alikafka:${call.region}:{uid}:${id}`, DENIED);
    return found(
      shelf.of(call.caller).kafka.find((one) => one.instanceId === id && one.region === call.region),
      404,
      'InstanceNotExist',
      `instance ${id}`,
    );
  };
  const forTopics = instanceFor('alikafka:ListTopic');
  const forGroups = instanceFor('alikafka:ListGroup');
  return {
    product: 'alikafka',
    version: '2019-09-16',
    actions: {
      GetInstanceList: ({ caller, region }) => {
        shelf.demand(caller, 'alikafka:ListInstance', '*', DENIED);
        const here = shelf.of(caller).kafka.filter((one) => one.region === region);
        return ok({
          InstanceList: {
            InstanceVO: here.map(({ instanceId }) => ({
              InstanceId: instanceId,
              RegionId: region,
              Name: instanceId,
              ServiceStatus: 5,
            })),
          },
        });
      },
      GetTopicList: (call) => {
        const instance = forTopics(call);
        return ok({
          Total: instance.topics.length,
          CurrentPage: 1,
          PageSize: 100,
          TopicList: {
            TopicVO: instance.topics.map((Topic) => ({
              Topic,
              InstanceId: instance.instanceId,
              RegionId: call.region,
              Status: 0,
            })),
          },
        });
      },
      GetConsumerList: (call) => {
        const instance = forGroups(call);
        return ok({
          Total: instance.groups.length,
          ConsumerList: {
            ConsumerVO: instance.groups.map((ConsumerId) => ({
              ConsumerId,
              InstanceId: instance.instanceId,
              RegionId: call.region,
            })),
          },
        });
      },
    },
  };
}

const ok = (body: object): object => ({ Code: 200, Success: true, Message: 'operation success.', ...body });
