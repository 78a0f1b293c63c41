/** What `@alicloud/eventbridge` speaks: `POST /openapi/<operation>` with JSON. Source: its source code, 1.3.2. */
import { asApiError, jsonReply } from '../http/replies.js';
import {
  ApiError,
  type Caller,
  type Cloud,
  type HttpReply,
  type HttpRequest,
  type HttpService,
} from '../kernel.js';
import { isObject, type Json } from './events.js';
import type { PutEvents } from './put-events.js';
import { DEFAULT_REGION } from './readings.js';
import { inOwnWords, verify } from './signature.js';

export interface DataPlaneOperations {
  readonly put: PutEvents;
  /** @throws {ApiError} */
  control(operation: string, caller: Caller, region: string, params: Json): Json;
}

/** By path below `/openapi/`. The SDK has further calls (streams, tracing, partner sources), which are refused by name. */
const SERVED: ReadonlySet<string> = new Set([
  ...['putEvents', 'createEventBus', 'deleteEventBus', 'getEventBus', 'listEventBuses'],
  ...['createRule', 'deleteRule', 'disableRule', 'enableRule', 'getRule', 'listRules', 'updateRule'],
  ...['createTargets', 'deleteTargets', 'listTargets', 'testEventPattern'],
  ...['v2/createEventSource', 'v2/updateEventSource', 'v2/deleteEventSource'],
  'v2/listUserDefinedEventSources',
]);
const PREFIX = '/openapi/';
/** Room for what is sent less compactly than it is counted. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const OWN_HOST = /^(\d+)\.eventbridge\.([a-z0-9-]+?)(?:-vpc)?\.aliyuncs\.com(?::\d+)?$/;

export function dataPlane(cloud: Cloud, operations: DataPlaneOperations): HttpService {
  const writeError = (error: ApiError, request: HttpRequest): HttpReply => {
    const [, accessKeyId] = (request.headers['authorization'] ?? '').split(':');
    const { status, code, message } = inOwnWords(error, accessKeyId);
    return jsonReply(status, { code, message, requestId: request.requestId });
  };
  return {
    product: 'eventbridge',
    operations: [...SERVED].map(nameOf),
    accepts: ({ path }) => path.startsWith(PREFIX),
    actionOf: operationOf,
    writeError,
    handle: async (request) => {
      try {
        const caller = verify(cloud, request);
        const { accountId, region } = addressed(request, caller);
        if (accountId !== caller.accountId)
          throw new ApiError(
            403,
            'AccessDenied',
            'The OwnerId that your Access Key Id associated to is forbidden for this operation.',
          );
        return jsonReply(200, {
          RequestId: request.requestId,
          ResourceOwnerAccountId: accountId,
          ...answer(operations, request, caller, region),
        });
      } catch (error) {
        return writeError(asApiError(error), request);
      }
    },
  };
}

function answer(operations: DataPlaneOperations, request: HttpRequest, caller: Caller, region: string): Json {
  const operation = operationOf(request);
  if (request.method !== 'POST' || !SERVED.has(request.path.slice(PREFIX.length)))
    throw new ApiError(
      404,
      'InvalidApi.NotFound',
      `This embedded EventBridge has no ${request.method} ${request.path.slice(0, 80)} (${operation}).`,
    );
  const body = bodyOf(request);
  if (operation === 'PutEvents') return operations.put(caller, region, body);
  if (!isObject(body)) throw new ApiError(400, 'InvalidArgument', 'The body is not a JSON object.');
  const reply = operations.control(operation, caller, region, body);
  return operation === 'ListUserDefinedEventSources' ? sourcesInOwnWords(reply) : reply;
}

/** `CreateRule` for `/openapi/createRule`, as the other API calls it. */
const operationOf = ({ path }: HttpRequest): string => nameOf(path.slice(PREFIX.length));
const nameOf = (below: string): string =>
  below.replace(/^v2\//, '').replace(/^./, (letter) => letter.toUpperCase());

/** On a loopback the endpoint's account and region are not to be seen: then they are the caller's, and the header's. */
function addressed({ headers }: HttpRequest, caller: Caller) {
  const [, accountId = caller.accountId, region = DEFAULT_REGION] =
    OWN_HOST.exec(headers['host'] ?? '') ?? [];
  return { accountId, region: headers['x-eventbridge-regionid'] ?? region };
}

function bodyOf({ body }: HttpRequest): unknown {
  if (body.length > MAX_BODY_BYTES) throw new ApiError(400, 'InvalidArgument', 'The body is too large.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError(400, 'InvalidArgument', 'The body is not JSON.');
  }
}

function sourcesInOwnWords({ EventSourceList, ...rest }: Json): Json {
  const sources = EventSourceList as readonly Json[];
  return { EventSources: sources.map(({ Arn, ...source }) => ({ ARN: Arn, ...source })), ...rest };
}
