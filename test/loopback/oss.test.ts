import { createHash } from 'node:crypto';
import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeVirtualClock } from '../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { ossService } from '../../shared/loopback/oss/service.js';
import { publishedRateOf, publishedRates } from '../../shared/loopback/rates.js';

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
/** Not in the published types of the SDK, though it has them. */
interface WormClient {
  initiateBucketWorm(bucket: string, days: string): Promise<{ readonly wormId: string }>;
  getBucketWorm(bucket: string): Promise<object>;
  completeBucketWorm(bucket: string, id: string): Promise<{ readonly status: number }>;
  extendBucketWorm(bucket: string, id: string, days: string): Promise<{ readonly status: number }>;
  abortBucketWorm(bucket: string): Promise<{ readonly status: number }>;
}
const wormOf = (client: OSS) => client as unknown as WormClient;
const forbid = { headers: { 'x-oss-forbid-overwrite': 'true' } };

beforeAll(async () => {
  cloud = await startCloud({ services: [ossService] });
  keys = cloud.accounts.createAccount(OWNER).rootAccessKey;
  await clientOf().putBucket('reg-bucket');
});
afterAll(() => cloud.close());

describe('with rates on', () => {
  it('refuses what is beyond all that an account may ask in a second, reads and writes together', async () => {
    let hostNow = 0;
    const stop = cloud.cloud.faults.add(
      publishedRates(
        () => hostNow,
        ({ product }) => (product === 'oss' ? 2 : undefined),
      ),
    );
    try {
      const client = clientOf();
      await client.put('busy/1', Buffer.from('x'));
      await client.get('busy/1');
      const beyond = { status: 503, code: 'TotalQpsLimitExceeded' };
      await expect(client.put('busy/2', Buffer.from('x'))).rejects.toMatchObject(beyond);
      await expect(client.head('busy/1')).rejects.toMatchObject({ status: 503 });
      hostNow = 1_000;
      await expect(client.head('busy/2')).rejects.toMatchObject({ status: 404 });
    } finally {
      stop();
    }
  });

  it('has 10,000 as the published rate', () => {
    expect(publishedRateOf({ product: 'oss', action: 'PutObject' })).toBe(10_000);
  });
});

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

describe('the public endpoint of an account that came late', () => {
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'answered',
      (failure: { readonly code?: string }) => failure.code,
    );

  it('hands out no data in the Chinese mainland, and goes on to say how a bucket is set up', async () => {
    await clientOf().put('late', Buffer.from('x'));
    const [outside, inside] = [clientOf(), clientOf({ internal: true })];
    const abroad = clientOf({ region: 'oss-cn-hongkong', bucket: 'abroad-bucket' });
    await abroad.putBucket('abroad-bucket');
    await abroad.put('late', Buffer.from('x'));
    cloud.set({ refusesPublicData: true });
    const asked = [
      outside.get('late'),
      outside.put('late', Buffer.from('y')),
      outside.delete('late'),
      outside.listV2({ prefix: 'l' }, {}),
      outside.deleteMulti(['late']),
      outside.getBucketInfo('reg-bucket'),
      inside.get('late'),
      abroad.get('late'),
    ];
    const answers = await Promise.all(asked.map(code));
    cloud.set({ refusesPublicData: false });
    expect(answers).toEqual([
      ...Array(5).fill('PublicEndpointForbidden'),
      'answered',
      'answered',
      'answered',
    ]);
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

describe('a RAM user who may read and not list', () => {
  it('is not told that an object is not there, unless the cloud is told to', async () => {
    const user = cloud.accounts.createUser(OWNER, 'reader');
    const call = (action: string, params: Record<string, string>) =>
      cloud.cloud.call(cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, 'cn-hangzhou');
    const give = async (name: string, Action: string, Resource: string) => {
      await call('CreatePolicy', {
        PolicyName: name,
        PolicyDocument: JSON.stringify({
          Version: '1',
          Statement: [{ Effect: 'Allow', Action, Resource }],
        }),
      });
      await call('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: name, UserName: 'reader' });
    };
    await give('reads', 'oss:GetObject', 'acs:oss:*:*:reg-bucket/*');
    await clientOf().put('there', Buffer.from('x'));
    const client = clientOf({ ...user, authorizationV4: true });
    expect(String((await client.get('there')).content)).toBe('x');
    const denied = { status: 403, code: 'AccessDenied' };
    await expect(client.get('missing')).rejects.toMatchObject(denied);
    await expect(client.head('missing')).rejects.toMatchObject(denied);
    cloud.set({ hidesMissingObjects: false });
    await expect(client.get('missing')).rejects.toMatchObject({ code: 'NoSuchKey' });
    cloud.set({ hidesMissingObjects: true });
    await give('lists', 'oss:ListObjects', 'acs:oss:*:*:reg-bucket');
    await expect(client.get('missing')).rejects.toMatchObject({ code: 'NoSuchKey' });
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

describe('a list that only folders may be seen of', () => {
  it('is judged by the delimiter that is sent', async () => {
    const user = cloud.accounts.createUser(OWNER, 'lister');
    const call = (action: string, params: Record<string, string>) =>
      cloud.cloud.call(cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, 'cn-hangzhou');
    await call('CreatePolicy', {
      PolicyName: 'lister',
      PolicyDocument: JSON.stringify({
        Version: '1',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'oss:ListObjects',
            Resource: 'acs:oss:*:*:reg-bucket',
            Condition: { StringEquals: { 'oss:Prefix': '', 'oss:Delimiter': '/' } },
          },
        ],
      }),
    });
    await call('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'lister', UserName: 'lister' });
    const client = clientOf({ ...user });
    await clientOf().put('folder/x', Buffer.from('x'));
    const listed = await client.listV2({ prefix: '', delimiter: '/', 'max-keys': '1000' }, {});
    expect(listed.prefixes).toContain('folder/');
    await expect(client.listV2({ prefix: '' }, {})).rejects.toMatchObject({ code: 'AccessDenied' });
    await expect(client.listV2({ prefix: '', delimiter: 'o' }, {})).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });
});

describe('what is sent along with an object', () => {
  it('is given back: type, own headers, digest and length', async () => {
    const client = clientOf({ authorizationV4: true });
    const body = Buffer.from('{"a":1}');
    await client.put('meta.json', body, { meta: { contract: 'C-1' } as unknown as OSS.UserMeta });
    const { res, meta } = await client.head('meta.json');
    expect(meta).toEqual({ contract: 'C-1' });
    expect(res.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(body.length),
      etag: `"${createHash('md5').update(body).digest('hex').toUpperCase()}"`,
    });
  });

  it('must match the Content-MD5 that is sent', async () => {
    const wrong = { headers: { 'Content-MD5': createHash('md5').update('other').digest('base64') } };
    await expect(clientOf().put('digest', Buffer.from('x'), wrong)).rejects.toMatchObject({
      code: 'InvalidDigest',
      status: 400,
    });
    await expect(clientOf().head('digest')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });

  it.each([
    ['k'.repeat(1024), 'InvalidObjectName'],
    ['\\back', 'InvalidObjectName'],
    // The SDK signs the key as given, and sends it collapsed.
    ['a/../b', 'SignatureDoesNotMatch'],
  ])('must have a sound key, unlike %#', async (key, code) => {
    await expect(clientOf({ authorizationV4: true }).put(key, Buffer.from('x'))).rejects.toMatchObject({
      code,
    });
  });

  it('creates nothing on a condition, which OSS does not know for writes', async () => {
    const onlyNew = { headers: { 'If-None-Match': '*' } };
    await expect(clientOf().put('conditional', Buffer.from('x'), onlyNew)).rejects.toMatchObject({
      code: 'NotImplemented',
      status: 400,
    });
    await expect(clientOf().head('conditional')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });

  it('is not copied from elsewhere without a word', async () => {
    const client = clientOf();
    await client.put('from', Buffer.from('x'));
    await expect(client.copy('to', 'from')).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(client.head('to')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });
});

describe('reading', () => {
  const read = (headers: Record<string, string>) => clientOf().get('read', { headers });
  beforeAll(() => clientOf().put('read', Buffer.from('0123456789')));

  it.each([
    ['bytes=2-4', 206, '234'],
    ['bytes=7-', 206, '789'],
    ['bytes=-2', 206, '89'],
    ['bytes=8-99', 206, '89'],
    ['bytes=20-30', 200, '0123456789'],
    ['bytes=0-1,3-4', 200, '0123456789'],
  ])('of %s is answered %i with %s', async (Range, status, text) => {
    const { content, res } = await read({ Range });
    expect([res.status, String(content)]).toEqual([status, text]);
  });

  it('obeys conditions', async () => {
    const { res } = await read({});
    const { etag = '' } = res.headers as { readonly etag?: string };
    expect((await read({ 'If-None-Match': etag })).res.status).toBe(304);
    expect((await read({ 'If-Match': etag })).res.status).toBe(200);
    await expect(read({ 'If-Match': '"other"' })).rejects.toMatchObject({ code: 'PreconditionFailed' });
  });
});

describe('deleting many', () => {
  const client = () => clientOf({ authorizationV4: true });

  it('deletes exactly what is named, whatever entities the names hold', async () => {
    const names = ['many/a&lt;b', 'many/a<b', "many/it's"];
    for (const name of names) await client().put(name, Buffer.from('x'));
    await client().deleteMulti(['many/a&lt;b', "many/it's"]);
    const left = await client().listV2({ prefix: 'many/' }, {});
    expect(left.objects.map(({ name }) => name)).toEqual(['many/a<b']);
  });

  it('deletes none when one may not be deleted', async () => {
    const name = `retained-${Date.now()}`;
    const own = clientOf({ bucket: name, authorizationV4: true });
    await own.putBucket(name);
    await own.put('kept', Buffer.from('x'));
    await wormOf(own).initiateBucketWorm(name, '1');
    await expect(own.deleteMulti(['never-there', 'kept'])).rejects.toMatchObject({ code: 'FileImmutable' });
    expect(String((await own.get('kept')).content)).toBe('x');
  });
});

describe('retention', () => {
  const DAY_MS = 86_400_000;
  const start = async () => {
    const clock = makeVirtualClock({ startAt: Date.parse('2026-12-01T00:00:00Z') });
    const own = await startCloud({ clock, services: [ossService] });
    const client = new OSS({
      bucket: 'worm-bucket',
      region: 'oss-cn-hangzhou',
      endpoint: own.origin,
      ...own.accounts.createAccount(OWNER).rootAccessKey,
      ...({ authorizationV4: true } as object),
    });
    await client.putBucket('worm-bucket');
    await client.put('old', Buffer.from('x'));
    return { own, clock, client, worm: wormOf(client) };
  };
  /** The SDK does not look at how completing, aborting and versioning were answered: for these it never throws. */
  const answerOf = (call: Promise<object>) =>
    call.then(
      (reply) => ('status' in reply ? reply.status : 'done'),
      (error: { readonly code: string }) => error.code,
    );

  it('protects at once, and is void after a day unless it was locked', async () => {
    const { own, clock, client, worm } = await start();
    const none = await answerOf(worm.getBucketWorm('worm-bucket'));
    await worm.initiateBucketWorm('worm-bucket', '10');
    const state = await worm.getBucketWorm('worm-bucket');
    const during = await answerOf(client.delete('old'));
    await clock.advance(DAY_MS);
    const after = [await answerOf(worm.getBucketWorm('worm-bucket')), await answerOf(client.delete('old'))];
    await own.close();
    expect(none).toBe('NoSuchWORMConfiguration');
    expect(state).toMatchObject({ state: 'InProgress', days: '10' });
    expect(during).toBe('FileImmutable');
    expect(after).toEqual(['NoSuchWORMConfiguration', 'done']);
  });

  it('and versions that are suspended exclude each other, whichever was first', async () => {
    const { own, client, worm } = await start();
    const versions = client as unknown as {
      putBucketVersioning(bucket: string, status: string): Promise<object>;
      getBucketVersioning(bucket: string): Promise<{ readonly versionStatus?: string }>;
    };
    const { wormId } = await worm.initiateBucketWorm('worm-bucket', '10');
    const suspend = () => answerOf(versions.putBucketVersioning('worm-bucket', 'Suspended'));
    const under = await suspend();
    await worm.completeBucketWorm('worm-bucket', wormId);
    const locked = await suspend();
    const { versionStatus } = await versions.getBucketVersioning('worm-bucket');
    await client.putBucket('suspended-bucket');
    await versions.putBucketVersioning('suspended-bucket', 'Suspended');
    const after = await answerOf(worm.initiateBucketWorm('suspended-bucket', '10'));
    await own.close();
    expect([under, locked, after]).toEqual([400, 400, 'InvalidArgument']);
    expect(versionStatus).toBeUndefined();
  });

  it('once locked binds the owner too, is never shortened nor taken back, and ends for each object by its age', async () => {
    const { own, clock, client, worm } = await start();
    const { wormId } = await worm.initiateBucketWorm('worm-bucket', '10');
    const wrongId = await answerOf(worm.completeBucketWorm('worm-bucket', 'another'));
    const unlocked = await worm.getBucketWorm('worm-bucket');
    await worm.completeBucketWorm('worm-bucket', wormId);
    const locked = await worm.getBucketWorm('worm-bucket');
    const refused = [
      await answerOf(worm.abortBucketWorm('worm-bucket')),
      await answerOf(worm.extendBucketWorm('worm-bucket', wormId, '5')),
    ];
    await clock.advance(5 * DAY_MS);
    const writes = [
      await answerOf(client.put('old', Buffer.from('y'))),
      await answerOf(client.put('new', Buffer.from('x'))),
    ];
    await clock.advance(5 * DAY_MS);
    const deletes = [await answerOf(client.delete('old')), await answerOf(client.delete('new'))];
    const extended = await answerOf(worm.extendBucketWorm('worm-bucket', wormId, '20'));
    await clock.advance(10 * DAY_MS);
    deletes.push(await answerOf(client.delete('new')));
    await own.close();
    expect(wrongId).toBe(404);
    expect(unlocked).toMatchObject({ state: 'InProgress' });
    expect(locked).toMatchObject({ state: 'Locked', wormId, days: '10' });
    expect(refused).toEqual([409, 'InvalidArgument']);
    expect(writes).toEqual(['FileImmutable', 'done']);
    expect(deletes).toEqual(['done', 'FileImmutable', 'FileImmutable']);
    expect(extended).toBe(200);
  });
});

describe('a bucket', () => {
  it('tells what it is, and nothing of versioning while that was never set', async () => {
    const client = clientOf({ authorizationV4: true });
    const { bucket } = (await client.getBucketInfo('reg-bucket')) as { readonly bucket: object };
    expect(bucket).toMatchObject({ Name: 'reg-bucket', Location: 'oss-cn-hangzhou' });
    const versioning = await (
      client as unknown as { getBucketVersioning(bucket: string): Promise<{ versionStatus?: string }> }
    ).getBucketVersioning('reg-bucket');
    expect(versioning.versionStatus).toBeUndefined();
  });

  it('keeps its lifecycle rules, and has none until they are put', async () => {
    type Rules = readonly Readonly<Record<string, unknown>>[];
    const client = clientOf({ authorizationV4: true }) as unknown as {
      getBucketLifecycle(bucket: string): Promise<{ readonly rules: Rules }>;
      putBucketLifecycle(bucket: string, rules: Rules): Promise<unknown>;
      deleteBucketLifecycle(bucket: string): Promise<unknown>;
    };
    const rules = () => client.getBucketLifecycle('reg-bucket');
    await expect(rules()).rejects.toMatchObject({ code: 'NoSuchLifecycle', status: 404 });
    await client.putBucketLifecycle('reg-bucket', [
      { id: 'yearly', prefix: '', status: 'Enabled', expiration: { days: 365 } },
      {
        id: 'cold',
        prefix: 'a/',
        status: 'Disabled',
        transition: { createdBeforeDate: '2027-01-01T00:00:00.000Z', storageClass: 'Archive' },
      },
    ]);
    expect((await rules()).rules).toMatchObject([
      { id: 'yearly', status: 'Enabled', expiration: { days: '365' } },
      { id: 'cold', prefix: 'a/', status: 'Disabled', transition: { storageClass: 'Archive' } },
    ]);
    await client.deleteBucketLifecycle('reg-bucket');
    await expect(rules()).rejects.toMatchObject({ code: 'NoSuchLifecycle' });
  });

  it("is nobody else's to take, and not deleted while it holds something", async () => {
    const other = cloud.accounts.createAccount('3000000000000003').rootAccessKey;
    const theirs = clientOf({ ...other, authorizationV4: true });
    await expect(theirs.putBucket('reg-bucket')).rejects.toMatchObject({ code: 'BucketAlreadyExists' });
    await expect(theirs.get('a/b.json')).rejects.toMatchObject({ code: 'AccessDenied', status: 403 });
    await expect(clientOf().deleteBucket('reg-bucket')).rejects.toMatchObject({ code: 'BucketNotEmpty' });
    await expect(clientOf({ bucket: 'no-such' }).get('k')).rejects.toMatchObject({ code: 'NoSuchBucket' });
  });
});

describe.each([
  ['V1 signatures', {}],
  ['V4 signatures', { authorizationV4: true }],
])('credentials with %s', (_name, options) => {
  const session = () =>
    cloud.cloud.identity.assumeForService(OWNER, 'oss-role', 'fc.aliyuncs.com', 'one').credentials;
  beforeAll(async () => {
    const call = (action: string, params: Record<string, string>) =>
      cloud.cloud.call(cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, 'cn-hangzhou');
    await call('CreateRole', {
      RoleName: 'oss-role',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '1',
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } },
        ],
      }),
    }).catch(() => undefined); // the other run of this block made it
    await call('AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AliyunOSSFullAccess',
      RoleName: 'oss-role',
    }).catch(() => undefined);
  });
  const asSession = (stsToken: string) => {
    const { accessKeyId, accessKeySecret } = session();
    return clientOf({
      ...options,
      accessKeyId,
      accessKeySecret,
      stsToken,
      refreshSTSToken: async () => ({ accessKeyId, accessKeySecret, stsToken }),
      refreshSTSTokenInterval: 3_600_000,
    });
  };

  it('may be those of a session, with the token of that very session', async () => {
    const { accessKeyId, accessKeySecret, securityToken: stsToken } = session();
    const own = clientOf({
      ...options,
      accessKeyId,
      accessKeySecret,
      stsToken,
      refreshSTSToken: async () => ({ accessKeyId, accessKeySecret, stsToken }),
    });
    await own.put('by-session', Buffer.from('x'));
    await expect(asSession(stsToken).get('by-session')).rejects.toMatchObject({
      status: 403,
      code: expect.stringMatching(/SecurityToken/) as string,
    });
  });

  it('are not a key of one’s own together with the token of a session', async () => {
    const { securityToken: stsToken } = session();
    const mixed = { ...keys, stsToken };
    const client = clientOf({
      ...options,
      ...mixed,
      refreshSTSToken: async () => mixed,
      refreshSTSTokenInterval: 3_600_000,
    });
    await expect(client.get('by-session')).rejects.toMatchObject({
      status: 403,
      code: 'AccessKeyIdAndSecurityTokenNotMatch',
    });
  });

  it.each([
    [16 * 60_000, 'RequestTimeTooSkewed'],
    [-16 * 60_000, 'RequestTimeTooSkewed'],
  ])('must be used by a clock that is right, not off by %i ms', async (amendTimeSkewed, code) => {
    await expect(clientOf({ ...options, amendTimeSkewed }).get('k')).rejects.toMatchObject({
      code,
      status: 403,
    });
    await expect(
      clientOf({ ...options, amendTimeSkewed: amendTimeSkewed / 2 }).get('k'),
    ).rejects.toMatchObject({ code: 'NoSuchKey' });
  });

  it('must be known', async () => {
    await expect(clientOf({ ...options, accessKeyId: 'LTAInobody' }).get('k')).rejects.toMatchObject({
      code: 'InvalidAccessKeyId',
      status: 403,
      message: 'The OSS Access Key Id you provided does not exist in our records.',
    });
  });

  it('sign a wrong path no less', async () => {
    const reply = await fetch(`${cloud.origin}/reg-bucket/%zz`, {
      headers: { authorization: 'OSS a:b', 'x-oss-date': new Date().toUTCString() },
    });
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain('<Code>InvalidArgument</Code>');
  });
});

describe('a refusal', () => {
  const date = () => ({ 'x-oss-date': new Date().toUTCString() });
  const ask = async (headers: Record<string, string>) => {
    const reply = await fetch(`${cloud.origin}/reg-bucket/k`, { headers: { ...date(), ...headers } });
    return { status: reply.status, body: await reply.text() };
  };

  it('of an unknown key names the key', async () => {
    const { status, body } = await ask({ authorization: 'OSS LTAInobody:c2lnbmF0dXJl' });
    expect(status).toBe(403);
    expect(body).toContain('<Code>InvalidAccessKeyId</Code>');
    expect(body).toContain(
      '<Message>The OSS Access Key Id you provided does not exist in our records.</Message>',
    );
    expect(body).toContain('<OSSAccessKeyId>LTAInobody</OSSAccessKeyId>');
  });

  it('of a wrong signature shows what was to be signed, in bytes too', async () => {
    const { body } = await ask({ authorization: `OSS ${keys.accessKeyId}:c2lnbmF0dXJl` });
    expect(body).toContain('<SignatureProvided>c2lnbmF0dXJl</SignatureProvided>');
    expect(body).toContain('<StringToSignBytes>47 45 54 0A 0A 0A ');
  });

  it('of a token that has expired names the token', async () => {
    const clock = makeVirtualClock({ startAt: Date.now() });
    const own = await startCloud({ clock, services: [ossService] });
    own.accounts.createAccount(OWNER);
    const root = own.accounts.rootOf(OWNER);
    await own.cloud.call(
      root,
      '2015-05-01',
      'CreateRole',
      {
        RoleName: 'brief',
        AssumeRolePolicyDocument:
          '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"fc.aliyuncs.com"}}]}',
      },
      'cn-hangzhou',
    );
    const { credentials } = own.cloud.identity.assumeForService(OWNER, 'brief', 'fc.aliyuncs.com', 'one');
    await clock.advance(3_600_000);
    const reply = await fetch(`${own.origin}/reg-bucket/k`, {
      headers: {
        ...date(),
        authorization: `OSS ${credentials.accessKeyId}:c2lnbmF0dXJl`,
        'x-oss-security-token': credentials.securityToken,
      },
    });
    const body = await reply.text();
    await own.close();
    expect([reply.status, reply.headers.get('x-oss-ec')]).toEqual([403, '0002-00000007']);
    expect(body).toContain('<Message>The security token you provided has expired.</Message>');
    expect(body).toContain(`<SecurityToken>${credentials.securityToken}</SecurityToken>`);
  });
});

describe('the endpoint of another region', () => {
  it('leads to no bucket, and says where to ask', async () => {
    await clientOf().put('here', Buffer.from('x'));
    const elsewhere = clientOf({ region: 'oss-cn-hongkong', authorizationV4: true });
    const refused = { status: 403, code: 'AccessDenied' };
    await expect(elsewhere.get('here')).rejects.toMatchObject(refused);
    await expect(elsewhere.put('elsewhere', Buffer.from('x'))).rejects.toMatchObject(refused);
    await expect(elsewhere.getBucketInfo('reg-bucket')).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('addressed using the specified endpoint') as string,
    });
    await expect(clientOf().head('elsewhere')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });
});

describe.each([
  ['V1 signatures', {}],
  ['V4 signatures', { authorizationV4: true }],
])('what the embedded OSS lacks, with %s', (_name, options) => {
  const asked: readonly (readonly [string, (client: OSS) => Promise<unknown>])[] = [
    ['appending', (client) => client.append('a', Buffer.from('x'))],
    ['uploads in parts', (client) => client.initMultipartUpload('a')],
    ['where a bucket is', (client) => client.getBucketLocation('reg-bucket')],
    ['rules for other origins', (client) => client.getBucketCORS('reg-bucket')],
    ['rights of an object', (client) => client.getACL('a')],
    ['links', (client) => client.getSymlink('a')],
    ['processing', (client) => client.get('a', { process: 'image/info' })],
  ];
  it.each(asked)('%s is refused loudly', async (_what, ask) => {
    await expect(ask(clientOf(options))).rejects.toMatchObject({ code: 'NotImplemented', status: 501 });
  });
});
