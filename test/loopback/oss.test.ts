import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { ossService } from '../../shared/loopback/oss/service.js';

const OWNER = '1000000000000001';
let cloud: RunningCloud;
let keys: { readonly accessKeyId: string; readonly accessKeySecret: string };

const clientOf = (options: Record<string, unknown> = {}) =>
  new OSS({
    bucket: 'reg-bucket',
    region: 'oss-cn-hangzhou',
    endpoint: cloud.origin,
    ...keys,
    ...options,
  } as OSS.Options);
const forbid = { headers: { 'x-oss-forbid-overwrite': 'true' } };

beforeAll(async () => {
  cloud = await startCloud({ services: [ossService] });
  keys = cloud.accounts.createAccount(OWNER).rootAccessKey;
  await clientOf().putBucket('reg-bucket');
});
afterAll(() => cloud.close());

describe.each([
  ['V1 signatures', {}],
  ['V4 signatures', { authorizationV4: true }],
])('with %s', (_name, options) => {
  it('stores and gives back an object, also under a key with odd characters', async () => {
    const client = clientOf(options);
    for (const key of ['a/b.json', 'with space/and+plus!(x)*', 'snow\u2603man']) {
      await client.put(key, Buffer.from(`body of ${key}`));
      expect(String((await client.get(key)).content)).toBe(`body of ${key}`);
    }
  });

  it('lists below a prefix, after a key, page by page', async () => {
    const client = clientOf(options);
    for (const n of [1, 2, 3, 4, 5]) await client.put(`list/${n}`, Buffer.from('x'));
    const first = await client.listV2({ prefix: 'list/', 'start-after': 'list/1', 'max-keys': '2' }, {});
    expect(first.objects.map(({ name }) => name)).toEqual(['list/2', 'list/3']);
    const second = await client.listV2(
      { prefix: 'list/', 'max-keys': '2', 'continuation-token': first.nextContinuationToken },
      {},
    );
    expect(second.objects.map(({ name }) => name)).toEqual(['list/4', 'list/5']);
    expect(second.isTruncated).toBe(false);
  });

  it('refuses a wrong secret', async () => {
    const client = clientOf({ ...options, accessKeySecret: 'wrong' });
    await expect(client.get('a/b.json')).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
      status: 403,
    });
  });
});

describe('forbid-overwrite', () => {
  it('lets exactly one of many creations of a key win', async () => {
    const client = clientOf({ authorizationV4: true });
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => client.put('once', Buffer.from(`${n}`), forbid)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(client.put('once', Buffer.from('again'), forbid)).rejects.toMatchObject({
      code: 'FileAlreadyExists',
      status: 409,
    });
  });

  it('is ignored once versioning was ever turned on', async () => {
    const client = clientOf({ bucket: 'versioned-bucket', authorizationV4: true });
    await client.putBucket('versioned-bucket');
    await client.put('k', Buffer.from('1'), forbid);
    // Not in the published types of the SDK, though it has it.
    await (
      client as unknown as { putBucketVersioning(bucket: string, status: string): Promise<void> }
    ).putBucketVersioning('versioned-bucket', 'Suspended');
    await client.put('k', Buffer.from('2'), forbid);
    expect(String((await client.get('k')).content)).toBe('2');
  });
});

describe('an object that is not there', () => {
  it('is NoSuchKey for get and head, and deleting it succeeds', async () => {
    const client = clientOf();
    await expect(client.get('nothing')).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
    await expect(client.head('nothing')).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(client.delete('nothing')).resolves.toMatchObject({ res: { status: 204 } });
  });
});

describe('a RAM user', () => {
  it('may do what its policy says and nothing else, judged by prefix too', async () => {
    const user = cloud.accounts.createUser(OWNER, 'writer');
    const root = cloud.accounts.rootOf(OWNER);
    const PolicyDocument = JSON.stringify({
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['oss:PutObject', 'oss:GetObject'],
          Resource: ['acs:oss:*:*:reg-bucket/mine/*'],
        },
        {
          Effect: 'Allow',
          Action: 'oss:ListObjects',
          Resource: 'acs:oss:*:*:reg-bucket',
          Condition: { StringLike: { 'oss:Prefix': ['mine/*'] } },
        },
      ],
    });
    const call = (action: string, params: Record<string, string>) =>
      cloud.cloud.call(root, '2015-05-01', action, params, 'cn-hangzhou');
    await call('CreatePolicy', { PolicyName: 'writer', PolicyDocument });
    await call('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'writer', UserName: 'writer' });
    const client = clientOf({ ...user, authorizationV4: true });
    await client.put('mine/1', Buffer.from('x'));
    expect((await client.listV2({ prefix: 'mine/' }, {})).objects).toHaveLength(1);
    await expect(client.put('theirs/1', Buffer.from('x'))).rejects.toMatchObject({
      code: 'AccessDenied',
      status: 403,
    });
    await expect(client.listV2({ prefix: 'theirs/' }, {})).rejects.toMatchObject({ code: 'AccessDenied' });
    await expect(client.delete('mine/1')).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});

describe('what the embedded OSS lacks', () => {
  it('is refused loudly', async () => {
    await expect(clientOf().append('a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'NotImplemented',
      status: 501,
    });
  });
});
