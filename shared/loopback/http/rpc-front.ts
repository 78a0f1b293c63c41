/** RPC products on the wire: finds the caller by either signature, then the action by version and name. */
import { ConnectionLost, type Dispatcher } from '../dispatch.js';
import {
  ApiError,
  type Caller,
  type HttpReply,
  type HttpRequest,
  type Identity,
  type RpcAction,
  type RpcService,
} from '../kernel.js';
import { isAcs3, verifyAcs3 } from '../signatures/acs3.js';
import { decodeParams } from '../signatures/encode.js';
import { verifyRpcSha1 } from '../signatures/rpc-sha1.js';
import { asApiError, errorReply, jsonReply } from './replies.js';

export interface RpcTarget {
  readonly product: string;
  readonly action: string;
  readonly version: string;
  readonly run: RpcAction;
  /** The one that it takes; absent when it takes both. */
  readonly method?: 'GET' | 'POST';
  readonly refusal: (error: ApiError) => object | undefined;
}

/**
 * The action by version and name; names are compared as written.
 * @throws {ApiError} `InvalidApi.NotFound`, naming product, version and action: what is not built fails loudly.
 */
export function findAction(services: readonly RpcService[], version: string, action: string): RpcTarget {
  const ofVersion = services.filter((service) => service.version === version);
  for (const service of ofVersion) {
    const { product, actions, methods = {} } = service;
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
    const method = Object.hasOwn(methods, action) ? methods[action] : undefined;
    const refusal = (error: ApiError) => service.refusal?.(error);
    if (run !== undefined)
      return { product, version, action, run, ...(method === undefined ? {} : { method }), refusal };
  }
  const products = ofVersion.map(({ product }) => product).join(', ') || 'no product';
  throw new ApiError(
    404,
    'InvalidApi.NotFound',
    `Specified api is not found, please check your url and method. (${products} of version "${version}" has no action "${action}" here.)`,
  );
}

const DEFAULT_REGION = 'cn-hangzhou';
const REGION_IN_HOST = /\b((?:cn|ap|eu|us|me|na)-[a-z0-9]+(?:-[a-z0-9]+)*)\b/;

/** Region of a call: parameter, else header, else host name, else China (Hangzhou). */
export function regionOf(params: Readonly<Record<string, string>>, headers: HttpRequest['headers']): string {
  return (
    params['RegionId'] ||
    headers['x-acs-region-id'] ||
    REGION_IN_HOST.exec(headers['host'] ?? '')?.[1] ||
    DEFAULT_REGION
  );
}

/** Protocol fields of the older signature: never parameters of an action. */
const PROTOCOL_FIELDS = new Set([
  'Action',
  'Version',
  'Format',
  'Timestamp',
  'AccessKeyId',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'SignatureNonce',
  'SignatureType',
  'SecurityToken',
]);

export interface RpcFront {
  readonly services: readonly RpcService[];
  readonly identity: Identity;
  readonly dispatcher: Dispatcher;
}

/** Answers every request that no other protocol took. Never rejects. */
export async function answerRpc(front: RpcFront, request: HttpRequest): Promise<HttpReply | 'drop'> {
  const host = request.headers['host'] ?? '';
  const { requestId } = request;
  let refusal: RpcTarget['refusal'] = () => undefined;
  try {
    const { caller, target, params } = admit(front, request);
    const { product, version, action } = target;
    refusal = target.refusal;
    const region = regionOf(params, request.headers);
    const reply = await front.dispatcher.run(
      { product, version, action, params, callerArn: caller.arn, requestId },
      () => target.run({ params, caller, region, requestId }),
    );
    return jsonReply(200, { RequestId: requestId, ...(reply as object) });
  } catch (error) {
    if (error instanceof ConnectionLost) return 'drop';
    const told = asApiError(error);
    const body = refusal(told);
    return body === undefined
      ? errorReply(told, requestId, host)
      : jsonReply(200, { RequestId: requestId, ...body });
  }
}

/** Signature first, then the action: strangers do not learn what exists. */
function admit(
  { services, identity }: RpcFront,
  request: HttpRequest,
): {
  readonly caller: Caller;
  readonly target: RpcTarget;
  readonly params: Readonly<Record<string, string>>;
} {
  if (request.path !== '/' && request.path !== '') {
    throw new ApiError(
      404,
      'InvalidApi.NotFound',
      `Specified api is not found, please check your url and method. (${request.method} ${request.path} belongs to no product here.)`,
    );
  }
  demandMethod(request, 'GET', 'POST');
  const targetOf = (version: string, action: string): RpcTarget => {
    const target = findAction(services, version, action);
    if (target.method !== undefined) demandMethod(request, target.method);
    return target;
  };
  const sent = { ...decodeParams(request.rawQuery), ...formOf(request) };
  if (isAcs3(request) || sent['AccessKeyId'] === undefined) {
    const caller = verifyAcs3(identity, request);
    const version = request.headers['x-acs-version'] ?? sent['Version'] ?? '';
    const action = request.headers['x-acs-action'] ?? sent['Action'] ?? '';
    return { caller, target: targetOf(version, action), params: sent };
  }
  const caller = verifyRpcSha1(identity, request.method, sent);
  const target = targetOf(sent['Version'] ?? '', sent['Action'] ?? '');
  return {
    caller,
    target,
    params: Object.fromEntries(Object.entries(sent).filter(([name]) => !PROTOCOL_FIELDS.has(name))),
  };
}

function demandMethod({ method }: HttpRequest, ...taken: readonly string[]): void {
  if (!taken.includes(method))
    throw new ApiError(400, 'UnsupportedHTTPMethod', 'This http method is not supported.');
}

function formOf(request: HttpRequest): Record<string, string> {
  const type = request.headers['content-type'] ?? '';
  return type.startsWith('application/x-www-form-urlencoded')
    ? decodeParams(request.body.toString('utf8'))
    : {};
}
