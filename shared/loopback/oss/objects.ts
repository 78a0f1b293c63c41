/** What is done to one object. Source: OSS API reference, PutObject, GetObject, DeleteObject, DeleteMultipleObjects. */
import { createHash } from 'node:crypto';
import type { HttpReply } from '../kernel.js';
import type { StoredObject } from './buckets.js';
import { lacking, OssError } from './errors.js';
import { headersOf } from './replies.js';
import type { OssCall } from './service.js';
import { demandMutable } from './worm.js';
import { malformed, parseXml, textOf, xml } from './xml.js';

const MAX_KEY_BYTES = 1023;
const MAX_DELETED_AT_ONCE = 1000;
/** Only reads may be conditional: a client that counts on one of these to create must hear that it does not. */
const READ_CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];

/** Headers of the answer. Exactly one of several creations of a key wins, since a call runs to its end. */
export function putObject({
  bucket,
  key,
  request,
  cloud,
  demand,
}: OssCall): Readonly<Record<string, string>> {
  const { headers } = request;
  if (headers['x-oss-copy-source'] !== undefined) throw lacking('CopyObject');
  const condition = READ_CONDITIONS.find((name) => headers[name] !== undefined);
  if (condition !== undefined)
    throw new OssError(400, 'NotImplemented', `A header you provided implies functionality: ${condition}.`);
  checkKey(key);
  demand('oss:PutObject', key);
  const now = cloud.clock.now();
  const existing = bucket.objects.get(key);
  if (existing !== undefined) {
    demandMutable(bucket, existing.modifiedAt, now);
    // Once versioning was ever turned on the header is ignored and the object overwritten.
    if (headers['x-oss-forbid-overwrite'] === 'true' && bucket.versioning === undefined) {
      throw new OssError(
        409,
        'FileAlreadyExists',
        'The object you specified already exists and can not be overwritten.',
        { EC: '0026-00000002' },
      );
    }
  }
  const md5 = checkDigest(request.body, headers['content-md5']);
  const tag = cloud.switches.hasOpaqueETags ? createHash('md5').update(md5).digest() : md5;
  const etag = `"${tag.toString('hex').toUpperCase()}"`;
  bucket.objects.set(key, {
    body: Buffer.from(request.body),
    etag,
    modifiedAt: now,
    contentType: headers['content-type'] ?? 'application/octet-stream',
    meta: Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-oss-meta-'))),
  });
  return { etag, 'content-md5': md5.toString('base64') };
}

/** Answers GET and HEAD, whole or by one range, and 304 where the caller has it already. */
export function readObject({ bucket, key, request, cloud, demand }: OssCall): HttpReply {
  demand('oss:GetObject', key);
  const object = bucket.objects.get(key);
  if (object === undefined && cloud.switches.hidesMissingObjects) demand('oss:ListObjects');
  if (object === undefined)
    throw new OssError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
  const known = { ...headersOf(request), etag: object.etag };
  if (isUnchanged(object, request.headers)) return { status: 304, headers: known };
  const range = rangeIn(request.headers['range'], object.body.length);
  const body = range === undefined ? object.body : object.body.subarray(range.from, range.to + 1);
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...known,
      'content-type': object.contentType,
      'content-length': String(body.length),
      'last-modified': new Date(object.modifiedAt).toUTCString(),
      'x-oss-object-type': 'Normal',
      'x-oss-storage-class': 'Standard',
      ...object.meta,
      ...(range === undefined
        ? {}
        : { 'content-range': `bytes ${range.from}-${range.to}/${object.body.length}` }),
    },
    ...(request.method === 'GET' ? { body } : {}),
  };
}

/** Succeeds whether or not the object existed. */
export function deleteObject({ bucket, key, cloud, demand }: OssCall): void {
  demand('oss:DeleteObject', key);
  const object = bucket.objects.get(key);
  if (object !== undefined) demandMutable(bucket, object.modifiedAt, cloud.clock.now());
  bucket.objects.delete(key);
}

/** The answer's XML. One key that may not be deleted keeps all of them; what the real service does then is not documented. */
export function deleteMany(call: OssCall): string {
  const { request, bucket, cloud, demand } = call;
  if (request.headers['content-md5'] === undefined)
    throw new OssError(400, 'MissingArgument', 'Missing Some Required Arguments: Content-MD5.');
  checkDigest(request.body, request.headers['content-md5']);
  const root = parseXml(request.body.toString('utf8'));
  const objects = root.children.filter(({ name }) => name === 'Object');
  const keys = objects.map((object) => textOf(object, 'Key'));
  if (root.name !== 'Delete' || keys.length === 0 || keys.length > MAX_DELETED_AT_ONCE || keys.includes(''))
    throw malformed();
  if (objects.some((object) => textOf(object, 'VersionId') !== '')) throw lacking('versions to delete');
  const now = cloud.clock.now();
  for (const key of keys) {
    demand('oss:DeleteObject', key);
    demandMutable(bucket, bucket.objects.get(key)?.modifiedAt ?? Number.NEGATIVE_INFINITY, now);
  }
  for (const key of keys) bucket.objects.delete(key);
  const shown = textOf(root, 'Quiet') === 'true' ? [] : keys;
  return xml(['DeleteResult', shown.map((key) => ['Deleted', [['Key', key]]] as const)]);
}

function checkKey(key: string): void {
  const ec =
    Buffer.byteLength(key) > MAX_KEY_BYTES
      ? '0016-00000002'
      : /^[/\\]/.test(key)
        ? '0016-00000005'
        : undefined;
  if (ec !== undefined)
    throw new OssError(400, 'InvalidObjectName', 'The specified object is not valid.', { EC: ec });
}

/** MD5 of `body`. @throws {OssError} 400 `InvalidDigest` when `given` (base64) is another */
function checkDigest(body: Buffer, given: string | undefined): Buffer {
  const md5 = createHash('md5').update(body).digest();
  if (given !== undefined && given !== md5.toString('base64'))
    throw new OssError(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.');
  return md5;
}

/** True for 304. @throws {OssError} 412 `PreconditionFailed` */
function isUnchanged(object: StoredObject, headers: Readonly<Record<string, string>>): boolean {
  const same = (etag: string) => etag.replaceAll('"', '') === object.etag.replaceAll('"', '');
  // HTTP dates count whole seconds.
  const isModifiedAfter = (date: string) => Math.floor(object.modifiedAt / 1000) * 1000 > Date.parse(date);
  const match = headers['if-match'];
  const since = headers['if-unmodified-since'];
  if ((match !== undefined && !same(match)) || (since !== undefined && isModifiedAfter(since)))
    throw new OssError(412, 'PreconditionFailed', 'At least one of the preconditions did not hold.');
  const noneMatch = headers['if-none-match'];
  const after = headers['if-modified-since'];
  if (noneMatch !== undefined) return same(noneMatch);
  return after !== undefined && Date.parse(after) >= 0 && !isModifiedAfter(after);
}

/** One range, both ends included; `undefined` for none or an invalid one, which OSS answers with the whole object. */
function rangeIn(header: string | undefined, size: number) {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from <= to ? { from, to } : undefined;
}
