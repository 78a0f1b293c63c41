/** EventBridge: the data plane that `@alicloud/eventbridge` speaks, and the control API 2020-04-01. */
import { createHmac } from 'node:crypto';
import { asApiError, jsonReply } from '../http/replies.js';
import {
  ApiError,
  type Caller,
  type Cloud,
  type EventPublisher,
  type FunctionInvoker,
  type HttpReply,
  type HttpRequest,
  type HttpService,
  type RpcService,
} from '../kernel.js';
import { sameText } from '../signatures/compare.js';
import { Broker, type Listener } from './broker.js';
import { type ControlCall, controlOperations } from './control.js';
import { Deliveries, type DeliveryRecord, type DeliverySwitches } from './deliveries.js';
import { readBatch } from './events.js';
import { deliverTo } from './targets.js';

export interface EventBridgeParts {
  readonly rpc: readonly RpcService[];
  readonly http: readonly HttpService[];
  readonly publisher: EventPublisher;
  /** Hears of every event on a bus of the default region, from now on. Returns how to stop. */
  tap(accountId: string, bus: string, listener: Listener): () => void;
  /** What became of events so far. */
  readonly deliveries: readonly DeliveryRecord[];
  /** Test switches: duplicates and reordering. */
  readonly switches: DeliverySwitches;
  /** Messages in an in-memory queue. */
  queue(name: string): readonly unknown[];
}

const DEFAULT_REGION = 'cn-hangzhou';

export function eventBridgeService(
  cloud: Cloud,
  parts: { readonly functions?: () => FunctionInvoker } = {},
): EventBridgeParts {
  const queues = new Map<string, unknown[]>();
  const functions =
    parts.functions ??
    (() => {
      throw new ApiError(500, 'InternalError', 'this embedded cloud has no functions');
    });
  const surroundings = { cloud, broker: () => broker, functions, queues };
  const deliveries = new Deliveries(
    cloud,
    (delivery) => deliverTo(surroundings, delivery),
    ({ bus, event }, arn) => {
      const queue = /:\/queues\/(.+)$/.exec(arn)?.[1];
      const deadBus = /:eventbus\/(.+)$/.exec(arn)?.[1];
      if (queue !== undefined) queues.set(queue, [...(queues.get(queue) ?? []), event]);
      else if (deadBus !== undefined)
        broker.publish(broker.bus(bus.accountId, bus.region, deadBus), event, {
          sourceIp: '127.0.0.1',
          accountId: bus.accountId,
        });
    },
  );
  const broker: Broker = new Broker(cloud, deliveries);
  const operations = controlOperations(broker);
  const controlCall = (caller: Caller, region: string, params: ControlCall['params']): ControlCall => ({
    caller,
    region,
    params,
    demand: (action, resource) =>
      cloud.identity.demand(
        caller,
        {
          action: `eventbridge:${action}`,
          resource: `acs:eventbridge:${region}:${caller.accountId}:eventbus/${resource}`,
        },
        'NoPermission',
      ),
  });

  const put = (caller: Caller, region: string, body: unknown): Readonly<Record<string, unknown>> => {
    const { bus: name, events } = readBatch(body);
    cloud.identity.demand(
      caller,
      {
        action: 'eventbridge:PutEvents',
        resource: `acs:eventbridge:${region}:${caller.accountId}:eventbus/${name}`,
      },
      'AccessDenied',
    );
    const bus = broker.bus(caller.accountId, region, name);
    for (const event of events)
      broker.publish(bus, event, { sourceIp: caller.sourceIp, accountId: caller.accountId });
    return {
      ResourceOwnerAccountId: caller.accountId,
      FailedEntryCount: 0,
      EntryList: events.map(({ id }) => ({
        EventId: id,
        TraceId: `trace-${id}`,
        ErrorCode: null,
        ErrorMessage: null,
      })),
    };
  };

  return {
    rpc: [
      {
        product: 'eventbridge',
        version: '2020-04-01',
        actions: Object.fromEntries(
          Object.entries(operations).map(([name, operation]) => [
            name,
            ({ caller, region, params }) => ({
              Code: 'Success',
              Success: true,
              Message: 'success',
              Data: operation(controlCall(caller, region, params)),
            }),
          ]),
        ),
      },
    ],
    http: [
      dataPlane(cloud, put, (operation, caller, region, params) =>
        operations[operation]?.(controlCall(caller, region, params)),
      ),
    ],
    publisher: { publish: async (caller, region, events) => put(caller, region, events) },
    tap: (accountId, bus, listener) => broker.listen(Broker.key(accountId, DEFAULT_REGION, bus), listener),
    deliveries: deliveries.records,
    switches: deliveries.switches,
    queue: (name) => queues.get(name) ?? [],
  };
}

type Put = (caller: Caller, region: string, body: unknown) => Readonly<Record<string, unknown>>;
type Control = (
  operation: string,
  caller: Caller,
  region: string,
  params: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>> | undefined;

function dataPlane(cloud: Cloud, put: Put, control: Control): HttpService {
  const writeError = (error: ApiError, request: HttpRequest): HttpReply =>
    jsonReply(error.status, { code: error.code, message: error.message, requestId: request.requestId });
  return {
    product: 'eventbridge',
    accepts: (request) => request.path.startsWith('/openapi/'),
    actionOf: (request) =>
      request.path.replace('/openapi/', '').replace(/^./, (letter) => letter.toUpperCase()),
    writeError,
    handle: async (request) => {
      try {
        const caller = verify(cloud, request);
        const region = request.headers['x-eventbridge-regionid'] ?? DEFAULT_REGION;
        const body: unknown = JSON.parse(request.body.toString('utf8') || '{}');
        const name = request.path.replace('/openapi/', '').replace(/^./, (letter) => letter.toUpperCase());
        const answer =
          name === 'PutEvents'
            ? put(caller, region, body)
            : control(name, caller, region, body as Readonly<Record<string, unknown>>);
        if (answer === undefined)
          throw new ApiError(404, 'InvalidApi.NotFound', `This embedded EventBridge has no ${name}.`);
        return jsonReply(200, {
          RequestId: request.requestId,
          ResourceOwnerAccountId: caller.accountId,
          ...answer,
        });
      } catch (error) {
        return writeError(
          error instanceof SyntaxError
            ? new ApiError(400, 'InvalidArgument', 'The body is not JSON.')
            : asApiError(error),
          request,
        );
      }
    },
  };
}

const CODES: readonly (readonly [RegExp, string])[] = [
  [/^InvalidAccessKeyId/, 'InvalidAccessKeyId'],
  [/Expired/, 'StsAccessIdExpired'],
  [/SecurityToken/, 'SecurityTokenInvalid'],
];

/** Source: source of `@alicloud/eventbridge-util` 1.0.0; `x-eventbridge-*` headers and the body are not signed. */
function verify(cloud: Cloud, request: HttpRequest): Caller {
  const { headers } = request;
  const [, accessKeyId = '', signature = ''] =
    /^acs:([^:]+):(.+)$/.exec(headers['authorization'] ?? '') ?? [];
  const known = authenticate(cloud, accessKeyId, headers['x-acs-security-token']);
  const signedAt = Date.parse(headers['date'] ?? '');
  const nonce = headers['x-acs-signature-nonce'] ?? '';
  if (Number.isNaN(signedAt) || !cloud.identity.isFresh(accessKeyId, signedAt))
    throw new ApiError(403, 'RequestExpired', 'The request was signed too long ago.');
  if (nonce === '' || !cloud.identity.useNonce(accessKeyId, nonce))
    throw new ApiError(403, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
  const acsHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-acs-'))
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').replace(/[\t\n\r\f]/g, ' ').trim()}\n`)
    .join('');
  const query = [...new URLSearchParams(request.rawQuery)]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const text = `${request.method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${headers['date'] ?? ''}\n${acsHeaders}${request.path}${query === '' ? '' : `?${query}`}`;
  if (!sameText(createHmac('sha1', known.secret).update(text).digest('base64'), signature)) {
    throw new ApiError(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }
  return known.caller;
}

function authenticate(cloud: Cloud, accessKeyId: string, token: string | undefined) {
  try {
    return cloud.identity.authenticate(accessKeyId, token);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const code = CODES.find(([pattern]) => pattern.test(error.code))?.[1];
    throw code === undefined ? error : new ApiError(403, code, error.message);
  }
}
