/** Function Compute: API 2023-03-30 (functions) and 2016-08-15 (functions in services), over one registry and one pool. */
import { asApiError, jsonReply } from '../http/replies.js';
import { textIn } from '../json-values.js';
import type { Table } from '../keep/keeper.js';
import {
  ApiError,
  type Caller,
  type Cloud,
  type FunctionInvoker,
  type HttpReply,
  type HttpRequest,
  type HttpService,
} from '../kernel.js';
import { isAcs3, verifyAcs3 } from '../signatures/acs3.js';
import { CodeShelf } from './code-shelf.js';
import { startSandboxIn } from './in-process.js';
import { InstancePool } from './instances.js';
import { type Invoked, Invoker } from './invoker.js';
import { FunctionLogs, type RequestLog } from './logs.js';
import { checkSettings, FunctionRegistry, type FunctionState, type LogConfig } from './registry.js';
import { describeV2, describeV3, type Json, listedV3, ofService, settingsOf } from './settings.js';
import { verifyFc2 } from './signature-fc2.js';
import { startProcess } from './vessels.js';

const V3 = /^\/2023-03-30\/functions(?:\/([^/]+))?(\/invocations|\/code)?$/;
const V2 =
  /^\/2016-08-15\/services(?:\/([^/]+?)(?:\.([^/.]+))?)?(?:\/functions(?:\/([^/]+))?(\/invocations|\/code)?)?$/;
const ARN_V3 = /^acs:fc:([^:]*):([^:]*):functions\/([^/]+)(?:\/([^/]+))?$/;
const ARN_V2 = /^acs:fc:([^:]*):([^:]*):services\/([^/.]+)(?:\.([^/]+))?\/functions\/([^/]+)$/;

export interface FunctionComputeParts {
  readonly http: readonly HttpService[];
  readonly invoker: FunctionInvoker;
  /** Kills every instance that is at work, as a host that fails would; says how many there were. */
  crash(): number;
  /** Everything the functions printed, newest last, cut to the last megabyte. */
  logs(): string;
  /** The requests whose logs reached a log store, newest last. */
  logsIn(store: LogConfig): readonly RequestLog[];
  /** Goes on with the asynchronous requests that were kept. */
  resume(): void;
  close(): void;
}

const MAX_LOG = 1024 * 1024;

/** The end of a long text, put together only when somebody reads it: a cloud that works prints much, and mostly for nobody. */
class Printed {
  readonly #pieces: string[] = [];
  #length = 0;

  add(text: string): void {
    this.#pieces.push(text);
    this.#length += text.length;
    if (this.#length < 2 * MAX_LOG) return;
    const end = this.text();
    this.#pieces.splice(0, this.#pieces.length, end);
    this.#length = end.length;
  }
  text(): string {
    return this.#pieces.join('').slice(-MAX_LOG);
  }
}

/**
 * `processes`: an instance is a process, as deployed. `in-process`: an instance is a sandbox of this process, many times faster,
 * whose timers are the cloud's.
 */
export type FunctionRunner = 'processes' | 'in-process';

export function functionComputeService(
  cloud: Cloud,
  {
    runner = 'processes',
    instances,
  }: {
    readonly runner?: FunctionRunner;
    /** How many may be at once. Default: as many as an account has that asked for no more. */
    readonly instances?: number;
  } = {},
): FunctionComputeParts {
  // First: code that is missing in the folder must not leave the pool's processes running.
  const registry = new FunctionRegistry(cloud.keeper);
  const printed = new Printed();
  const pool = new InstancePool(
    runner === 'processes' ? startProcess : startSandboxIn(cloud),
    (text) => {
      printed.add(text);
      cloud.trace({ at: 'function-log', text });
    },
    instances,
  );
  const logs = new FunctionLogs(cloud);
  const shelf = new CodeShelf(cloud);
  const compute = new FunctionCompute(cloud, registry, pool, logs, shelf);
  return {
    http: [
      httpService(
        'fc',
        [
          'CreateFunction',
          'UpdateFunction',
          'GetFunction',
          'GetFunctionCode',
          'ListFunctions',
          'DeleteFunction',
          'InvokeFunction',
        ],
        V3,
        (request) => compute.handleV3(request, verifyAcs3(cloud.identity, request)),
        (error, request) =>
          jsonReply(error.status, {
            Code: error.code,
            Message: error.message,
            RequestId: request.requestId,
            ...(error.accessDeniedDetail === undefined
              ? {}
              : { AccessDeniedDetail: error.accessDeniedDetail }),
          }),
      ),
      httpService(
        'fc-2.0',
        [
          ...['CreateService', 'GetService', 'DeleteService'],
          ...['CreateFunction', 'UpdateFunction', 'GetFunction', 'GetFunctionCode', 'ListFunctions'],
          ...['DeleteFunction', 'InvokeFunction'],
        ],
        V2,
        (request) => compute.handleV2(request, verifyFc2(cloud.identity, request)),
        (error) => jsonReply(error.status, { ErrorCode: error.code, ErrorMessage: error.message }),
      ),
      shelf.http,
    ],
    invoker: { invoke: (call) => compute.invokeArn(call) },
    crash: () => pool.crash(),
    logs: () => printed.text(),
    logsIn: (store) => logs.in(store),
    resume: () => compute.resume(),
    close: () => compute.close(),
  };
}

function httpService(
  product: string,
  operations: readonly string[],
  path: RegExp,
  handle: (request: HttpRequest) => Promise<HttpReply>,
  writeError: (error: ApiError, request: HttpRequest) => HttpReply,
): HttpService {
  return {
    product,
    operations,
    accepts: (request) =>
      path.test(request.path) &&
      (product === 'fc' ? isAcs3(request) || request.path.startsWith('/2023') : true),
    actionOf: (request) =>
      request.path.endsWith('/invocations') ? 'InvokeFunction' : `${request.method} ${request.path}`,
    writeError,
    handle: async (request) => {
      try {
        return await handle(request);
      } catch (error) {
        return writeError(asApiError(error), request);
      }
    },
  };
}

class FunctionCompute {
  readonly #invoker: Invoker;
  readonly #services: Map<string, Json>;
  readonly #keptServices: Table<Json>;

  constructor(
    private readonly cloud: Cloud,
    private readonly registry: FunctionRegistry,
    private readonly pool: InstancePool,
    logs: FunctionLogs,
    private readonly shelf: CodeShelf,
  ) {
    this.#invoker = new Invoker(cloud, registry, pool, logs);
    this.#keptServices = cloud.keeper.table('function-compute/services');
    this.#services = new Map(this.#keptServices.entries);
  }

  resume(): void {
    this.#invoker.resume();
  }

  close(): void {
    this.pool.close();
  }

  /** @throws {ApiError} `FunctionNotFound`, `AccessDenied`, … */
  async invokeArn({
    caller,
    resourceArn,
    payload,
    invocationType,
  }: Parameters<FunctionInvoker['invoke']>[0]): Promise<Invoked> {
    const three = ARN_V3.exec(resourceArn);
    const two = ARN_V2.exec(resourceArn);
    if (three === null && two === null)
      throw new ApiError(400, 'InvalidArgument', `${resourceArn} names no function`);
    const [, region, accountId, ...rest] = three ?? two ?? [];
    const [service, name, qualifier] =
      three === null ? [rest[0], rest[2], rest[1]] : [undefined, rest[0], rest[1]];
    const target = this.#find({
      region: region || 'cn-hangzhou',
      accountId: accountId || caller.accountId,
      name: name ?? '',
      ...(service === undefined ? {} : { service }),
    });
    const invocation = {
      caller,
      target,
      payload,
      qualifier: qualifier ?? 'LATEST',
      requestId: requestIdOf(),
    };
    if (invocationType === 'Sync') return this.#invoker.sync(invocation);
    this.#invoker.async(invocation);
    return { status: 202, body: Buffer.alloc(0), logTail: '' };
  }

  async handleV3(request: HttpRequest, caller: Caller): Promise<HttpReply> {
    const [, name, part] = V3.exec(request.path) ?? [];
    const region = regionOf(request);
    const at = { accountId: caller.accountId, region, name: name ?? '' };
    if (part === '/code') return this.#code(request, caller, at);
    if (part === '/invocations')
      return this.#invoke(
        request,
        caller,
        this.#find(at),
        new URLSearchParams(request.rawQuery).get('qualifier') || 'LATEST',
      );
    const verb =
      { POST: 'Create', PUT: 'Update', GET: name === undefined ? 'List' : 'Get', DELETE: 'Delete' }[
        request.method
      ] ?? request.method;
    const action = `fc:${verb}Function${verb === 'List' ? 's' : ''}`;
    this.cloud.identity.demand(
      caller,
      // Lists are checked on all resources. Source: API reference, ListFunctions.
      { action, resource: verb === 'List' ? '*' : `acs:fc:${region}:${caller.accountId}:functions/${name}` },
      'AccessDenied',
    );
    switch (verb) {
      case 'Create':
        return jsonReply(200, describeV3(this.#create(caller, region, bodyOf(request))));
      case 'Update':
        return jsonReply(200, describeV3(this.#update(caller, this.#find(at), bodyOf(request))));
      case 'Get':
        return jsonReply(200, describeV3(this.#find(at)));
      case 'List':
        return jsonReply(200, { functions: this.registry.in(caller.accountId, region).map(listedV3) });
      case 'Delete':
        this.#delete(this.#find(at));
        return { status: 204 };
      default:
        throw new ApiError(
          404,
          'PathNotSupported',
          `This embedded Function Compute has no ${request.method} ${request.path}.`,
        );
    }
  }

  async handleV2(request: HttpRequest, caller: Caller): Promise<HttpReply> {
    const [, service, qualifier, name, part] = V2.exec(request.path) ?? [];
    const region = regionOf(request);
    const at = {
      accountId: caller.accountId,
      region,
      name: name ?? '',
      ...(service === undefined ? {} : { service }),
    };
    if (part === '/code') return this.#code(request, caller, at);
    if (part === '/invocations') return this.#invoke(request, caller, this.#find(at), qualifier ?? 'LATEST');
    const onFunctions = request.path.includes('/functions');
    const what = onFunctions ? 'Function' : 'Service';
    const verb =
      { POST: 'Create', PUT: 'Update', GET: 'Get', DELETE: 'Delete' }[request.method] ?? request.method;
    this.cloud.identity.demand(
      caller,
      {
        action: `fc:${verb}${what}`,
        resource: `acs:fc:${region}:${caller.accountId}:services/${service ?? '*'}${onFunctions ? `/functions/${name ?? '*'}` : ''}`,
      },
      'AccessDenied',
    );
    const serviceKey = `${caller.accountId}/${region}/${service ?? textIn(bodyOf(request)['serviceName'])}`;
    if (!onFunctions && verb === 'Create') {
      if (this.#services.has(serviceKey))
        throw new ApiError(409, 'ServiceAlreadyExists', 'The service exists already.');
      this.#demandPassRole(caller, bodyOf(request));
      this.#services.set(serviceKey, bodyOf(request));
      this.#keptServices.put(serviceKey, bodyOf(request));
      return jsonReply(200, bodyOf(request));
    }
    const known = this.#services.get(serviceKey);
    if (known === undefined)
      throw new ApiError(404, 'ServiceNotFound', `service '${service}' does not exist`);
    if (!onFunctions && verb === 'Get') return jsonReply(200, known);
    if (!onFunctions && verb === 'Delete') {
      this.#services.delete(serviceKey);
      this.#keptServices.remove(serviceKey);
      return { status: 204 };
    }
    if (onFunctions && verb === 'Create')
      return jsonReply(
        200,
        describeV2(this.#store(caller, region, ofService(known, bodyOf(request)), service)),
      );
    if (onFunctions && verb === 'Update')
      return jsonReply(200, describeV2(this.#change(this.#find(at), ofService(known, bodyOf(request)))));
    if (onFunctions && verb === 'Get' && name !== undefined)
      return jsonReply(200, describeV2(this.#find(at)));
    if (onFunctions && verb === 'Get')
      return jsonReply(200, {
        functions: this.registry.in(caller.accountId, region, service).map(describeV2),
      });
    if (onFunctions && verb === 'Delete') {
      this.#delete(this.#find(at));
      return { status: 204 };
    }
    throw new ApiError(
      404,
      'PathNotSupported',
      `This embedded Function Compute has no ${request.method} ${request.path}.`,
    );
  }

  async #invoke(
    request: HttpRequest,
    caller: Caller,
    target: FunctionState,
    qualifier: string,
  ): Promise<HttpReply> {
    const invocation = { caller, target, qualifier, payload: request.body, requestId: request.requestId };
    const headers = { 'x-fc-request-id': request.requestId, 'x-fc-code-checksum': target.codeChecksum };
    if (request.headers['x-fc-invocation-type'] === 'Async') {
      this.#invoker.async(invocation);
      return { status: 202, headers };
    }
    const { errorType, body, logTail } = await this.#invoker.sync(invocation);
    return {
      status: 200,
      headers: {
        ...headers,
        'content-type': 'application/octet-stream',
        ...(errorType === undefined ? {} : { 'x-fc-error-type': errorType }),
        ...(request.headers['x-fc-log-type'] === 'Tail'
          ? { 'x-fc-log-result': Buffer.from(logTail).toString('base64') }
          : {}),
      },
      body,
    };
  }

  /** GetFunctionCode is authorised on everything only. Source: its page, "Authorization information". */
  #code(request: HttpRequest, caller: Caller, at: Parameters<typeof FunctionRegistry.key>[0]): HttpReply {
    if (request.method !== 'GET')
      throw new ApiError(
        404,
        'PathNotSupported',
        `This embedded Function Compute has no ${request.method} of code.`,
      );
    this.cloud.identity.demand(caller, { action: 'fc:GetFunctionCode', resource: '*' }, 'AccessDenied');
    const state = this.#find(at);
    const url = this.shelf.lend(this.registry.packageOf(state));
    return jsonReply(200, { url, checksum: state.codeChecksum });
  }

  /** Who gives something a role must be allowed to pass it on. Source: Function Compute "Policies and sample policies". */
  #demandPassRole(caller: Caller, { role }: Json): void {
    if (typeof role !== 'string' || role === '') return;
    const resource = role.startsWith('acs:') ? role : `acs:ram::${caller.accountId}:role/${role}`;
    const context = { 'acs:Service': 'fc.aliyuncs.com' };
    this.cloud.identity.demand(caller, { action: 'ram:PassRole', resource, context }, 'AccessDenied');
  }

  #create(caller: Caller, region: string, body: Json): FunctionState {
    this.#demandPassRole(caller, body);
    return this.#store(caller, region, body);
  }

  #store(caller: Caller, region: string, body: Json, service?: string): FunctionState {
    const settings = settingsOf(body);
    checkSettings(settings);
    const at = {
      accountId: caller.accountId,
      region,
      name: settings.name,
      ...(service === undefined ? {} : { service }),
    };
    if (this.registry.get(FunctionRegistry.key(at)) !== undefined)
      throw new ApiError(409, 'FunctionAlreadyExists', `function '${settings.name}' exists already`);
    const state: FunctionState = {
      ...settings,
      ...at,
      ...this.registry.take(zipOf(body)),
      createdAt: new Date(this.cloud.clock.now()).toISOString(),
    };
    this.registry.set(state);
    return state;
  }

  #update(caller: Caller, state: FunctionState, body: Json): FunctionState {
    this.#demandPassRole(caller, body);
    return this.#change(state, body);
  }

  #change(state: FunctionState, body: Json): FunctionState {
    const settings = settingsOf({ ...describeV3(state), ...body, functionName: state.name });
    checkSettings(settings);
    const code = body['code'] === undefined ? {} : this.registry.take(zipOf(body));
    const { logConfig: _, ...others } = state;
    const updated = { ...others, ...settings, ...code };
    this.pool.forget(FunctionRegistry.key(state));
    this.registry.set(updated);
    return updated;
  }

  #delete(state: FunctionState): void {
    this.pool.forget(FunctionRegistry.key(state));
    this.registry.delete(FunctionRegistry.key(state));
  }

  #find(at: Parameters<typeof FunctionRegistry.key>[0]): FunctionState {
    if (at.service !== undefined && !this.#services.has(`${at.accountId}/${at.region}/${at.service}`))
      throw new ApiError(404, 'ServiceNotFound', `service '${at.service}' does not exist`);
    const found = this.registry.get(FunctionRegistry.key(at));
    if (found === undefined)
      throw new ApiError(404, 'FunctionNotFound', `function '${at.name}' does not exist`);
    return found;
  }
}

let serial = 0;
const requestIdOf = (): string => `1-${Date.now().toString(16)}-${(++serial).toString(16).padStart(8, '0')}`;

/** `<account>.<region>.fc.aliyuncs.com`, `fcv3.<region>.aliyuncs.com`; on the bare loopback the default region. */
const regionOf = (request: HttpRequest): string =>
  /\.([a-z]+-[a-z0-9-]+?)(?:-internal)?(?:\.fc)?\.aliyuncs\.com/.exec(request.headers['host'] ?? '')?.[1] ??
  'cn-hangzhou';

function bodyOf(request: HttpRequest): Json {
  const refusal = new ApiError(400, 'InvalidArgument', 'The request body is no JSON object.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw refusal;
  }
  if (typeof parsed !== 'object' || parsed === null) throw refusal;
  return parsed as Json;
}

const zipOf = (body: Json): string => {
  const code = body['code'] as Json | undefined;
  if (typeof code?.['zipFile'] !== 'string')
    throw new ApiError(400, 'InvalidArgument', 'This embedded Function Compute takes code as zipFile only.');
  return code['zipFile'];
};
