/** Requests of products that do not speak RPC, signed as they must be, whatever stands in their paths, parameters and bodies. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { Keys } from '../loopback/identity-clients.js';
import { signAcs3 } from '../loopback/signing.js';
import { type Chance, hostileText, type Json, mutateText } from './mutate.js';

interface Own {
  readonly speaks: 'oss' | 'eventbridge' | 'rocketmq' | 'fc';
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

const oss = (method: string, path: string, query: Own['query'] = {}, body?: string): Own => ({
  ...{ speaks: 'oss', method, path: `/fuzzed${path}`, query },
  ...(body === undefined ? {} : { body }),
});
const bridge = (call: string, body: Json): Own => ({
  ...{ speaks: 'eventbridge', method: 'POST', path: `/openapi/${call}`, body },
});
const rocket = (method: string, path: string, query: Own['query'] = {}, body?: Json): Own => ({
  ...{ speaks: 'rocketmq', method, path: `/instances/rmq-cn-x1${path}`, query },
  ...(body === undefined ? {} : { body }),
});
const compute = (method: string, path: string, body?: Json): Own => ({
  ...{ speaks: 'fc', method, path: `/2023-03-30/functions${path}` },
  ...(body === undefined ? {} : { body }),
});

const on = { EventBusName: 'default', RuleName: 'fuzzed' };
const target = {
  ...{ Id: '1', Type: 'acs.eventbridge', Endpoint: 'acs:eventbridge:cn-hangzhou:1:eventbus/b' },
  ParamList: [{ ResourceKey: 'RegionId', Form: 'CONSTANT', Value: 'cn-hangzhou' }],
};
const acl = { resourceType: 'Topic', resourceName: 'orders', actions: ['Pub'], decision: 'Allow' };
const made = { functionName: 'f', runtime: 'nodejs20', handler: 'index.handler', timeout: 3 };
const REQUESTS: readonly Own[] = [
  oss('PUT', ''),
  oss('PUT', '/a/key', {}, 'body'),
  oss('GET', '/a/key'),
  oss('HEAD', '/a/key', { objectMeta: '' }),
  oss('DELETE', '/a/key'),
  oss('GET', '', { 'list-type': '2', prefix: 'a', delimiter: '/', 'max-keys': '2', 'start-after': 'a' }),
  oss('POST', '', { delete: '' }, '<Delete><Quiet>true</Quiet><Object><Key>a/key</Key></Object></Delete>'),
  oss(
    'PUT',
    '',
    { versioning: '' },
    '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>',
  ),
  oss(
    'PUT',
    '',
    { lifecycle: '' },
    '<LifecycleConfiguration><Rule><ID>r</ID><Prefix>a/</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>',
  ),
  oss(
    'POST',
    '',
    { worm: '' },
    '<InitiateWormConfiguration><RetentionPeriodInDays>1</RetentionPeriodInDays></InitiateWormConfiguration>',
  ),
  oss('DELETE', '', { worm: '' }),
  bridge('putEvents', [
    {
      id: '1',
      source: 's',
      specversion: '1.0',
      type: 't',
      time: '2026-12-01T00:00:00Z',
      data: { a: [1, { b: 'c' }] },
    },
  ]),
  bridge('createEventBus', { EventBusName: 'fuzzed', Description: 'd' }),
  bridge('createRule', {
    ...on,
    FilterPattern: '{"source":["s"],"data":{"a":[{"prefix":"b"}]}}',
    Targets: [target],
  }),
  bridge('createTargets', { ...on, Targets: [{ ...target, Id: '2' }] }),
  bridge('listRules', { ...on, RuleNamePrefix: 'f', Limit: 2, NextToken: '1' }),
  bridge('testEventPattern', { EventPattern: '{"type":["t"]}', Event: '{"type":"t"}' }),
  rocket('GET', '/topics', { pageNumber: '1', pageSize: '10', filter: 'o' }),
  rocket('GET', '/accounts', { pageNumber: '1', username: 'u' }),
  rocket('POST', '/accounts', {}, { username: 'fuzzed', password: 'Passw0rd.1', remark: 'r' }),
  rocket('PATCH', '/accounts/fuzzed', { accountStatus: 'DISABLE' }),
  rocket('POST', '/acl/account/fuzzed', {}, acl),
  rocket('PATCH', '/acl/account/fuzzed', {}, acl),
  rocket('DELETE', '/acl/account/fuzzed', { resourceType: 'Topic', resourceName: 'orders' }),
  compute('POST', '', { ...made, code: { zipFile: 'UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==' } }),
  compute('PUT', '/f', { ...made, environmentVariables: { A: 'b' } }),
  compute('GET', '/f/code'),
];

export interface Sent {
  readonly speaks: Own['speaks'];
  readonly method: string;
  /** Encoded, as it is sent. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One of these requests with its path, a parameter or its body hostile. */
export function hostileOwn(chance: Chance): Sent {
  const { speaks, method, path, query = {}, body } = chance.of(REQUESTS);
  const what = chance.below(6);
  // A map, since one of the names is that of an object's prototype.
  const params = new Map(Object.entries(query));
  const text = (value: string): string => wellFormed(mutateText(value, chance)).slice(0, 4_000);
  if (what === 1) {
    const name = chance.of([...params.keys(), '__proto__', 'worm', 'delete']);
    params.set(name, text(params.get(name) ?? ''));
  }
  return {
    speaks,
    method,
    path:
      what > 0
        ? path
        : path.split('/').slice(0, 2).join('/') + encodePath(text(path.split('/').slice(2).join('/'))),
    query: Object.fromEntries(params),
    body: what > 1 && body !== undefined ? hostileBody(body, chance) : bodyText(body),
  };
}
const bodyText = (body: Json | undefined): string =>
  body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
const hostileBody = (body: Json, chance: Chance): string =>
  wellFormed(typeof body === 'string' ? mutateText(body, chance) : hostileText([body], chance)).slice(
    0,
    8_000,
  );

/** The request as it goes over the wire. */
export function signedOwn(request: Sent, host: string, keys: Keys): string {
  const { method, path, body } = request;
  const search = searchOf(request.query);
  const headers = {
    host,
    ...(request.speaks === 'oss' ? oss4(request, search, keys) : {}),
    ...(request.speaks === 'eventbridge' ? eventBridge(request, keys) : {}),
    ...(request.speaks === 'rocketmq' ? acs3(request, host, keys, '2022-08-01') : {}),
    ...(request.speaks === 'fc' ? acs3(request, host, keys, '2023-03-30') : {}),
    'content-length': String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const where = request.speaks === 'eventbridge' || search === '' ? path : `${path}?${search}`;
  return `${method} ${where} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function acs3({ method, path, query, body }: Sent, host: string, keys: Keys, version: string) {
  const headers = { 'x-acs-version': version, 'content-type': 'application/json' };
  const { init } = signAcs3(host, keys, { method, path, query, headers, body });
  return init.headers as Readonly<Record<string, string>>;
}

function eventBridge({ method, path }: Sent, { accessKeyId, accessKeySecret }: Keys) {
  const headers = {
    date: new Date().toUTCString(),
    'content-type': 'application/json; charset=utf-8',
    'x-acs-signature-nonce': randomUUID(),
  };
  const text = `${method}\n\n${headers['content-type']}\n${headers.date}\nx-acs-signature-nonce:${headers['x-acs-signature-nonce']}\n${path}`;
  const signature = createHmac('sha1', accessKeySecret).update(text).digest('base64');
  return { ...headers, authorization: `acs:${accessKeyId}:${signature}` };
}

function oss4({ method, path, body }: Sent, search: string, { accessKeyId, accessKeySecret }: Keys) {
  const stamp = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const headers = {
    'content-md5': createHash('md5').update(body).digest('base64'),
    'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-oss-date': stamp,
  };
  const scope = `${stamp.slice(0, 8)}/cn-hangzhou/oss/aliyun_v4_request`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = [
    method,
    path.split('/').length === 2 ? `${path}/` : path,
    search,
    lines.join(''),
    '',
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`aliyun_v4${accessKeySecret}`));
  const digest = createHash('sha256').update(canonical).digest('hex');
  const signature = hmac(key, `OSS4-HMAC-SHA256\n${stamp}\n${scope}\n${digest}`).toString('hex');
  const authorization = `OSS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},Signature=${signature}`;
  return { ...headers, authorization };
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const encodePath = (path: string): string => (path === '' ? '' : `/${path.split('/').map(encode).join('/')}`);
const searchOf = (query: Sent['query']): string =>
  Object.entries(query)
    .map(([name, value]) => (value === '' ? encode(name) : `${encode(name)}=${encode(value)}`))
    .sort()
    .join('&');
/** A lone surrogate has no UTF-8, so no client can sign it. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
