import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type ClientsCloud, startClientsCloud } from '../contract/clients/cloud.js';
import { type Step, scenario } from '../contract/clients/scenario.js';
import { rpcHeaders, signAcs3 } from '../loopback/signing.js';
import { type Chance, type Json, mutateJson, mutateText } from './mutate.js';
import { hostileOwn, signedOwn } from './own-protocols.js';
import { fuzz, inputsOr } from './run.js';

/** 200,000 in all; whoever signs well gets further, and costs five times as much or more. */
const [RAW, SIGNED, OWN] = [inputsOr(180_000), inputsOr(15_000), inputsOr(5_000)];
const PATIENCE = { timeout: 3_600_000 };
/** Turns of the event loop after which a server that has not answered waits for the rest of the request. */
const PATIENT_TURNS = 20;

let its: ClientsCloud;
beforeAll(async () => {
  its = await startClientsCloud();
});
afterAll(() => its?.close());

/** Sends bytes over a connection of their own, and reads what comes back until the server has no more to say. */
async function exchange(bytes: Buffer): Promise<string> {
  const connection = its.cloud.cloud.connect('127.0.0.1', Number(its.cloud.endpoint.split(':')[1])) as Duplex;
  let heard = '';
  let isClosed = false;
  connection.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  connection.on('error', () => undefined);
  connection.on('close', () => {
    isClosed = true;
  });
  connection.write(bytes);
  for (let turns = 0; turns < PATIENT_TURNS && !isClosed && !isWhole(heard); turns++) await turn();
  connection.destroy();
  await turn();
  return heard;
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Whether the first reply is all there. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  return end >= 0 && (length === undefined || text.length >= end + 4 + Number(length));
}

/** A reply, if there is one, is HTTP, says no with a reason of its own, and is no confession. */
function expectSane(heard: string): void {
  if (heard === '') return;
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(heard)?.[1];
  if (status === undefined) throw new Error(`no HTTP: ${heard.slice(0, 200)}`);
  if (Number(status) >= 500 && status !== '501') throw new Error(`answered ${heard.slice(0, 1_000)}`);
}

const headersText = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** Requests of every protocol, as a stranger would send them. */
function strangers(): readonly string[] {
  const host = its.cloud.endpoint;
  const request = (line: string, headers: Readonly<Record<string, string>>, body = ''): string =>
    `${line} HTTP/1.1\r\n${headersText({ host, ...(body === '' ? {} : { 'content-length': String(body.length) }), ...headers })}\r\n${body}`;
  const json = { 'content-type': 'application/json' };
  return [
    request(
      'GET /?Action=ListRoles&Version=2015-05-01&AccessKeyId=a&Signature=b&SignatureNonce=c&Timestamp=d&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0',
      {},
    ),
    request(
      'POST /',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'Action=CreateRole&Version=2015-05-01&RoleName=r&AccessKeyId=a',
    ),
    request('POST /', {
      authorization: 'ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host;x-acs-date,Signature=b',
      'x-acs-action': 'ListRoles',
      'x-acs-version': '2015-05-01',
      'x-acs-date': '2026-01-01T00:00:00Z',
    }),
    request(
      'PUT /bucket/a/key?x=1',
      { authorization: 'OSS a:b', date: 'Thu, 01 Jan 2026 00:00:00 GMT', 'x-oss-meta-a': 'b' },
      'body',
    ),
    request('GET /bucket?list-type=2&prefix=a&max-keys=1', {
      authorization: 'OSS4-HMAC-SHA256 Credential=a/20260101/cn-hangzhou/oss/aliyun_v4_request,Signature=b',
      'x-oss-date': '20260101T000000Z',
    }),
    request('POST /openapi/putEvents', { ...json, authorization: 'acs:a:b', date: 'x' }, '[{"id":"1"}]'),
    request('POST /2023-03-30/functions/f/invocations?qualifier=LATEST', json, '{}'),
    request(
      'POST /2016-08-15/services/s/functions/f/invocations',
      { authorization: 'FC a:b', date: 'x' },
      '{}',
    ),
    request('POST /', { 'transfer-encoding': 'chunked' }, '').concat('5\r\nhello\r\n0\r\n\r\n'),
    request('GET http://other/%zz?%', { expect: '100-continue', connection: 'upgrade', upgrade: 'h2c' }),
  ];
}

const MORE_NAMES = ['MaxItems', 'Marker', 'Tag.1.Key', '__proto__', 'NextToken', 'Limit'];

interface RpcRequest {
  readonly version: string;
  readonly action: string;
  readonly query: Readonly<Record<string, string>>;
}

/** A request of the scenario with one to three of its parameters hostile. */
function hostile(steps: readonly Step[], chance: Chance): RpcRequest {
  const { version, action, params } = chance.of(steps);
  // A map, since one of the names is that of an object's prototype.
  const query = new Map(Object.entries(typeof params === 'function' ? {} : params));
  for (let times = 1 + chance.below(3); times > 0; times--) {
    const name = chance.of([...query.keys(), ...MORE_NAMES]);
    query.set(name, hostileValue(query.get(name) ?? '', chance));
  }
  return {
    version,
    action,
    query: Object.fromEntries([...query].map(([name, value]) => [wellFormed(name), wellFormed(value)])),
  };
}

/** Signed as it must be, with a nonce of its own each time. */
function signed({ version, action, query }: RpcRequest): string {
  const { url, init } = signAcs3(its.cloud.endpoint, its.keys, {
    query,
    headers: rpcHeaders(action, version),
  });
  const path = url.slice(its.cloud.origin.length);
  const headers = {
    host: its.cloud.endpoint,
    ...(init.headers as Readonly<Record<string, string>>),
    'content-length': '0',
  };
  return `POST ${path.startsWith('/') ? path : `/${path}`} HTTP/1.1\r\n${headersText(headers)}\r\n`;
}
function hostileValue(value: string, chance: Chance): string {
  const json = chance.below(3) === 0 ? undefined : jsonIn(value);
  if (json === undefined) return mutateText(value, chance).slice(0, 4_000);
  return (JSON.stringify(mutateJson(json, chance)) ?? '').slice(0, 8_000);
}
/** An object or a list; `undefined` for any other text. */
function jsonIn(value: string): Json | undefined {
  if (!/^\s*[[{]/.test(value)) return undefined;
  try {
    const json = JSON.parse(value) as Json;
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

describe('the front of the embedded cloud, whatever it is sent', PATIENCE, () => {
  it('answers a stranger with a refusal or not at all', async () => {
    const corpus = strangers();
    await fuzz('requests of strangers', RAW, {
      make: (chance) => mutateText(chance.of(corpus), chance),
      take: async (text) => expectSane(await exchange(Buffer.from(text, chance8(text)))),
    });
  });

  it('answers whoever signs a hostile request as it should be with a refusal or a result', async () => {
    // What waits for an answer from outside would wait for good.
    const steps = scenario({ url: 'http://127.0.0.1:1/', tokens: [] }).filter(
      ({ action }) => action !== 'StartSyncExecution',
    );
    await fuzz('signed requests', SIGNED, {
      keepsBytes: 2_000,
      make: (chance) => hostile(steps, chance),
      take: async (request) => expectSane(await exchange(Buffer.from(signed(request), 'utf8'))),
    });
  });

  it('answers whoever signs a hostile request of a protocol of its own with a refusal or a result', async () => {
    await fuzz('signed requests of other protocols', OWN, {
      keepsBytes: 1_000,
      make: hostileOwn,
      take: async (request) =>
        expectSane(await exchange(Buffer.from(signedOwn(request, its.cloud.endpoint, its.keys), 'utf8'))),
    });
  });
});

/** Now as the bytes that the characters stand for, now as UTF-8. */
const chance8 = (text: string): BufferEncoding => (text.length % 2 === 0 ? 'latin1' : 'utf8');
/** A lone surrogate has no UTF-8, so no client can sign it. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
