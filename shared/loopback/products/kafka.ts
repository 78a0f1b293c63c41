/** ApsaraMQ for Kafka 2019-09-16. What its lists are checked on is a reading. Source: "Custom policies" and the API pages. */
import type { RpcCall, RpcService } from '../kernel.js';
import { type KafkaAccounts, kafkaAccountActions } from './kafka-accounts.js';
import type { PerInstance } from './kept.js';
import { integerIn, listIn, pageOf, required } from './params.js';
import type { ProductReadings } from './readings.js';
import type { Messaging } from './seed.js';
import type { Shelf } from './shelf.js';

const DENIED = 'Forbidden.RAM';
const DEFAULT_PAGE = 10;

export function kafkaService(
  shelf: Shelf,
  readings: ProductReadings,
  kept: PerInstance<KafkaAccounts>,
): RpcService {
  const { kafkaLists } = readings;
  const arn = (call: RpcCall, id: string, on: 'instance' | 'all' = kafkaLists) =>
    on === 'all' ? '*' : `acs:alikafka:${call.region}:{uid}:${id}`;
  const all = (call: RpcCall) => shelf.of(call.caller).kafka.filter((one) => one.region === call.region);
  const groupOf = (call: RpcCall, id: string) =>
    all(call).find((one) => one.instanceId === id)?.resourceGroupId;
  const instance = (call: RpcCall, action: string, on: 'instance' | 'all' = kafkaLists): Messaging => {
    const id = required(call.params, 'InstanceId');
    const known = all(call).find((one) => one.instanceId === id);
    // What is checked on everything is in no group.
    const group = on === 'all' ? undefined : known?.resourceGroupId;
    return shelf.named(known, [404, 'Instance.NotFound', `instance ${id}`], () =>
      shelf.demand(call.caller, action, arn(call, id, on), DENIED, group),
    );
  };

  /** Those that were asked for by id, else all that the caller may list; a caller who may list none is refused. */
  const listable = (call: RpcCall): readonly Messaging[] => {
    const ids = listIn(call.params, 'InstanceId');
    for (const id of ids)
      shelf.demand(call.caller, 'alikafka:ListInstance', arn(call, id), DENIED, groupOf(call, id));
    if (ids.length > 0) return all(call).filter((one) => ids.includes(one.instanceId));
    if (shelf.allows(call.caller, 'alikafka:ListInstance', '*')) return all(call);
    const some = all(call).filter((one) =>
      shelf.allows(call.caller, 'alikafka:ListInstance', arn(call, one.instanceId), one.resourceGroupId),
    );
    if (some.length === 0) shelf.demand(call.caller, 'alikafka:ListInstance', '*', DENIED);
    return some;
  };

  return {
    product: 'alikafka',
    version: '2019-09-16',
    actions: {
      ...kafkaAccountActions({ readings, kept, instance }),
      GetInstanceList: (call) =>
        ok({ InstanceList: { InstanceVO: listable(call).map((one) => described(one)) } }),
      GetTopicList: (call) => {
        const { instanceId, topics } = instance(call, 'alikafka:ListTopic');
        const wanted = call.params['Topic'];
        const { shown, paging } = paged(
          call,
          topics.filter((topic) => (wanted ?? '') === '' || topic === wanted),
        );
        return ok({
          ...paging,
          TopicList: {
            TopicVO: shown.map((Topic) => ({
              Topic,
              InstanceId: instanceId,
              RegionId: call.region,
              Status: 0,
              PartitionNum: 12,
              Remark: '',
              LocalTopic: false,
              CompactTopic: false,
              AutoCreate: false,
            })),
          },
        });
      },
      GetConsumerList: (call) => {
        const { instanceId, groups } = instance(call, 'alikafka:ListGroup');
        const wanted = call.params['ConsumerId'];
        const { shown, paging } = paged(
          call,
          groups.filter((group) => (wanted ?? '') === '' || group === wanted),
        );
        return ok({
          ...paging,
          ConsumerList: {
            ConsumerVO: shown.map((ConsumerId) => ({
              ConsumerId,
              InstanceId: instanceId,
              RegionId: call.region,
              Remark: '',
            })),
          },
        });
      },
    },
  };
}

function paged(call: RpcCall, names: readonly string[]) {
  const CurrentPage = integerIn(call.params, 'CurrentPage', 1);
  const PageSize = integerIn(call.params, 'PageSize', DEFAULT_PAGE);
  return {
    shown: pageOf(names, CurrentPage, PageSize),
    paging: { Total: names.length, CurrentPage, PageSize },
  };
}

/** `ServiceStatus` 5 is running. Nothing listens at the endpoints. */
const described = ({ instanceId, region, topics, isAclOn = false, resourceGroupId }: Messaging): object => ({
  InstanceId: instanceId,
  RegionId: region,
  Name: instanceId,
  ServiceStatus: 5,
  DeployType: 5,
  SpecType: 'professional',
  UsedTopicCount: topics.length,
  // The name is the one that UpdateInstanceConfig takes.
  AllConfig: JSON.stringify({ 'enable.acl': String(isAclOn) }),
  ...(resourceGroupId === undefined ? {} : { ResourceGroupId: resourceGroupId }),
  DomainEndpoint: `${instanceId}-1-vpc.alikafka.aliyuncs.com:9092`,
  SslDomainEndpoint: `${instanceId}-1.alikafka.aliyuncs.com:9093`,
  SaslDomainEndpoint: `${instanceId}-1-vpc.alikafka.aliyuncs.com:9094`,
});

const ok = (body: object): object => ({ Code: 200, Success: true, Message: 'operation success.', ...body });
