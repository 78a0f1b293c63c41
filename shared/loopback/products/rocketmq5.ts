/** ApsaraMQ for RocketMQ 5.x (2022-08-01), the one product of these with REST paths. Source: its API reference. */
import { asApiError, jsonReply } from '../http/replies.js';
import { regionOf } from '../http/rpc-front.js';
import {
  ApiError,
  type Caller,
  type Cloud,
  type HttpReply,
  type HttpRequest,
  type HttpService,
} from '../kernel.js';
import { verifyAcs3 } from '../signatures/acs3.js';
import { decodeParams } from '../signatures/encode.js';
import { integerIn, pageOf } from './params.js';
import type { Messaging } from './seed.js';
import { found, type Shelf } from './shelf.js';

const VERSION = '2022-08-01';
const DEFAULT_PAGE = 10;
const PATH = /^\/instances(?:\/([^/]+)(?:\/(topics|consumerGroups))?)?$/;

export function rocketmq5Service(cloud: Cloud, shelf: Shelf): HttpService {
  const writeError = (error: ApiError, request: HttpRequest): HttpReply =>
    jsonReply(error.status, {
      code: error.code,
      message: error.message,
      requestId: request.requestId,
      // Read by today's SDKs, which look for capitals.
      Code: error.code,
      Message: error.message,
      RequestId: request.requestId,
      ...(error.accessDeniedDetail === undefined ? {} : { accessDeniedDetail: error.accessDeniedDetail }),
    });
  return {
    product: 'RocketMQ',
    operations: ['ListInstances', 'GetInstance', 'ListTopics', 'ListConsumerGroups'],
    accepts: (request) => request.headers['x-acs-version'] === VERSION,
    actionOf: (request) => request.headers['x-acs-action'] ?? request.path,
    writeError,
    handle: async (request) => {
      try {
        const data = answer(shelf, request, verifyAcs3(cloud.identity, request));
        return jsonReply(200, {
          requestId: request.requestId,
          success: true,
          code: '200',
          httpStatusCode: 200,
          data,
        });
      } catch (error) {
        return writeError(asApiError(error), request);
      }
    },
  };
}

function answer(shelf: Shelf, request: HttpRequest, caller: Caller): unknown {
  const [whole, id, part] = PATH.exec(request.path) ?? [];
  if (whole === undefined || request.method !== 'GET')
    throw new ApiError(
      404,
      'InvalidApi.NotFound',
      `This embedded RocketMQ has no ${request.method} ${request.path}.`,
    );
  const params = decodeParams(request.rawQuery);
  const region = regionOf(params, request.headers);
  const arn = (rest: string) => `acs:rocketmq:${region}:{uid}:instance/${rest}`;
  const here = shelf.of(caller).rocketmq5.filter((one) => one.region === region);
  const page = (items: readonly object[]) => {
    const pageNumber = integerIn(params, 'pageNumber', 1);
    const pageSize = integerIn(params, 'pageSize', DEFAULT_PAGE);
    return { pageNumber, pageSize, totalCount: items.length, list: pageOf(items, pageNumber, pageSize) };
  };
  if (id === undefined) {
    shelf.demand(caller, 'rocketmq:ListInstances', arn('*'));
    return page(here.map(described));
  }
  const [action, resource] =
    part === 'topics'
      ? ['rocketmq:ListTopics', arn(`${id}/topic/*`)]
      : part === 'consumerGroups'
        ? ['rocketmq:ListConsumerGroups', arn(`${id}/consumergroup/*`)]
        : ['rocketmq:GetInstance', arn(id)];
  shelf.demand(caller, action, resource);
  const instance = found(
    here.find((one) => one.instanceId === id),
    404,
    'Instance.NotFound',
    `instance ${id}`,
  );
  const common = { instanceId: id, regionId: region, status: 'RUNNING' };
  const wanted = (name: string) => name.includes(params['filter'] ?? '');
  if (part === 'topics')
    return page(
      instance.topics
        .filter(wanted)
        .map((topicName) => ({ ...common, topicName, messageType: 'NORMAL', remark: '' })),
    );
  if (part === 'consumerGroups')
    return page(
      instance.groups.filter(wanted).map((consumerGroupId) => ({ ...common, consumerGroupId, remark: '' })),
    );
  return {
    ...described(instance),
    networkInfo: {
      endpoints: [{ endpointType: 'TCP_VPC', endpointUrl: `${id}-vpc.${region}.rmq.aliyuncs.com:8080` }],
    },
  };
}

/** Nothing listens at the endpoints. */
const described = ({ instanceId, region }: Messaging): object => ({
  instanceId,
  instanceName: instanceId,
  regionId: region,
  status: 'RUNNING',
  serviceCode: 'rmq',
  seriesCode: 'standard',
  subSeriesCode: 'cluster_ha',
});
