import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { ossService } from '../../shared/loopback/oss/service.js';
import type { Keys } from './identity-clients.js';

/** Signs version 4 by hand, from the vendor's page, so that a test can spoil one thing at a time. Path style. */
interface Signable {
  readonly method?: string;
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly payload?: string;
  /** Day of the credential scope. Default: today. */
  readonly day?: string;
  readonly additional?: readonly string[];
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const md5 = (text: string) => createHash('md5').update(text).digest('base64');

let cloud: RunningCloud;
let keys: Keys;

async function send(request: Signable = {}): Promise<string> {
  const {
    method = 'GET',
    key = '',
    query = {},
    body,
    payload = 'UNSIGNED-PAYLOAD',
    additional = [],
  } = request;
  const stamp = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const day = request.day ?? stamp.slice(0, 8);
  const headers: Record<string, string> = {
    'x-oss-date': stamp,
    'x-oss-content-sha256': payload,
    ...request.headers,
  };
  const path = `/signed-bucket/${key.split('/').map(encode).join('/')}`;
  const search = Object.entries(query)
    .map(([name, value]) => (value === '' ? encode(name) : `${encode(name)}=${encode(value)}`))
    .sort()
    .join('&');
  const signed = { ...headers, ...(additional.includes('host') ? { host: cloud.endpoint } : {}) };
  const canonical = [
    method,
    path,
    search,
    Object.entries(signed)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => `${name}:${value}\n`)
      .join(''),
    additional.join(';'),
    payload,
  ].join('\n');
  const scope = `${day}/cn-hangzhou/oss/aliyun_v4_request`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const signingKey = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`aliyun_v4${keys.accessKeySecret}`));
  const signature = hmac(signingKey, `OSS4-HMAC-SHA256\n${stamp}\n${scope}\n${digest}`).toString('hex');
  const extra = additional.length === 0 ? '' : `AdditionalHeaders=${additional.join(';')},`;
  const reply = await fetch(`${cloud.origin}${path}${search === '' ? '' : `?${search}`}`, {
    method,
    headers: {
      ...headers,
      authorization: `OSS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope},${extra}Signature=${signature}`,
    },
    ...(body === undefined ? {} : { body }),
  });
  return /<Code>(\w+)<\/Code>/.exec(await reply.text())?.[1] ?? String(reply.status);
}

const list = { 'list-type': '2' };
const deletion = '<Delete><Object><Key>k</Key></Object></Delete>';
const xmlHeaders = { 'content-type': 'application/xml' };

beforeAll(async () => {
  cloud = await startCloud({ services: [ossService] });
  keys = cloud.accounts.createAccount('1000000000000001').rootAccessKey;
  await send({ method: 'PUT' });
});
afterAll(() => cloud?.close());

describe('a request signed by hand with version 4', () => {
  it('is taken, also with a further signed header and names that need encoding', async () => {
    expect(await send({ query: list })).toBe('200');
    expect(await send({ query: { ...list, prefix: "it's (a) b*/=&+" } })).toBe('200');
    expect(await send({ query: list, additional: ['host'] })).toBe('200');
  });

  it.each<[string, Signable, string]>([
    ['a scope of another day', { day: '20200101' }, 'InvalidArgument'],
    ['another payload marker', { payload: createHash('sha256').digest('hex') }, 'InvalidArgument'],
    ['a date that is none', { headers: { 'x-oss-date': 'today' } }, 'AccessDenied'],
  ])('is refused with %s', async (_what, spoiled, code) => {
    expect(await send({ query: list, ...spoiled })).toBe(code);
  });
});

describe('deleting many', () => {
  const many = (headers: Record<string, string>, body = deletion) =>
    send({ method: 'POST', query: { delete: '' }, headers: { ...xmlHeaders, ...headers }, body });

  it.each<[string, Record<string, string>, string, string]>([
    ['no digest', {}, deletion, 'MissingArgument'],
    ['the digest of another body', { 'content-md5': md5('other') }, deletion, 'InvalidDigest'],
    ['no key', { 'content-md5': md5('<Delete/>') }, '<Delete/>', 'MalformedXML'],
    ['its own digest', { 'content-md5': md5(deletion) }, deletion, '200'],
  ])('with %s is answered as documented', async (_what, headers, body, code) => {
    expect(await many(headers, body)).toBe(code);
  });

  it('does not take a version for a key', async () => {
    const body = '<Delete><Object><Key>k</Key><VersionId>v</VersionId></Object></Delete>';
    expect(await many({ 'content-md5': md5(body) }, body)).toBe('NotImplemented');
  });
});

describe('a request with no signature', () => {
  it('for a bucket is refused in words of OSS', async () => {
    const reply = await fetch(`${cloud.origin}/signed-bucket/k`, {
      headers: { authorization: 'OSS nonsense' },
    });
    expect(reply.status).toBe(403);
    expect(reply.headers.get('content-type')).toBe('application/xml');
    expect(await reply.text()).toContain('<Code>AccessDenied</Code>');
  });
});
