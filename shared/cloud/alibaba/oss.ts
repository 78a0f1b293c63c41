/** `EvidencePort` and `IndexPort` over `ali-oss`. Keys are ours and plain; see `guard`. */
import OSS from 'ali-oss';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { EvidencePort, IndexPort } from '../ports.js';
import type { Connection, Credentials } from './connection.js';
import { codeOf, doing, unlessMissing } from './failures.js';
import { overHttpx } from './oss-transport.js';

/** Another holder of the key was first: 409 `FileAlreadyExists`, or `FileImmutable` under a retention policy. */
const TAKEN = /^(FileAlreadyExists|FileImmutable)$/;

/** A client lives for one request, so its token never needs another; the SDK wants to be told how it would get one. */
export function tokenOptions({ accessKeyId, accessKeySecret, securityToken }: Credentials): object {
  if (securityToken === undefined) return {};
  const same = { accessKeyId, accessKeySecret, stsToken: securityToken };
  return { stsToken: securityToken, refreshSTSToken: async () => same, refreshSTSTokenInterval: 3_600_000 };
}

function makeClient(connection: Connection, bucket: string): OSS {
  return new OSS({
    bucket,
    region: `oss-${connection.region}`,
    accessKeyId: connection.credentials.accessKeyId,
    accessKeySecret: connection.credentials.accessKeySecret,
    ...tokenOptions(connection.credentials),
    ...(connection.endpoint === undefined ? { secure: true } : { endpoint: `http://${connection.endpoint}` }),
    timeout: connection.timeoutMilliseconds,
    // Neither is in the published types; V1 signatures are closed for new buckets since 2025-09.
    ...({ authorizationV4: true, urllib: overHttpx } as object),
  });
}

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

async function listKeys(
  client: OSS,
  prefix: string,
  after: string | undefined,
  limit: number,
): Promise<readonly string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    // A fresh query each page: the SDK deletes the token from the object it is given.
    const query = {
      prefix,
      'max-keys': String(Math.min(1000, limit - keys.length)),
      ...(after === undefined ? {} : { 'start-after': after }),
      ...(token === undefined ? {} : { 'continuation-token': token }),
    };
    const page = await doing(`listing ${prefix}`, () => client.listV2(query, {}));
    keys.push(...(page.objects ?? []).map((object) => object.name));
    token = page.isTruncated ? page.nextContinuationToken : undefined;
  } while (token !== undefined && keys.length < limit);
  return keys;
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
    list: (prefix, after) => listKeys(client, prefix, after, Number.POSITIVE_INFINITY),
  };
}

export function makeIndexPort(connection: Connection, bucket: string): IndexPort {
  const client = makeClient(connection, bucket);
  return {
    async put(key, body) {
      await doing(`writing ${key}`, () => client.put(guard(key), Buffer.from(body)));
    },
    async remove(key) {
      await doing(`removing ${key}`, () => client.delete(guard(key)));
    },
    read: (key) => read(client, key),
    list: (prefix, limit, after) => listKeys(client, prefix, after, limit),
  };
}
