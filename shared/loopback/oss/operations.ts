/** Which operation a request means, by method and sub-resource, and how each is answered. Source: OSS API reference. */
import type { HttpReply, HttpRequest } from '../kernel.js';
import { OssError } from './errors.js';
import { deleteLifecycle, getLifecycle, putLifecycle } from './lifecycle.js';
import { listObjects } from './list.js';
import { deleteMany, deleteObject, putObject, readObject } from './objects.js';
import { headersOf } from './replies.js';
import type { OssCall } from './service.js';
import type { Address } from './signature.js';
import { abortWorm, completeWorm, demandNoWorm, describeWorm, extendWorm, initiateWorm } from './worm.js';
import { malformed, parseXml, textOf, xml } from './xml.js';

export interface Operation {
  /** In OSS's words, for faults and the record of calls. */
  readonly name: string;
  /** Absent for PutBucket, which is answered where buckets are kept. */
  readonly run?: (call: OssCall) => HttpReply;
}
interface Route extends Operation {
  readonly method: string;
  /** The parameter that tells the operation; '' for a request without any that matters. */
  readonly sub: string;
}

const ON_BUCKETS: readonly Route[] = [
  { method: 'GET', sub: 'list-type', name: 'ListObjectsV2', run: (call) => ok(call, listObjects(call)) },
  { method: 'GET', sub: 'bucketInfo', name: 'GetBucketInfo', run: (call) => ok(call, bucketInfo(call)) },
  {
    method: 'GET',
    sub: 'versioning',
    name: 'GetBucketVersioning',
    run: (call) => ok(call, versioning(call)),
  },
  { method: 'PUT', sub: 'versioning', name: 'PutBucketVersioning', run: done(200, putVersioning) },
  { method: 'GET', sub: 'worm', name: 'GetBucketWorm', run: (call) => ok(call, describeWorm(call)) },
  { method: 'DELETE', sub: 'worm', name: 'AbortBucketWorm', run: done(204, abortWorm) },
  {
    method: 'POST',
    sub: 'worm',
    name: 'InitiateBucketWorm',
    run: (call) => ({
      status: 200,
      headers: { 'x-oss-worm-id': initiateWorm(call), ...headersOf(call.request) },
    }),
  },
  {
    method: 'POST',
    sub: 'wormExtend',
    name: 'ExtendBucketWorm',
    run: done(200, extendWorm),
  },
  {
    method: 'POST',
    sub: 'wormId',
    name: 'CompleteBucketWorm',
    run: done(200, completeWorm),
  },
  {
    method: 'GET',
    sub: 'lifecycle',
    name: 'GetBucketLifecycle',
    run: (call) => ok(call, getLifecycle(call)),
  },
  { method: 'PUT', sub: 'lifecycle', name: 'PutBucketLifecycle', run: done(200, putLifecycle) },
  { method: 'DELETE', sub: 'lifecycle', name: 'DeleteBucketLifecycle', run: done(204, deleteLifecycle) },
  { method: 'POST', sub: 'delete', name: 'DeleteMultipleObjects', run: (call) => ok(call, deleteMany(call)) },
  { method: 'PUT', sub: '', name: 'PutBucket' },
  { method: 'DELETE', sub: '', name: 'DeleteBucket', run: done(204, deleteBucket) },
];

const ON_OBJECTS: readonly Route[] = [
  { method: 'HEAD', sub: 'objectMeta', name: 'GetObjectMeta', run: readObject },
  { method: 'GET', sub: '', name: 'GetObject', run: readObject },
  { method: 'HEAD', sub: '', name: 'HeadObject', run: readObject },
  {
    method: 'PUT',
    sub: '',
    name: 'PutObject',
    run: (call) => ({ status: 200, headers: { ...headersOf(call.request), ...putObject(call) } }),
  },
  { method: 'DELETE', sub: '', name: 'DeleteObject', run: done(204, deleteObject) },
];

/** What an object holds and which there are, as against how a bucket is set up. Source: OSS "Access OSS via custom domain names". */
const ON_DATA: ReadonlySet<string> = new Set([
  'ListObjectsV2',
  'DeleteMultipleObjects',
  ...ON_OBJECTS.map(({ name }) => name),
]);
export const isOnData = ({ name }: Operation): boolean => ON_DATA.has(name);

export const OPERATIONS: readonly string[] = [...ON_BUCKETS, ...ON_OBJECTS].map(({ name }) => name);

/** `undefined` for what is not built. A request without parameters matches no sub-resource, and the other way round. */
export function operationOf(request: HttpRequest, { key }: Address): Operation | undefined {
  const query = new URLSearchParams(request.rawQuery);
  const found = (key === '' ? ON_BUCKETS : ON_OBJECTS).find(
    ({ method, sub }) => method === request.method && (sub === '' ? query.size === 0 : query.has(sub)),
  );
  return found?.name === 'ListObjectsV2' && query.get('list-type') !== '2' ? undefined : found;
}

function ok({ request }: OssCall, body: string): HttpReply {
  return { status: 200, headers: { ...headersOf(request), 'content-type': 'application/xml' }, body };
}

/** Answers with nothing but `status` once it is done. */
function done(status: number, act: (call: OssCall) => void): (call: OssCall) => HttpReply {
  return (call) => {
    act(call);
    return { status, headers: headersOf(call.request) };
  };
}

function bucketInfo({ bucket, demand }: OssCall): string {
  demand('oss:GetBucketInfo');
  return xml([
    'BucketInfo',
    [
      [
        'Bucket',
        [
          ['Name', bucket.name],
          ['Location', `oss-${bucket.region}`],
          ['CreationDate', new Date(bucket.createdAt).toISOString()],
          ['ExtranetEndpoint', `oss-${bucket.region}.aliyuncs.com`],
          ['IntranetEndpoint', `oss-${bucket.region}-internal.aliyuncs.com`],
          ['StorageClass', 'Standard'],
          [
            'Owner',
            [
              ['ID', bucket.ownerId],
              ['DisplayName', bucket.ownerId],
            ],
          ],
          ['AccessControlList', [['Grant', 'private']]],
          ...(bucket.versioning === undefined ? [] : [['Versioning', bucket.versioning] as const]),
        ],
      ],
    ],
  ]);
}

function versioning({ bucket, demand }: OssCall): string {
  demand('oss:GetBucketVersioning');
  const status = bucket.versioning === undefined ? [] : [['Status', bucket.versioning] as const];
  return xml(['VersioningConfiguration', status]);
}

function putVersioning(call: OssCall): void {
  call.demand('oss:PutBucketVersioning');
  const status = textOf(parseXml(call.request.body.toString('utf8')), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw malformed();
  if (status === 'Suspended') demandNoWorm(call.bucket, call.cloud.clock.now());
  call.bucket.versioning = status;
}

function deleteBucket(call: OssCall): void {
  call.demand('oss:DeleteBucket');
  if (call.bucket.objects.size > 0)
    throw new OssError(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty.');
  call.removeBucket();
}
