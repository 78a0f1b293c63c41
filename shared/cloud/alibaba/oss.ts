/** `EvidencePort` and `IndexPort` over `ali-oss`. Keys are ours and plain; see `guard`. */
import { createHash } from 'node:crypto';
import OSS from 'ali-oss';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { EvidencePort, IndexPort } from '../ports.js';
import type { Connection, Credentials } from './connection.js';
import { codeOf, doing, unlessMissing } from './failures.js';
import { overHttpx } from './oss-transport.js';

/** Another holder of the key was first: 409 `FileAlreadyExists`, or `FileImmutable` under a retention policy. */
const TAKEN = /^(FileAlreadyExists|FileImmutable)$/;

/** A client lives for one request, so its token never needs another; the SDK wants to be told how it would get one. */
function tokenOptions({ accessKeyId, accessKeySecret, securityToken }: Credentials): object {
  if (securityToken === undefined) return {};
  const same = { accessKeyId, accessKeySecret, stsToken: securityToken };
  return { stsToken: securityToken, refreshSTSToken: async () => same, refreshSTSTokenInterval: 3_600_000 };
}

/** Where the SDK finds a bucket; without one, what is no bucket's own. */
export function placeOptions({ endpoint, oss }: Connection, bucket = ''): object {
  const internal = oss === 'internal';
  if (endpoint !== undefined) return { endpoint: `http://${endpoint}`, internal };
  const domain = oss === undefined || internal ? undefined : oss[bucket];
  return domain === undefined ? { secure: true, internal } : { endpoint: `https://${domain}`, cname: true };
}

const clientOptions = (connection: Connection, bucket?: string): OSS.Options => ({
  ...(bucket === undefined ? {} : { bucket }),
  region: `oss-${connection.region}`,
  accessKeyId: connection.credentials.accessKeyId,
  accessKeySecret: connection.credentials.accessKeySecret,
  ...tokenOptions(connection.credentials),
  ...placeOptions(connection, bucket),
  timeout: connection.timeoutMilliseconds,
  // Not in the published types; V1 signatures are closed for new buckets since 2025-09.
  ...({ authorizationV4: true } as object),
});

/** For what is no bucket's own. */
export const ossClient = (connection: Connection): OSS => new OSS(clientOptions(connection));

const makeClient = (connection: Connection, bucket: string): OSS =>
  new OSS({ ...clientOptions(connection, bucket), ...({ urllib: overHttpx } as object) });

/** The SDK treats an empty key as the bucket and collapses dot segments after signing: neither may get that far. */
function guard(key: string): string {
  const segments = key.split('/');
  if (
    key.length > 1023 ||
    segments.some((segment) => !/^[A-Za-z0-9@._:-]+$/.test(segment) || /^\.\.?$/.test(segment))
  ) {
    throw new BrokenPromiseError('REGISTER_BROKEN', 'an object key of ours is not plain');
  }
  return key;
}

async function read(client: OSS, key: string): Promise<string | undefined> {
  const reply = await unlessMissing(`reading ${key}`, () => client.get(guard(key)));
  return reply === undefined ? undefined : String(reply.content);
}

/** Objects that one request lists or removes. Source: OSS API reference, ListObjectsV2, DeleteMultipleObjects. */
const MOST_AT_ONCE = 1000;

interface Listed {
  readonly name: string;
  readonly etag?: string;
}

async function listBelow(
  client: OSS,
  prefix: string,
  after?: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  let token: string | undefined;
  do {
    // A fresh query each page: the SDK deletes the token from the object it is given.
    const query = {
      prefix,
      'max-keys': String(Math.min(MOST_AT_ONCE, limit - listed.length)),
      ...(after === undefined ? {} : { 'start-after': after }),
      ...(token === undefined ? {} : { 'continuation-token': token }),
    };
    const page = await doing(`listing ${prefix}`, () => client.listV2(query, {}));
    listed.push(...(page.objects ?? []));
    token = page.isTruncated ? page.nextContinuationToken : undefined;
  } while (token !== undefined && listed.length < limit);
  return listed;
}

const listKeys = async (...asked: Parameters<typeof listBelow>): Promise<readonly string[]> =>
  (await listBelow(...asked)).map(({ name }) => name);

/**
 * The ETag of what was put in one piece is the MD5 of its content, in upper case. Where it is something else, as under an encryption by
 * other keys it may be, nothing is told by it.
 */
const isTagOf = (etag: string | undefined, text: string): boolean =>
  etag?.replaceAll('"', '').toUpperCase() === createHash('md5').update(text).digest('hex').toUpperCase();

async function remove(client: OSS, key: string): Promise<void> {
  await doing(`removing ${key}`, () => client.delete(guard(key)));
}

/** The answer names what is gone. What it does not name is removed by itself: no page says why that could be. */
async function removeAtOnce(client: OSS, keys: readonly string[]): Promise<void> {
  const { deleted } = await doing(`removing ${keys[0]} and ${keys.length - 1} more`, () =>
    client.deleteMulti(keys.map(guard)),
  );
  const gone = new Set((deleted as readonly { readonly Key: string }[] | undefined)?.map(({ Key }) => Key));
  await Promise.all(keys.filter((key) => !gone.has(key)).map((key) => remove(client, key)));
}

export function makeEvidencePort(connection: Connection, bucket: string): EvidencePort {
  const client = makeClient(connection, bucket);
  return {
    async create(key, body) {
      return doing(`writing ${key}`, async () => {
        try {
          await client.put(guard(key), Buffer.from(body), { headers: { 'x-oss-forbid-overwrite': 'true' } });
          return 'created' as const;
        } catch (failure) {
          if (TAKEN.test(codeOf(failure))) return 'exists' as const;
          throw failure;
        }
      });
    },
    read: (key) => read(client, key),
    list: (prefix, after, limit) => listKeys(client, prefix, after, limit),
    objects: async (prefix) =>
      (await listBelow(client, prefix)).map(({ name, etag }) => ({
        key: name,
        holds: (text) => isTagOf(etag, text),
      })),
  };
}

export function makeIndexPort(connection: Connection, bucket: string): IndexPort {
  const client = makeClient(connection, bucket);
  return {
    async put(key, body) {
      await doing(`writing ${key}`, () => client.put(guard(key), Buffer.from(body)));
    },
    remove: (key) => remove(client, key),
    async removeAll(keys) {
      const all = [...new Set(keys)];
      for (let from = 0; from < all.length; from += MOST_AT_ONCE)
        await removeAtOnce(client, all.slice(from, from + MOST_AT_ONCE));
    },
    read: (key) => read(client, key),
    list: (prefix, limit, after) => listKeys(client, prefix, after, limit),
  };
}
