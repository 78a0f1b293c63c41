/** Invocation: authorised, run in an instance under the function's role, answered as Function Compute answers. */
import { randomUUID } from 'node:crypto';
import type { Table } from '../keep/keeper.js';
import { ApiError, type Caller, type Cloud, type FunctionReply, type ServiceSession } from '../kernel.js';
import type { Work } from '../work.js';
import { Instance, type InstancePool } from './instances.js';
import type { FunctionLogs } from './logs.js';
import { FunctionRegistry, type FunctionState } from './registry.js';

export interface Invocation {
  readonly caller: Caller;
  readonly target: FunctionState;
  readonly qualifier: string;
  readonly payload: Buffer;
  readonly requestId: string;
}
export interface Invoked extends FunctionReply {
  readonly logTail: string;
}

/** Source: Function Compute "Limits". */
const MAX_SYNC_BYTES = 32 * 1024 * 1024;
const MAX_ASYNC_BYTES = 128 * 1024;
const ASYNC_RETRIES = 3;
const CROWDED = 'ResourceExhausted';
/** While as many instances run as may: half a second, then twice as long each time. Source: Function Compute "Retry policy". */
const CROWDED_MS = { first: 500, forUpTo: 5 * 3_600_000 };

/** What became of an asynchronous request so far. */
interface Attempts {
  /** How often the function failed. */
  readonly tried: number;
  /** Since when, and how often in a row, there was no instance for it. */
  readonly crowded?: { readonly since: number; readonly times: number };
}

/** An asynchronous request that is not done with, as it is kept. */
interface KeptInvocation extends Omit<Invocation, 'target'>, Attempts {
  readonly functionKey: string;
  /** When it is tried next, epoch ms. */
  readonly dueAt: number;
}

export class Invoker {
  readonly #kept: Table<KeptInvocation>;

  constructor(
    private readonly cloud: Cloud,
    private readonly registry: FunctionRegistry,
    private readonly pool: InstancePool,
    private readonly logs: FunctionLogs,
  ) {
    this.#kept = cloud.keeper.table('function-compute/invocations');
  }

  /** Goes on with the requests that were kept. One whose function is gone is dropped. */
  resume(): void {
    for (const [requestId, { functionKey, tried, crowded, dueAt, ...kept }] of [...this.#kept.entries]) {
      const target = this.registry.get(functionKey);
      if (target === undefined) this.#kept.remove(requestId);
      else
        this.cloud.clock.at(dueAt, () =>
          this.#attempt(
            { ...kept, payload: Buffer.from(kept.payload), target },
            { tried, ...(crowded === undefined ? {} : { crowded }) },
          ),
        );
    }
  }

  /** @throws {ApiError} when the call, not the function, fails */
  sync(invocation: Invocation): Promise<Invoked> {
    this.#demand(invocation);
    checkQualifier(invocation);
    if (invocation.payload.length > MAX_SYNC_BYTES)
      throw new ApiError(400, 'EntityTooLarge', 'The payload size exceeds the limit.');
    return this.cloud.busy((work) => this.#run(invocation, work));
  }

  /**
   * Takes the request; runs it at once, and up to three times again a minute apart when the function fails. While there is no
   * instance for it, it waits.
   */
  async(invocation: Invocation): void {
    this.#demand(invocation);
    checkQualifier(invocation);
    if (invocation.payload.length > MAX_ASYNC_BYTES)
      throw new ApiError(400, 'EntityTooLarge', 'The payload size exceeds the limit.');
    this.#keep(invocation, { tried: 0 }, this.cloud.clock.now());
    this.#attempt(invocation, { tried: 0 });
  }

  #keep({ target, ...invocation }: Invocation, attempts: Attempts, dueAt: number): void {
    const functionKey = FunctionRegistry.key(target);
    this.#kept.put(invocation.requestId, { ...invocation, functionKey, ...attempts, dueAt });
  }

  #attempt(invocation: Invocation, attempts: Attempts): void {
    void this.cloud
      .busy((work) => this.#run(invocation, work))
      .then(({ errorType }) => {
        if (errorType === undefined) this.#kept.remove(invocation.requestId);
        else if (attempts.tried >= ASYNC_RETRIES) this.#drop(invocation, errorType);
        else this.#again(invocation, { tried: attempts.tried + 1 }, 60_000);
      })
      .catch((error: unknown) => {
        if (error instanceof ApiError && error.code === CROWDED) this.#wait(invocation, attempts);
        else this.#drop(invocation, error instanceof Error ? error.message : 'unknown');
      });
  }

  #wait(invocation: Invocation, { tried, crowded }: Attempts): void {
    const now = this.cloud.clock.now();
    const { since, times } = crowded ?? { since: now, times: 0 };
    const pause = CROWDED_MS.first * 2 ** times;
    if (now + pause - since > CROWDED_MS.forUpTo) this.#drop(invocation, CROWDED);
    else this.#again(invocation, { tried, crowded: { since, times: times + 1 } }, pause);
  }

  #again(invocation: Invocation, attempts: Attempts, pause: number): void {
    const dueAt = this.cloud.clock.now() + pause;
    this.#keep(invocation, attempts, dueAt);
    this.cloud.clock.at(dueAt, () => this.#attempt(invocation, attempts));
  }

  #drop({ requestId, target: { name } }: Invocation, dropped: string): void {
    this.#kept.remove(requestId);
    this.cloud.trace({ at: 'function-compute', function: name, dropped });
  }

  /**
   * Published both with and without the qualifier; a policy that names either form lets the call through, and one that denies either
   * refuses it.
   */
  #demand({ caller, target, qualifier }: Invocation): void {
    const { region, accountId, service, name } = target;
    const stem = `acs:fc:${region}:${accountId}:`;
    const requests = (
      service === undefined
        ? [`functions/${name}`, `functions/${name}/${qualifier}`]
        : [`services/${service}/functions/${name}`, `services/${service}.${qualifier}/functions/${name}`]
    ).map((resource) => ({ action: 'fc:InvokeFunction', resource: `${stem}${resource}` }));
    const { identity } = this.cloud;
    const judged = requests.map((request) => ({ request, decision: identity.authorize(caller, request) }));
    const telling =
      judged.find(({ decision }) => decision.effect === 'deny' && decision.reason === 'ExplicitDeny') ??
      judged.find(({ decision }) => decision.effect === 'allow') ??
      judged[0];
    if (telling !== undefined && telling.decision.effect === 'deny')
      identity.demand(caller, telling.request, 'AccessDenied');
  }

  async #run({ target, payload, requestId, qualifier }: Invocation, work: Work): Promise<Invoked> {
    const key = FunctionRegistry.key(target);
    const session = this.#sessionFor(target);
    const credentials = keysOf(session);
    const folder = this.registry.folderOf(target);
    const taken = await this.pool.take(key, {
      folder,
      handlerName: target.handler,
      ...(target.initializer === undefined ? {} : { initializerName: target.initializer }),
      env: environmentOf(target, folder, credentials),
    });
    if (taken === undefined) throw new ApiError(429, CROWDED, 'There are as many instances as there may be.');
    if (!(taken instanceof Instance)) return { status: 200, logTail: '', ...taken };
    const { region, accountId, name, handler, memorySize, timeoutSeconds, service } = target;
    const reply = await taken.invoke({
      event: payload,
      now: this.cloud.clock.now(),
      timeoutMs: timeoutSeconds * 1000,
      work,
      context: {
        requestId,
        credentials,
        function: { name, handler, memory: memorySize, timeout: timeoutSeconds },
        service: {
          name: service ?? '',
          logProject: target.logConfig?.project ?? '',
          logStore: target.logConfig?.logstore ?? '',
          qualifier,
          versionId: '',
        },
        region,
        accountId,
        tracing: { spanContext: '', jaegerEndpoint: '', spanBaggages: {} },
      },
    });
    const { logTail } = taken;
    if (reply.errorType !== undefined)
      this.cloud.trace({
        at: 'function-error',
        function: name,
        errorType: reply.errorType,
        body: reply.body.toString('utf8').slice(0, 400),
      });
    this.pool.giveBack(key, taken);
    if (session !== undefined)
      this.logs.write(target, session.caller, {
        requestId,
        ...(reply.errorType === undefined ? {} : { errorType: reply.errorType }),
      });
    return { status: 200, logTail, ...reply, body: bodyOf(reply, target) };
  }

  /** Fresh at every request, as `context.credentials` is. */
  #sessionFor({ accountId, role, name }: FunctionState): ServiceSession | undefined {
    if (role === undefined) return undefined;
    return this.cloud.identity.assumeForService(
      accountId,
      role.split('/').at(-1) ?? role,
      'fc.aliyuncs.com',
      `${name}-${randomUUID().slice(0, 8)}`,
      { isFunction: true },
    );
  }
}

/** No versions are published here and no aliases made. Source: Function Compute "Error codes". */
function checkQualifier({ qualifier, target: { name } }: Invocation): void {
  if (qualifier === 'LATEST') return;
  const kind = /^\d+$/.test(qualifier) ? 'Version' : 'Alias';
  throw new ApiError(
    404,
    `${kind}NotFound`,
    `function '${name}' has no ${kind.toLowerCase()} '${qualifier}'`,
  );
}

/** Source: Function Compute 2.0 "Error handling" of Node.js, where what is thrown has another name than under 3.0. */
function bodyOf(
  { errorType, body }: { readonly errorType?: string; readonly body: Buffer },
  of: FunctionState,
) {
  if (of.service === undefined || errorType !== 'UnhandledInvocationError') return body;
  const error = JSON.parse(body.toString('utf8')) as { readonly errorType?: string };
  if (error.errorType === undefined) return body;
  return Buffer.from(JSON.stringify({ ...error, errorType: `FunctionUnhandledError: ${error.errorType}` }));
}

function keysOf(session: ServiceSession | undefined): Readonly<Record<string, string>> {
  if (session === undefined) return { accessKeyId: '', accessKeySecret: '', securityToken: '' };
  const { accessKeyId, accessKeySecret, securityToken } = session.credentials;
  return { accessKeyId, accessKeySecret, securityToken };
}

/** The function's own variables and the documented ones; nothing of the host. Credentials as they were at the cold start. */
function environmentOf(
  target: FunctionState,
  folder: string,
  credentials: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { accountId, region, name, handler, memorySize } = target;
  const keys =
    credentials['accessKeyId'] === ''
      ? {}
      : {
          ALIBABA_CLOUD_ACCESS_KEY_ID: credentials['accessKeyId'] ?? '',
          ALIBABA_CLOUD_ACCESS_KEY_SECRET: credentials['accessKeySecret'] ?? '',
          ALIBABA_CLOUD_SECURITY_TOKEN: credentials['securityToken'] ?? '',
        };
  return {
    ...target.environmentVariables,
    ...keys,
    FC_ACCOUNT_ID: accountId,
    FC_REGION: region,
    FC_FUNCTION_NAME: name,
    FC_FUNCTION_HANDLER: handler,
    FC_FUNCTION_MEMORY_SIZE: String(memorySize),
    FC_FUNC_CODE_PATH: folder,
    FC_INSTANCE_ID: randomUUID(),
  };
}
