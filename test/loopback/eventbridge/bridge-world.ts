/** An embedded cloud with EventBridge, stand-ins for what it delivers to, and the vendor's own clients. */
import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import * as models from '@alicloud/eventbridge';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import { makeVirtualClock, type VirtualClock } from '../../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../../shared/loopback/cloud.js';
import { type EventBridgeParts, eventBridgeService } from '../../../shared/loopback/eventbridge/service.js';
import {
  ApiError,
  type FunctionInvoker,
  type FunctionReply,
  type RpcCall,
} from '../../../shared/loopback/kernel.js';
import { allow, type Keys, ownerId, partnerId } from '../identity-clients.js';

const require = createRequire(import.meta.url);
const { default: EventBridge } = require('@alicloud/eventbridge') as typeof import('@alicloud/eventbridge');
const { default: OpenApi } = require('@alicloud/openapi-core') as typeof import('@alicloud/openapi-core');

export const REGION = 'cn-hangzhou';
export const START = Date.UTC(2026, 11, 1);
type Params = Readonly<Record<string, string>>;
type Invocation = Parameters<FunctionInvoker['invoke']>[0];

export interface BridgeWorld {
  readonly running: RunningCloud;
  readonly clock: VirtualClock;
  readonly bridge: EventBridgeParts;
  readonly owner: Keys;
  readonly partner: Keys;
  /** Every `StartExecution` that EventBridge made, and how the next ones are answered (default: taken). */
  readonly flows: { readonly starts: RpcCall[]; answer: (call: RpcCall) => unknown };
  /** Every invocation, and how the next ones are answered (default: 200). */
  readonly functions: { readonly calls: Invocation[]; answer: (call: Invocation) => FunctionReply };
  /** A control call as an account's owner, in process. Default: the resource owner. */
  control(
    action: string,
    params: Params,
    accountId?: string,
  ): Promise<{ readonly Data: Record<string, unknown> }>;
  /** A RAM call as an account's owner. */
  ram(action: string, params: Params, accountId?: string): Promise<unknown>;
  /** A role with one policy for what it may do, trusting `service`. */
  makeServiceRole(name: string, service: string, policy: string, accountId?: string): Promise<void>;
  /** A user who may do `actions` on `resource`. */
  userWho(name: string, actions: readonly string[], resource: string): Promise<Keys>;
  /** A rule on `orders` that takes type `t` to one target. */
  makeRule(name: string, target: object, pattern?: object): Promise<void>;
  /** Posts events of type `t` to `orders` as the owner and waits until all is quiet. */
  post(...ids: readonly string[]): Promise<void>;
}

/** `data`: a folder where state is kept; what is there already is left as it is, and goes on. */
export async function startBridgeWorld(
  clock = makeVirtualClock({ startAt: START }),
  data?: string,
): Promise<BridgeWorld> {
  const parts: { bridge?: EventBridgeParts } = {};
  const flows: BridgeWorld['flows'] = { starts: [], answer: () => ({ Name: 'e' }) };
  const functions: BridgeWorld['functions'] = {
    calls: [],
    answer: () => ({ status: 200, body: Buffer.alloc(0) }),
  };
  const running = await startCloud({
    clock,
    services: [
      (cloud) => {
        const invoke = async (call: Invocation) => {
          functions.calls.push(call);
          return functions.answer(call);
        };
        parts.bridge = eventBridgeService(cloud, { functions: () => ({ invoke }) });
        const StartExecution = (call: RpcCall) => {
          const resource = `acs:fnf:${REGION}:${call.caller.accountId}:flow/${call.params['FlowName']}`;
          cloud.identity.demand(call.caller, { action: 'fnf:StartExecution', resource });
          flows.starts.push(call);
          return flows.answer(call);
        };
        const fnf = { product: 'fnf', version: '2019-03-15', actions: { StartExecution } };
        const { http, rpc, resume } = parts.bridge;
        return { http, rpc: [...rpc, fnf], resume };
      },
    ],
    ...(data === undefined ? {} : { data }),
  });
  const { accounts, cloud } = running;
  const isNew = accounts.keyOf(ownerId) === undefined;
  const owner = accounts.keyOf(ownerId) ?? accounts.createAccount(ownerId).rootAccessKey;
  const partner = accounts.keyOf(partnerId) ?? accounts.createAccount(partnerId).rootAccessKey;
  const bridge = parts.bridge as EventBridgeParts;
  const call = (version: string, action: string, params: Params, accountId = ownerId) =>
    cloud.call(accounts.rootOf(accountId), version, action, params, REGION);
  const world: BridgeWorld = {
    running,
    clock,
    bridge,
    owner,
    partner,
    flows,
    functions,
    control: async (action, params, accountId) =>
      (await call('2020-04-01', action, params, accountId)) as { Data: Record<string, unknown> },
    ram: (action, params, accountId) => call('2015-05-01', action, params, accountId),
    makeServiceRole: async (name, service, PolicyDocument, accountId) => {
      const AssumeRolePolicyDocument = JSON.stringify({
        Version: '1',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: [service] } }],
      });
      const PolicyName = `${name}-policy`;
      await world.ram('CreateRole', { RoleName: name, AssumeRolePolicyDocument }, accountId);
      await world.ram('CreatePolicy', { PolicyName, PolicyDocument }, accountId);
      await world.ram('AttachPolicyToRole', { RoleName: name, PolicyName, PolicyType: 'Custom' }, accountId);
    },
    userWho: async (name, actions, resource) => {
      const keys = accounts.createUser(ownerId, name);
      const PolicyName = `${name}-may`;
      await world.ram('CreatePolicy', { PolicyName, PolicyDocument: allow(actions, resource) });
      await world.ram('AttachPolicyToUser', { UserName: name, PolicyName, PolicyType: 'Custom' });
      return keys;
    },
    makeRule: async (RuleName, target, pattern = { type: ['t'] }) => {
      const [FilterPattern, EventTargets] = [JSON.stringify(pattern), JSON.stringify([target])];
      await world.control('CreateRule', { EventBusName: 'orders', RuleName, FilterPattern, EventTargets });
    },
    post: async (...ids) => {
      const events = ids.map((id) => ({ ...plain, id }));
      await bridge.publisher.publish(accounts.rootOf(ownerId), REGION, events);
      await clock.settled();
    },
  };
  if (isNew) await world.control('CreateEventBus', { EventBusName: 'orders' });
  return world;
}

const plain = {
  source: 's',
  type: 't',
  specversion: '1.0',
  time: '2026-12-01T00:00:00Z',
  data: { n: 1 },
  aliyuneventbusname: 'orders',
};

/** A target that starts flow `f` as role `starter`, with further parameters or other fields. */
export const flowTarget = (changes: object = {}, params: readonly object[] = []) => ({
  Id: 'flow',
  Type: 'acs.fnf',
  Endpoint: `acs:fnf:${REGION}:${ownerId}:flow/\u0024{flow}`,
  ParamList: [
    { ResourceKey: 'FlowName', Form: 'CONSTANT', Value: 'f' },
    { ResourceKey: 'RoleName', Form: 'CONSTANT', Value: 'starter' },
    ...params,
  ],
  ...changes,
});

export const dataClient = (endpoint: string, keys: Keys, config: object = {}) =>
  new EventBridge(
    new models.Config({ ...keys, endpoint, readTimeout: 10_000, connectTimeout: 10_000, ...config }),
  );

export const cloudEvent = (changes: object = {}) =>
  new models.CloudEvent({
    id: 'e1',
    source: 's',
    type: 't',
    time: '2026-12-01T00:00:00Z',
    data: Buffer.from('{"n":1}'),
    extensions: { aliyuneventbusname: 'orders' },
    ...changes,
  });

/** Calls API 2020-04-01 as its own client would, whose package is not published. */
export async function callControl(endpoint: string, keys: Keys, action: string, query: Params) {
  const config = { ...keys, endpoint, protocol: 'http', readTimeout: 10_000, connectTimeout: 10_000 };
  const reply = await new OpenApi(new $OpenApiUtil.Config(config)).callApi(
    new $OpenApiUtil.Params({
      action,
      version: '2020-04-01',
      protocol: 'HTTP',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'json',
      bodyType: 'json',
    }),
    new $OpenApiUtil.OpenApiRequest({ query: { ...query } }),
    new RuntimeOptions({}),
  );
  return reply['body'] as Record<string, unknown> & { readonly Data: Record<string, unknown> };
}

export interface Spoiled {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  /** Sent and signed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent in place of what was signed. */
  readonly tampered?: Readonly<Record<string, string>>;
  readonly secret?: string;
}

/** A data-plane request signed by hand, so that a test can spoil one thing at a time. Written from the SDK's source. */
export function sendRaw(
  origin: string,
  keys: Keys,
  spoiled: Spoiled = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const {
    path = '/openapi/listEventBuses',
    method = 'POST',
    body = '{}',
    secret = keys.accessKeySecret,
  } = spoiled;
  const headers: Record<string, string> = {
    date: new Date().toUTCString(),
    'content-type': 'application/json; charset=utf-8',
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-signature-method': 'HMAC-SHA1',
    'x-acs-signature-version': '1.0',
    ...(keys.securityToken === undefined
      ? {}
      : { 'x-acs-accesskey-id': keys.accessKeyId, 'x-acs-security-token': keys.securityToken }),
    ...spoiled.headers,
  };
  const signed = Object.keys(headers)
    .filter((name) => name.startsWith('x-acs-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const text = `${method}\n\n${headers['content-type']}\n${headers['date']}\n${signed.join('')}${path}`;
  const signature = createHmac('sha1', secret).update(text).digest('base64');
  const sent = { ...headers, authorization: `acs:${keys.accessKeyId}:${signature}`, ...spoiled.tampered };
  // fetch would not let a test choose the Host.
  return new Promise((resolve, reject) => {
    const call = request(`${origin}${path}`, { method, headers: sent }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
      );
    });
    call.on('error', reject);
    call.end(method === 'GET' ? undefined : body);
  });
}

/** For `answer`: fails so many times, with `error`, before it takes. */
export function failingTimes(times: number, error = new ApiError(503, 'ServiceUnavailable', 'busy')) {
  let left = times;
  return () => {
    if (left-- > 0) throw error;
    return { Name: 'e' };
  };
}
