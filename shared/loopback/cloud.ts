/** Starts an embedded cloud: one process, one loopback port, no account. Products plug in as constructor functions. */
import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { makeRealClock, type RunnableClock } from './clock.js';
import { ConnectionLost, Dispatcher, type RecordedCall } from './dispatch.js';
import { asApiError, errorReply } from './http/replies.js';
import { answerRpc, findAction } from './http/rpc-front.js';
import { type Listener, listen } from './http/server.js';
import { type AccountAdmin, makeAccountAdmin } from './identity/accounts.js';
import { makeIdentity } from './identity/identity.js';
import { Store } from './identity/store.js';
import { imsService } from './ims/service.js';
import { keepIn } from './keep/folder.js';
import { forgetful, type Keeper } from './keep/keeper.js';
import {
  ApiError,
  type Cloud,
  type HttpReply,
  type HttpRequest,
  type HttpService,
  type Identity,
  type RpcService,
} from './kernel.js';
import { QUOTA } from './ram/checks.js';
import { ramService } from './ram/service.js';
import { resourceManagerService } from './resource-manager/service.js';
import { keyNamedBy } from './signatures/claim.js';
import { stsService } from './sts/service.js';
import type { Switches } from './switches.js';

/** What a product adds to the cloud. */
export interface ServiceParts {
  readonly rpc?: readonly RpcService[];
  readonly http?: readonly HttpService[];
  /** Goes on with what was under way when the state that was kept was left; called once, when the cloud listens. */
  resume?(): void;
  /** Ends what the product keeps running; called once, when the cloud closes. */
  close?(): void | Promise<void>;
}
export type ServiceMaker = (cloud: Cloud) => ServiceParts;

export interface CloudOptions {
  /** Default: host time. A clock handed in is closed with the cloud. */
  readonly clock?: RunnableClock;
  readonly switches?: Partial<Switches>;
  /** 0: any free port. Default: with `data` the one it had, else 0. */
  readonly port?: number;
  /** A folder where all state is kept, or who keeps it; without it, state ends with the process. */
  readonly data?: string | Keeper;
  readonly trace?: (line: Readonly<Record<string, unknown>>) => void;
  /** Products beside RAM, STS, IMS and Resource Management, which are always there. Called in this order. */
  readonly services?: readonly ServiceMaker[];
  /** Larger request bodies are refused. Default 96 MiB, room for a function's code as base64. */
  readonly maxBodyBytes?: number;
}

export interface RunningCloud {
  readonly cloud: Cloud;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** `127.0.0.1:<port>`, as SDK configurations take it. */
  readonly endpoint: string;
  readonly accounts: AccountAdmin;
  /** What is answered here, in the order of products: `version` is '' for products that do not speak RPC. */
  readonly served: readonly { readonly product: string; readonly version: string; readonly action: string }[];
  /** Every call so far, oldest first, those of functions and flows included. */
  readonly calls: readonly RecordedCall[];
  /** Changes switches while the cloud runs. */
  set(switches: Partial<Switches>): void;
  /** Resolves when all that was done so far is kept; calls over the wire are answered only then. */
  saved(): Promise<void>;
  /** Resolves with why, once something could not be kept; calls are refused from then on, and all there is to do is to close. */
  readonly failed: Promise<Error>;
  /** Rejects when something could not be kept; all is closed nevertheless. */
  close(): Promise<void>;
}

const DEFAULT_SWITCHES: Switches = {
  negativeOperatorMatchesMissingKey: false,
  starsCrossColons: true,
  missingBeforeDenied: false,
  userNamesIgnoreCase: false,
  trustMayDeny: false,
  trustBindsIds: false,
  trustEditEndsSessions: false,
  propagationSeconds: 0,
  listingDelaySeconds: 0,
  hidesMissingObjects: true,
  hasOpaqueETags: false,
  refusesPublicData: false,
  roleQuota: QUOTA.roles,
  policyQuota: QUOTA.policies,
};
const DEFAULT_MAX_BODY_BYTES = 96 * 1024 * 1024;

/** What a cloud consists of as far as it was begun. */
interface Begun {
  readonly clock: RunnableClock;
  keeper?: Keeper;
  readonly parts: ServiceParts[];
  listener?: Listener;
}

async function end({ listener, parts, clock, keeper }: Begun): Promise<void> {
  await listener?.close();
  for (const part of parts) await part.close?.();
  clock.close();
  await keeper?.close();
}

/** @throws {Error} when folder or port cannot be had, or a service cannot begin; nothing of it is left running then */
export async function startCloud(options: CloudOptions = {}): Promise<RunningCloud> {
  const begun: Begun = { clock: options.clock ?? makeRealClock(), parts: [] };
  try {
    return await begin(options, begun);
  } catch (error) {
    // Why it did not start is told, not what follows from that.
    await end(begun).catch(() => undefined);
    throw error;
  }
}

async function begin(options: CloudOptions, begun: Begun): Promise<RunningCloud> {
  const { clock, parts } = begun;
  const switches = { ...DEFAULT_SWITCHES, ...options.switches };
  const trace = options.trace ?? (() => undefined);
  const { data = forgetful } = options;
  const keeper = typeof data === 'string' ? keepIn(data) : data;
  begun.keeper = keeper;
  const core = makeIdentity(new Store(clock, switches, keeper), clock, switches);
  const dispatcher = new Dispatcher(() => clock.now(), trace);

  const rpc: RpcService[] = [
    ramService(core),
    stsService(core),
    imsService(core),
    resourceManagerService(core),
  ];
  const http: HttpService[] = [];
  const cloud: Cloud = {
    clock,
    identity: core.identity,
    switches,
    faults: dispatcher,
    keeper,
    connect: (host, port) =>
      host === '127.0.0.1' && port === begun.listener?.port ? begun.listener.connect() : undefined,
    answerAt: (host, port) =>
      host === '127.0.0.1' && port === begun.listener?.port ? begun.listener.answer : undefined,
    origin: () => `http://127.0.0.1:${begun.listener?.port}`,
    busy: (work) => clock.busy(work),
    trace,
    call: async (caller, version, action, params, region) => {
      const target = findAction(rpc, version, action);
      const requestId = randomUUID().toUpperCase();
      const call = { product: target.product, version, action, params, callerArn: caller.arn, requestId };
      try {
        return await dispatcher.run(call, () => target.run({ params, caller, region, requestId }));
      } catch (error) {
        // In process a lost connection shows as the cloud being unavailable: the caller cannot know what was applied.
        if (error instanceof ConnectionLost) throw new ApiError(503, 'ServiceUnavailable', error.message);
        throw asApiError(error);
      }
    },
  };
  for (const make of options.services ?? []) {
    const part = make(cloud);
    parts.push(part);
    rpc.push(...(part.rpc ?? []));
    http.push(...(part.http ?? []));
  }

  const serviceFor = (request: HttpRequest) => http.find((candidate) => candidate.accepts(request));
  const answer = async (request: HttpRequest): Promise<HttpReply | 'drop'> => {
    const service = serviceFor(request);
    return service === undefined
      ? answerRpc({ services: rpc, identity: core.identity, dispatcher }, request)
      : answerHttp({ service, identity: core.identity, dispatcher }, request);
  };
  const place = keeper.table<number>('cloud/place');
  const listening = await listen({
    port: options.port ?? place.entries.get('port') ?? 0,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    // Work of its own, also when a function of this process opened the connection in the midst of its work.
    answer: AsyncResource.bind((request: HttpRequest) =>
      clock
        .busy(async () => {
          const reply = await answer(request);
          await keeper.saved();
          return reply;
        })
        .catch((error: unknown) => refusal(serviceFor(request), asApiError(error), request)),
    ),
  });
  begun.listener = listening;
  place.put('port', listening.port);
  for (const part of parts) part.resume?.();
  const endpoint = `127.0.0.1:${listening.port}`;
  return {
    cloud,
    origin: `http://${endpoint}`,
    endpoint,
    accounts: makeAccountAdmin(core),
    served: [
      ...rpc.flatMap(({ product, version, actions }) =>
        Object.keys(actions).map((action) => ({ product, version, action })),
      ),
      ...http.flatMap(({ product, operations }) =>
        (operations ?? ['(not told)']).map((action) => ({ product, version: '', action })),
      ),
    ],
    calls: dispatcher.calls,
    set: (changed) => void Object.assign(switches, changed),
    saved: () => keeper.saved(),
    failed: keeper.failed,
    close: () => end(begun),
  };
}

interface HttpFront {
  readonly service: HttpService;
  readonly identity: Identity;
  readonly dispatcher: Dispatcher;
}

/** Products with a protocol of their own write refusals themselves; faults and the record of calls reach them here. */
async function answerHttp(
  { service, identity, dispatcher }: HttpFront,
  request: HttpRequest,
): Promise<HttpReply | 'drop'> {
  const { requestId } = request;
  const action = service.actionOf?.(request) ?? `${request.method} ${request.path}`;
  const callerArn = identity.arnOf(keyNamedBy(request.headers['authorization']) ?? '');
  try {
    return await dispatcher.run(
      {
        product: service.product,
        version: '',
        action,
        params: { path: request.path, ...Object.fromEntries(new URLSearchParams(request.rawQuery)) },
        requestId,
        ...(callerArn === undefined ? {} : { callerArn }),
      },
      () => service.handle(request),
      (reply) => (reply.status >= 400 ? String(reply.status) : undefined),
    );
  } catch (error) {
    if (error instanceof ConnectionLost) return 'drop';
    return refusal(service, asApiError(error), request);
  }
}

/** In the words of the product that was asked. */
const refusal = (service: HttpService | undefined, error: ApiError, request: HttpRequest): HttpReply =>
  service?.writeError?.(error, request) ??
  errorReply(error, request.requestId, request.headers['host'] ?? '');
