/** OSS as `ali-oss` speaks it: buckets, objects, lists, forbid-overwrite, retention. Versions, ACLs, multipart: not here. */
import type { ServiceParts } from '../cloud.js';
import { asApiError } from '../http/replies.js';
import type { Cloud, HttpReply, HttpRequest } from '../kernel.js';
import { type Bucket, Buckets, SortedObjects } from './buckets.js';
import { invalidArgument, lacking, OssError } from './errors.js';
import { isOnData, OPERATIONS, type Operation, operationOf } from './operations.js';
import { errorReply, headersOf } from './replies.js';
import { type Address, isOssSigned, verifyOss } from './signature.js';

const HOST = /^([a-z0-9][a-z0-9-]{1,61}[a-z0-9])\.oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com(?::\d+)?$/;
const SERVICE_HOST = /^oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com(?::\d+)?$/;
/** Public endpoints of the Chinese mainland, of which Hong Kong is none. */
const PUBLIC_IN_MAINLAND = /\.oss-cn-(?!hongkong)[a-z0-9-]*(?<!-internal)\.aliyuncs\.com(?::\d+)?$/;
const BUCKET_NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** What an operation is given: the bucket exists and the caller is known. */
export interface OssCall {
  readonly cloud: Cloud;
  readonly request: HttpRequest;
  readonly bucket: Bucket;
  readonly key: string;
  readonly query: URLSearchParams;
  /** Takes the bucket out of the world. */
  removeBucket(): void;
  /** @throws {ApiError} `AccessDenied` */
  demand(action: string, key?: string, context?: Readonly<Record<string, string>>): void;
}

export interface OssParts extends ServiceParts {
  /** What a bucket holds, for those who look into the cloud from outside; changes are kept. Nothing when there is no such bucket. */
  objectsOf(bucket: string): SortedObjects;
}

export function ossService(cloud: Cloud): OssParts {
  const buckets = new Buckets(cloud.keeper);
  return {
    objectsOf: (bucket) => buckets.get(bucket)?.objects ?? new SortedObjects(),
    http: [
      {
        product: 'oss',
        operations: OPERATIONS,
        accepts: (request) => isOssSigned(request) || HOST.test(request.headers['host'] ?? ''),
        actionOf: (request) => operationIn(request)?.name ?? `${request.method} ${request.path}`,
        writeError: errorReply,
        handle: async (request) => {
          try {
            return handle(cloud, buckets, request);
          } catch (error) {
            return errorReply(asApiError(error), request);
          }
        },
      },
    ],
  };
}

const operationIn = (request: HttpRequest): Operation | undefined => {
  const address = addressOf(request);
  return address === undefined ? undefined : operationOf(request, address);
};

/** Virtual-host style, else path style. Decoded as it came, so that dot segments stay; `undefined` for bad encoding. */
function addressOf(request: HttpRequest): Address | undefined {
  let path: string;
  try {
    path = decodeURIComponent(request.path.slice(1));
  } catch {
    return undefined;
  }
  const virtual = HOST.exec(request.headers['host'] ?? '');
  if (virtual !== null) return { bucket: virtual[1] ?? '', key: path };
  const slash = path.indexOf('/');
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

const regionOf = (request: HttpRequest): string => {
  const host = request.headers['host'] ?? '';
  return HOST.exec(host)?.[2] ?? SERVICE_HOST.exec(host)?.[1] ?? 'cn-hangzhou';
};

function handle(cloud: Cloud, buckets: Buckets, request: HttpRequest): HttpReply {
  const address = addressOf(request);
  if (address === undefined) throw invalidArgument('The path is not validly encoded.');
  const caller = verifyOss(cloud.identity, request, address);
  const operation = operationOf(request, address);
  if (cloud.switches.refusesPublicData && operation !== undefined && isOnData(operation))
    refusePublic(request);
  const demandOn =
    (region: string, owner: string): OssCall['demand'] =>
    (action, key, context) =>
      cloud.identity.demand(
        caller,
        {
          action,
          resource: `acs:oss:${region}:${owner}:${address.bucket}${key === undefined ? '' : `/${key}`}`,
          ...(context === undefined ? {} : { context }),
        },
        'AccessDenied',
      );

  const existing = buckets.get(address.bucket);
  if (operation?.name === 'PutBucket') {
    const region = regionOf(request);
    demandOn(region, caller.accountId)('oss:PutBucket');
    if (!BUCKET_NAME.test(address.bucket))
      throw new OssError(400, 'InvalidBucketName', 'The specified bucket is not valid.');
    if (existing !== undefined && existing.ownerId !== caller.accountId)
      throw new OssError(409, 'BucketAlreadyExists', 'The requested bucket name is not available.');
    const now = cloud.clock.now();
    if (existing === undefined) buckets.add(newBucket(address.bucket, caller.accountId, region, now));
    return { status: 200, headers: headersOf(request) };
  }
  if (address.bucket === '') throw lacking('ListBuckets');
  if (existing === undefined)
    throw new OssError(404, 'NoSuchBucket', 'The specified bucket does not exist.', {
      BucketName: address.bucket,
    });
  refuseFromElsewhere(request, existing);
  if (operation?.run === undefined)
    throw lacking(
      `${request.method} of a ${address.key === '' ? 'bucket' : 'key'} with "${request.rawQuery.slice(0, 60)}"`,
    );
  const reply = operation.run({
    cloud,
    request,
    bucket: existing,
    key: address.key,
    query: new URLSearchParams(request.rawQuery),
    removeBucket: () => buckets.remove(address.bucket),
    demand: demandOn(existing.region, existing.ownerId),
  });
  if (address.key === '' && request.method !== 'GET' && buckets.get(address.bucket) === existing)
    buckets.save(existing);
  return reply;
}

/**
 * Hosts that name no region, as of path style on the loopback, are asked everywhere. Source: OSS "HTTP 403 errors", `AccessDenied`.
 * @throws {OssError} 403 `AccessDenied`, with where to ask
 */
function refuseFromElsewhere({ headers }: HttpRequest, { name, region }: Bucket): void {
  const askedIn = HOST.exec(headers['host'] ?? '')?.[2] ?? region;
  if (askedIn !== region)
    throw new OssError(
      403,
      'AccessDenied',
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
      { Bucket: name, Endpoint: `oss-${region}.aliyuncs.com` },
    );
}

/** @throws {OssError} 400 `PublicEndpointForbidden` */
function refusePublic({ headers }: HttpRequest): void {
  if (PUBLIC_IN_MAINLAND.test(headers['host'] ?? ''))
    throw new OssError(400, 'PublicEndpointForbidden', 'Data is not to be had at the public endpoint.', {
      EC: '0048-00000401',
    });
}

const newBucket = (
  name: string,
  ownerId: string,
  region: string,
  createdAt: number,
): Omit<Bucket, 'objects'> => ({
  name,
  ownerId,
  region,
  createdAt,
  versioning: undefined,
  worm: undefined,
});
