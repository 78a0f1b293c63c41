/**
 * What every service of the embedded cloud is given, and what it gives back. Types and the two small classes that
 * services throw and read; no behaviour of any product lives here.
 */
import type { Duplex } from 'node:stream';
import type { AccessRequest, Decision } from '../policy/index.js';
import type { Keeper } from './keep/keeper.js';
import type { Switches } from './switches.js';
import type { Work } from './work.js';

/** Time of the embedded cloud in epoch milliseconds. Signature skew is not judged by it but by host time. */
export interface CloudClock {
  now(): number;
  /** While time is being moved to a point: that point (epoch ms). `undefined` at rest, and on a clock that does not tell. */
  readonly headingFor?: number | undefined;
  /** Calls `task` once at or after `at` (epoch ms). Work it starts counts as the cloud being busy until it settles. */
  at(at: number, task: () => void | Promise<void>, options?: TimerOptions): CloudTimer;
  /** Waits `ms` of the cloud's time. The work that waits so keeps no time from moving meanwhile. */
  sleep(ms: number): Promise<void>;
  /** Waits for what is not work of the caller's, such as the end of another's; time may move meanwhile. */
  rest<T>(wait: () => Promise<T>): Promise<T>;
}
export interface TimerOptions {
  /** Recurring ticks (schedules, sweeps): they fire when time passes, but do not by themselves make an idle clock jump. */
  readonly background?: boolean;
}
export interface CloudTimer {
  cancel(): void;
}

/** Who makes a call, as told by its access key. */
export interface Caller {
  readonly accountId: string;
  readonly kind: 'root' | 'user' | 'role-session';
  /** `acs:ram::<uid>:root`, `acs:ram::<uid>:user/<name>` or `acs:ram::<uid>:assumed-role/<role>/<session>`. */
  readonly arn: string;
  readonly accessKeyId: string;
  /** IPv4 address the embedded cloud takes this caller to come from; an attribute of the access key. */
  readonly sourceIp: string;
  readonly userName?: string;
  readonly userId?: string;
  readonly roleName?: string;
  readonly roleId?: string;
  readonly sessionName?: string;
  /** Session policy text, for a role session that was opened with one. */
  readonly sessionPolicy?: string;
  /** Epoch ms at which a role session ends. */
  readonly expiresAt?: number;
  /** True in a session opened from a console logon with MFA; calls signed with an access key carry no such fact. */
  readonly mfaPresent?: boolean;
}

export interface AccessDeniedDetail {
  readonly AuthAction: string;
  readonly AuthPrincipalType: string;
  readonly AuthPrincipalDisplayName: string;
  readonly AuthPrincipalOwnerId: string;
  readonly NoPermissionType: 'ImplicitDeny' | 'ExplicitDeny';
  readonly PolicyType?: string;
}

/** A refusal in the vendor's words. Each protocol writes it in its own shape. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly accessDeniedDetail?: AccessDeniedDetail,
  ) {
    super(message);
  }
}

/** One call of an RPC or in-process action. Parameters are strings, flattened as the wire has them (`Tag.1.Key`). */
export interface RpcCall {
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly region: string;
  readonly requestId: string;
}
/** Returns the reply's JSON object without `RequestId` (the front adds it), or throws `ApiError`. */
export type RpcAction = (call: RpcCall) => unknown | Promise<unknown>;

/** An RPC product: served under every version and action it lists; an action it lacks is answered loudly by name. */
export interface RpcService {
  readonly product: string;
  readonly version: string;
  readonly actions: Readonly<Record<string, RpcAction>>;
  /** Of actions that take one HTTP method alone. Default: GET and POST. Source: the vendor's published API metadata. */
  readonly methods?: Readonly<Record<string, 'GET' | 'POST'>>;
  /** The body with which the product refuses by a reply of status 200. Default: every refusal is an error of the gateway. */
  refusal?(error: ApiError): object | undefined;
}

/** A raw HTTP request, body read, size limits applied. `path` is the raw (still encoded) path without query. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Raw text after the first `?`, '' when there is none. */
  readonly rawQuery: string;
  /** Lower-case names; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly requestId: string;
}
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Answers a request, to which it gives an id; `'drop'`: the connection closes without a reply. Never rejects. */
export type Answer = (request: Omit<HttpRequest, 'requestId'>) => Promise<HttpReply | 'drop'>;

/** A product that does not speak RPC: picks its requests and answers them whole, signature check included. */
export interface HttpService {
  readonly product: string;
  /** All that it answers, by the names its product gives them; the conformance suite insists on it. */
  readonly operations?: readonly string[];
  accepts(request: HttpRequest): boolean;
  /** Names the call for faults and the record of calls. Default: method and path. */
  actionOf?(request: HttpRequest): string;
  /** Writes a planted fault in the product's own shape. Default: the RPC gateway's JSON. */
  writeError?(error: ApiError, request: HttpRequest): HttpReply;
  handle(request: HttpRequest): Promise<HttpReply>;
}

/** Who is who, and who may do what. Implemented by `identity/`. */
export interface Identity {
  /** The secret to check a signature with, and the caller. Throws `ApiError` `InvalidAccessKeyId.NotFound`, `InvalidSecurityToken…`, … */
  authenticate(
    accessKeyId: string,
    securityToken: string | undefined,
  ): { readonly secret: string; readonly caller: Caller };
  /** ARN of whoever an access key is of, whether or not it works; `undefined` of one that is unknown. */
  arnOf(accessKeyId: string): string | undefined;
  /**
   * Whether a request stamped `signedAt` (epoch ms) is fresh: within 15 minutes of host time, or, for credentials that the
   * embedded cloud handed to a function it runs, of the cloud's clock (a function's process lives by that clock).
   */
  isFresh(accessKeyId: string, signedAt: number): boolean;
  /** True the first time a nonce is seen for this key. */
  useNonce(accessKeyId: string, nonce: string): boolean;
  /** RAM's verdict. `context` adds keys to the common ones (`acs:CurrentTime`, `acs:SourceIp`, `acs:SecureTransport`). */
  authorize(caller: Caller, request: AuthorizationRequest): Decision;
  /** Hears of every verdict from now on, also on who may enter a role, until the function returned is called. */
  watch(listener: (judged: Judged) => void): () => void;
  /** Throws `ApiError(403, code)` with the denial detail unless RAM allows. `code` defaults to `NoPermission`. */
  demand(caller: Caller, request: AuthorizationRequest, code?: string): void;
  /**
   * A session of `roleName` opened by a cloud service (`fc.aliyuncs.com`, …), or `ApiError(403)` when the trust policy does
   * not admit that service. `isFunction` marks credentials that live in a function's process (see `isFresh`).
   */
  assumeForService(
    accountId: string,
    roleName: string,
    service: string,
    sessionName: string,
    options?: { readonly seconds?: number; readonly isFunction?: boolean },
  ): ServiceSession;
}
export interface AuthorizationRequest {
  readonly action: AccessRequest['action'];
  readonly resource: AccessRequest['resource'];
  readonly resourceGroupId?: string;
  readonly context?: Readonly<Record<string, string>>;
}
export interface ServiceSession {
  readonly caller: Caller;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken: string;
    readonly expiration: string;
  };
}

/** Function Compute as CloudFlow and EventBridge use it. */
export interface FunctionInvoker {
  /** `resourceArn`: FC 3.0 `acs:fc:<region>:<uid>:functions/<fn>/<qualifier>` or FC 2.0 `…services/<s>.<q>/functions/<fn>`. */
  invoke(call: {
    readonly caller: Caller;
    readonly resourceArn: string;
    readonly payload: Buffer;
    readonly invocationType: 'Sync' | 'Async';
  }): Promise<FunctionReply>;
}
export interface FunctionReply {
  readonly status: number;
  /** `UnhandledInvocationError`, … when the function (not the call) failed: then `body` is the error JSON. */
  readonly errorType?: string;
  readonly body: Buffer;
}

/** EventBridge as CloudFlow uses it (`EventBridge:PutEvents`). */
export interface EventPublisher {
  publish(
    caller: Caller,
    region: string,
    events: readonly Readonly<Record<string, unknown>>[],
  ): Promise<unknown>;
}

/** A verdict, as those who watch RAM hear of it. */
export interface Judged {
  readonly caller: Caller;
  readonly request: AuthorizationRequest;
  readonly decision: Decision;
}

/** A call as faults and the record of calls see it. */
export interface CallInfo {
  readonly product: string;
  /** '' for products that do not speak RPC. */
  readonly version: string;
  readonly action: string;
  /** Of products that do not speak RPC what stands in the query, and `path`. */
  readonly params: Readonly<Record<string, string>>;
  /** Of products that check signatures themselves, by the key that the request names; absent when it names none that is known. */
  readonly callerArn?: string;
  /** 1 for the first call of this version and action, and so on. */
  readonly nth: number;
  readonly requestId: string;
}
/** What goes wrong with a call. `lost-reply`: it is applied, then the connection drops; `lost-request`: it drops before. */
export type Fault =
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly message?: string }
  | { readonly kind: 'lost-reply' }
  | { readonly kind: 'lost-request' };
/** Looks at every call. `before` may name a fault; `after` hears of each that was applied or refused. */
export interface CallInterceptor {
  before?(call: CallInfo): Fault | undefined | Promise<Fault | undefined>;
  after?(call: CallInfo, outcome: { readonly code?: string }): void | Promise<void>;
}
export interface Faults {
  /** Adds an interceptor; the function returned takes it away again. */
  add(interceptor: CallInterceptor): () => void;
  clear(): void;
}

/** What services share. Made by `cloud.ts`, handed to every service's constructor function. */
export interface Cloud {
  readonly clock: CloudClock;
  readonly identity: Identity;
  readonly switches: Switches;
  readonly faults: Faults;
  /** Where a service keeps what must outlive the process; the cloud waits for it before it answers. */
  readonly keeper: Keeper;
  /** Calls an RPC action in process as `caller`, authorised as on the wire. Rejects with `ApiError`. */
  call(
    caller: Caller,
    version: string,
    action: string,
    params: Readonly<Record<string, string>>,
    region: string,
  ): Promise<unknown>;
  /** A connection to the cloud itself without the network; `undefined` when it does not listen on `port` of 127.0.0.1. */
  connect(host: string, port: number): Duplex | undefined;
  /** What answers there, to be asked without bytes or a connection; `undefined` as for `connect`. */
  answerAt(host: string, port: number): Answer | undefined;
  /** `http://host:port` at which the cloud answers; for addresses that it hands out. */
  origin(): string;
  /** Counts work in progress, so that a virtual clock does not jump while something runs. */
  busy<T>(work: (self: Work) => Promise<T>): Promise<T>;
  /** One line of what happened, for `leasehold up --verbose` and for tests that search for secrets. Never pass a secret. */
  trace(line: Readonly<Record<string, unknown>>): void;
}
