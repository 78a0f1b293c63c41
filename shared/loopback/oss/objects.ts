/** What is done to one object. Source: OSS API reference, PutObject, GetObject, DeleteObject, DeleteMultipleObjects. */
import { createHash } from 'node:crypto';
import { ApiError } from '../kernel.js';
import type { OssCall } from './service.js';
import { textsOf, xml } from './xml.js';

const MAX_KEY_BYTES = 1023;
const DAY_MS = 86_400_000;

/** Headers of the answer. Exactly one of several creations of a key wins, since a call runs to its end. */
export function putObject({
  bucket,
  key,
  request,
  cloud,
  demand,
}: OssCall): Readonly<Record<string, string>> {
  checkKey(key);
  demand('oss:PutObject', key);
  const existing = bucket.objects.get(key);
  if (existing !== undefined) {
    demandMutable(existing.modifiedAt, bucket.retentionDays, cloud.clock.now());
    // Once versioning was ever turned on the header is ignored and the object overwritten.
    if (request.headers['x-oss-forbid-overwrite'] === 'true' && bucket.versioning === undefined) {
      throw new ApiError(
        409,
        'FileAlreadyExists',
        'The object you specified already exists and can not be overwritten.',
      );
    }
  }
  const md5 = createHash('md5').update(request.body).digest();
  const given = request.headers['content-md5'];
  if (given !== undefined && given !== md5.toString('base64')) {
    throw new ApiError(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  const etag = `"${md5.toString('hex').toUpperCase()}"`;
  bucket.objects.set(key, {
    body: Buffer.from(request.body),
    etag,
    modifiedAt: cloud.clock.now(),
    contentType: request.headers['content-type'] ?? 'application/octet-stream',
  });
  return { etag, 'content-md5': md5.toString('base64') };
}

export function getObject({ bucket, key, demand }: OssCall): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
} {
  demand('oss:GetObject', key);
  const object = bucket.objects.get(key);
  if (object === undefined) throw new ApiError(404, 'NoSuchKey', 'The specified key does not exist.');
  return {
    body: object.body,
    headers: {
      etag: object.etag,
      'content-type': object.contentType,
      'content-length': String(object.body.length),
      'last-modified': new Date(object.modifiedAt).toUTCString(),
      'x-oss-object-type': 'Normal',
      'x-oss-storage-class': 'Standard',
    },
  };
}

/** Succeeds whether or not the object existed. */
export function deleteObject({ bucket, key, cloud, demand }: OssCall): void {
  demand('oss:DeleteObject', key);
  const object = bucket.objects.get(key);
  if (object !== undefined) demandMutable(object.modifiedAt, bucket.retentionDays, cloud.clock.now());
  bucket.objects.delete(key);
}

/** The answer's XML. */
export function deleteMany(call: OssCall): string {
  const keys = textsOf(call.request.body.toString('utf8'), 'Key');
  if (keys.length === 0 || keys.length > 1000)
    throw new ApiError(400, 'MalformedXML', 'The XML you provided was not well-formed.');
  for (const key of keys) deleteObject({ ...call, key });
  return xml(['DeleteResult', keys.map((key) => ['Deleted', [['Key', key]]] as const)]);
}

function checkKey(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES || /^[/\\]/.test(key))
    throw new ApiError(400, 'InvalidObjectName', 'The specified object is not valid.');
}

function demandMutable(modifiedAt: number, retentionDays: number, now: number): void {
  if (now < modifiedAt + retentionDays * DAY_MS)
    throw new ApiError(409, 'FileImmutable', 'The object you specified is immutable.');
}
