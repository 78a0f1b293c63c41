/** OSS as `ali-oss` and other S-like clients speak it: buckets, objects, lists, forbid-overwrite, retention. */
import type { ServiceParts } from '../cloud.js';
import { asApiError } from '../http/replies.js';
import { ApiError, type Cloud, type HttpReply, type HttpRequest } from '../kernel.js';
import type { Bucket } from './buckets.js';
import { SortedObjects } from './buckets.js';
import { listObjects } from './list.js';
import { deleteMany, deleteObject, getObject, putObject } from './objects.js';
import { type Address, isOssSigned, verifyOss } from './signature.js';
import { xml } from './xml.js';

const HOST = /^([a-z0-9][a-z0-9-]{1,61}[a-z0-9])\.oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com(?::\d+)?$/;
const SERVICE_HOST = /^oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com(?::\d+)?$/;

/** What an operation is given: the bucket exists and the caller is known. */
export interface OssCall {
  readonly cloud: Cloud;
  readonly request: HttpRequest;
  readonly bucket: Bucket;
  readonly key: string;
  readonly query: URLSearchParams;
  /** @throws {ApiError} `AccessDenied` */
  demand(action: string, key?: string, context?: Readonly<Record<string, string>>): void;
}

export function ossService(cloud: Cloud): ServiceParts {
  const buckets = new Map<string, Bucket>();
  return {
    http: [
      {
        product: 'oss',
        accepts: (request) => isOssSigned(request) || HOST.test(request.headers['host'] ?? ''),
        actionOf: (request) => actionOf(request),
        writeError: (error, request) => errorReply(error, request),
        handle: async (request) => {
          try {
            return await handle(cloud, buckets, request);
          } catch (error) {
            return errorReply(asApiError(error), request);
          }
        },
      },
    ],
  };
}

/** Names the operation in OSS's words, for faults and the record of calls. */
function actionOf(request: HttpRequest): string {
  const { key } = addressOf(request);
  const query = new URLSearchParams(request.rawQuery);
  const sub = ['versioning', 'worm', 'delete', 'bucketInfo'].find((name) => query.has(name));
  if (key === '')
    return request.method === 'GET' && sub === undefined
      ? 'ListObjects'
      : `${NAMES[request.method] ?? request.method}Bucket${sub ?? ''}`;
  return `${NAMES[request.method] ?? request.method}Object`;
}
const NAMES: Readonly<Record<string, string>> = {
  PUT: 'Put',
  GET: 'Get',
  HEAD: 'Head',
  DELETE: 'Delete',
  POST: 'Post',
};

/** Virtual-host style, else path style. The raw path is split before it is decoded, so that dot segments stay what they are. */
function addressOf(request: HttpRequest): Address {
  const host = request.headers['host'] ?? '';
  const path = decodeURIComponent(request.path.slice(1));
  const virtual = HOST.exec(host);
  if (virtual !== null) return { bucket: virtual[1] ?? '', key: path };
  const [bucket = '', ...rest] = path.split('/');
  return { bucket, key: rest.join('/') };
}

const regionOf = (request: HttpRequest): string => {
  const host = request.headers['host'] ?? '';
  return HOST.exec(host)?.[2] ?? SERVICE_HOST.exec(host)?.[1] ?? 'cn-hangzhou';
};

async function handle(cloud: Cloud, buckets: Map<string, Bucket>, request: HttpRequest): Promise<HttpReply> {
  const address = addressOf(request);
  const caller = verifyOss(cloud.identity, request, address);
  const region = regionOf(request);
  const query = new URLSearchParams(request.rawQuery);
  const bucket = buckets.get(address.bucket);
  const demandOn =
    (owner: string) => (action: string, key?: string, context?: Readonly<Record<string, string>>) => {
      const resource = `acs:oss:${region}:${owner}:${address.bucket}${key === undefined ? '' : `/${key}`}`;
      cloud.identity.demand(
        caller,
        { action, resource, ...(context === undefined ? {} : { context }) },
        'AccessDenied',
      );
    };

  if (address.key === '' && request.method === 'PUT' && query.size === 0) {
    if (bucket !== undefined && bucket.ownerId !== caller.accountId) {
      throw new ApiError(409, 'BucketAlreadyExists', 'The requested bucket name is not available.');
    }
    demandOn(caller.accountId)('oss:PutBucket');
    buckets.set(address.bucket, bucket ?? newBucket(address.bucket, caller.accountId, region));
    return reply(200, request);
  }
  if (bucket === undefined) throw new ApiError(404, 'NoSuchBucket', 'The specified bucket does not exist.');
  const call: OssCall = { cloud, request, bucket, key: address.key, query, demand: demandOn(bucket.ownerId) };
  return address.key === '' ? onBucket(call, buckets) : onObject(call);
}

const newBucket = (name: string, ownerId: string, region: string): Bucket => ({
  name,
  ownerId,
  region,
  objects: new SortedObjects(),
  versioning: undefined,
  retentionDays: 0,
});

function onBucket(call: OssCall, buckets: Map<string, Bucket>): HttpReply {
  const { request, bucket, query, demand } = call;
  const has = (method: string, name: string): boolean => request.method === method && query.has(name);
  if (has('GET', 'versioning')) {
    demand('oss:GetBucketVersioning');
    return reply(
      200,
      request,
      xml([
        'VersioningConfiguration',
        bucket.versioning === undefined ? [] : [['Status', bucket.versioning]],
      ]),
    );
  }
  if (has('PUT', 'versioning')) {
    demand('oss:PutBucketVersioning');
    bucket.versioning = request.body.toString('utf8').includes('<Status>Enabled</Status>')
      ? 'Enabled'
      : 'Suspended';
    return reply(200, request);
  }
  if (has('POST', 'worm')) {
    demand('oss:InitiateBucketWorm');
    bucket.retentionDays = Number(
      /<RetentionPeriodInDays>(\d+)</.exec(request.body.toString('utf8'))?.[1] ?? 0,
    );
    return { ...reply(200, request), headers: { ...headersOf(request), 'x-oss-worm-id': bucket.name } };
  }
  if (has('POST', 'delete')) return reply(200, request, deleteMany(call));
  if (request.method === 'GET' && query.get('list-type') === '2')
    return reply(200, request, listObjects(call));
  if (request.method === 'DELETE' && query.size === 0) {
    demand('oss:DeleteBucket');
    if (bucket.objects.size > 0)
      throw new ApiError(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty.');
    buckets.delete(bucket.name);
    return reply(204, request);
  }
  throw lacking(request);
}

function onObject(call: OssCall): HttpReply {
  const { request, query } = call;
  if (query.size > 0 && !(request.method === 'HEAD' && query.has('objectMeta'))) throw lacking(request);
  switch (request.method) {
    case 'PUT':
      return { ...reply(200, request), headers: { ...headersOf(request), ...putObject(call) } };
    case 'GET':
    case 'HEAD': {
      const { headers, body } = getObject(call);
      return {
        status: 200,
        headers: { ...headersOf(request), ...headers },
        ...(request.method === 'GET' ? { body } : {}),
      };
    }
    case 'DELETE':
      deleteObject(call);
      return reply(204, request);
    default:
      throw lacking(request);
  }
}

/** Loudly, by name: an answer that pretended would be worse than none. */
const lacking = (request: HttpRequest): ApiError =>
  new ApiError(
    501,
    'NotImplemented',
    `This embedded OSS has no ${request.method} with "${request.rawQuery.slice(0, 60)}".`,
  );

const headersOf = (request: HttpRequest): Readonly<Record<string, string>> => ({
  'x-oss-request-id': request.requestId,
  server: 'AliyunOSS',
});

function reply(status: number, request: HttpRequest, body?: string): HttpReply {
  return body === undefined
    ? { status, headers: headersOf(request) }
    : { status, headers: { ...headersOf(request), 'content-type': 'application/xml' }, body };
}

function errorReply(error: ApiError, request: HttpRequest): HttpReply {
  const body = xml([
    'Error',
    [
      ['Code', error.code],
      ['Message', error.message],
      ['RequestId', request.requestId],
      ['HostId', request.headers['host'] ?? ''],
    ],
  ]);
  // A HEAD has no body: clients read the error from this header.
  const head = request.method === 'HEAD' ? { 'x-oss-err': Buffer.from(body).toString('base64') } : {};
  return {
    status: error.status,
    headers: { ...headersOf(request), 'content-type': 'application/xml', ...head },
    ...(request.method === 'HEAD' ? {} : { body }),
  };
}
