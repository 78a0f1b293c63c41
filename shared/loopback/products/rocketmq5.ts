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
import type { PerInstance } from './kept.js';
import { invalid } from './params.js';
import { isByReply, type ProductReadings } from './readings.js';
import type { Fields, Rocketmq5Accounts } from './rocketmq5-accounts.js';
import { type Call, described, OPERATIONS, paged, routeOf } from './rocketmq5-operations.js';
import type { Shelf } from './shelf.js';

const VERSION = '2022-08-01';
const PATH = /^\/instances(?:\/([^/]+)(\/.+)?)?$/;

export function rocketmq5Service(
  cloud: Cloud,
  shelf: Shelf,
  readings: ProductReadings,
  kept: PerInstance<Rocketmq5Accounts>,
): HttpService {
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
    operations: OPERATIONS,
    accepts: (request) => request.headers['x-acs-version'] === VERSION,
    actionOf: (request) => request.headers['x-acs-action'] ?? request.path,
    writeError,
    handle: async (request) => {
      try {
        const caller = verifyAcs3(cloud.identity, request);
        const data = answer({ shelf, readings, kept }, request, caller);
        return jsonReply(200, {
          requestId: request.requestId,
          success: true,
          code: '200',
          httpStatusCode: 200,
          data,
        });
      } catch (thrown) {
        const error = asApiError(thrown);
        if (!isByReply(readings, error)) return writeError(error, request);
        const { status: httpStatusCode, code, message } = error;
        return jsonReply(200, {
          requestId: request.requestId,
          success: false,
          code,
          message,
          httpStatusCode,
          data: null,
        });
      }
    },
  };
}

interface Parts {
  readonly shelf: Shelf;
  readonly readings: ProductReadings;
  readonly kept: PerInstance<Rocketmq5Accounts>;
}

function answer({ shelf, readings, kept }: Parts, request: HttpRequest, caller: Caller): unknown {
  const [whole, id, rest = ''] = PATH.exec(request.path) ?? [];
  const route = whole === undefined || id === undefined ? undefined : routeOf(request.method, rest);
  if (whole === undefined || (id === undefined ? request.method !== 'GET' : route === undefined))
    throw new ApiError(
      404,
      'InvalidApi.NotFound',
      `This embedded RocketMQ has no ${request.method} ${request.path}.`,
    );
  const params = decodeParams(request.rawQuery);
  const region = regionOf(params, request.headers);
  const here = shelf.of(caller).rocketmq5.filter((one) => one.region === region);
  const call: Call = { caller, region, method: request.method, params, body: bodyOf(request) };
  const arn = (below: string) => `acs:rocketmq:${region}:{uid}:instance/${below}`;
  if (id === undefined || route === undefined) {
    shelf.demand(caller, 'rocketmq:ListInstances', arn('*'));
    return paged(call, here.map(described));
  }
  const known = here.find((one) => one.instanceId === id);
  const instance = shelf.named(known, [404, 'Instance.NotFound', `instance ${id}`], () =>
    shelf.demand(caller, route.action, arn(`${id}${route.resource}`), 'NoPermission', known?.resourceGroupId),
  );
  const place = { accountId: caller.accountId, region, instanceId: id };
  const change = (changed: Rocketmq5Accounts): void => kept.set(place, changed);
  const { account } = route;
  return route.answer({ ...call, instance, kept: kept.of(place), readings, account, change });
}

/** @throws {ApiError} 400 for what is no JSON object */
function bodyOf({ body }: HttpRequest): Fields {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid('body', 'is no JSON object');
}
