/**
 * OSS's two signatures. Both leave the body unsigned; Content-MD5 alone binds it.
 * Source: OSS "Add signatures to headers" and "Signature version 4".
 */
import { createHash, createHmac } from 'node:crypto';
import { ApiError, type Caller, type HttpRequest, type Identity } from '../kernel.js';
import { sameText } from '../signatures/compare.js';
import { encodeRfc3986 } from '../signatures/encode.js';
import { invalidArgument, OssError } from './errors.js';

/** What a request is about, addressed either way. Both are decoded. */
export interface Address {
  readonly bucket: string;
  readonly key: string;
}

const V1 = /^OSS ([^:\s]+):(\S+)$/;
const V4 =
  /^OSS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/oss\/aliyun_v4_request,\s*(?:AdditionalHeaders=([^,\s]*),\s*)?Signature=([0-9a-f]{64})$/;
/**
 * Query parameters that V1 signs, those of operations that are not built among them: a client that asks for one is to hear that, not
 * that it signed wrongly.
 */
const SUB_RESOURCES = new Set([
  ...[
    'continuation-token',
    'objectMeta',
    'delete',
    'append',
    'position',
    'versionId',
    'versions',
    'versioning',
  ],
  ...['worm', 'wormId', 'wormExtend', 'lifecycle', 'acl', 'overwriteConfig', 'policy', 'bucketInfo', 'stat'],
  ...['uploads', 'uploadId', 'partNumber', 'restore', 'symlink', 'tagging', 'asyncFetch', 'x-oss-process'],
  ...['location', 'logging', 'cors', 'referer', 'website', 'encryption', 'requestPayment', 'inventory'],
  ...['inventoryId', 'live', 'replication', 'transferAcceleration', 'cname', 'security-token'],
  ...['response-content-type', 'response-content-language', 'response-expires', 'response-cache-control'],
  ...['response-content-disposition', 'response-content-encoding', 'callback', 'callback-var'],
]);

export const isOssSigned = (request: HttpRequest): boolean =>
  /^OSS4?[ -]/.test(request.headers['authorization'] ?? '');

/** @throws {ApiError} in OSS's own codes. */
export function verifyOss(identity: Identity, request: HttpRequest, address: Address): Caller {
  const authorization = request.headers['authorization'] ?? '';
  const v1 = V1.exec(authorization);
  if (v1 !== null) {
    const [, accessKeyId = '', signature = ''] = v1;
    const { secret, caller } = authenticate(
      identity,
      request,
      accessKeyId,
      Date.parse(request.headers['x-oss-date'] ?? request.headers['date'] ?? ''),
    );
    const text = stringToSignV1(request, address);
    const expected = createHmac('sha1', secret).update(text).digest('base64');
    return agree({ expected, signature, text }, caller);
  }
  const v4 = V4.exec(authorization);
  if (v4 === null)
    throw new ApiError(403, 'AccessDenied', 'The authorization header is missing or malformed.');
  const [, accessKeyId = '', date = '', region = '', additional = '', signature = ''] = v4;
  const stamp = request.headers['x-oss-date'] ?? '';
  const { secret, caller } = authenticate(identity, request, accessKeyId, parseBasicIso(stamp));
  // Else a signing key of another day, or a body that no header tells of, would pass.
  if (!stamp.startsWith(date))
    throw invalidArgument('The date of the credential scope is not that of x-oss-date.');
  if (request.headers['x-oss-content-sha256'] !== 'UNSIGNED-PAYLOAD')
    throw invalidArgument('x-oss-content-sha256 must be UNSIGNED-PAYLOAD.');
  const scope = `${date}/${region}/oss/aliyun_v4_request`;
  const text = ['OSS4-HMAC-SHA256', stamp, scope, sha256(canonicalV4(request, address, additional))].join(
    '\n',
  );
  const key = [date, region, 'oss', 'aliyun_v4_request'].reduce<Buffer>(
    (secretSoFar, part) => hmac(secretSoFar, part),
    Buffer.from(`aliyun_v4${secret}`),
  );
  return agree({ expected: hmac(key, text).toString('hex'), signature, text }, caller);
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Signed {
  readonly expected: string;
  readonly signature: string;
  /** What was signed here; told to the caller, who can compare it with his own. */
  readonly text: string;
}

function agree({ expected, signature, text }: Signed, caller: Caller): Caller {
  if (sameText(expected, signature)) return caller;
  throw new OssError(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      OSSAccessKeyId: caller.accessKeyId,
      SignatureProvided: signature,
      StringToSign: text,
      StringToSignBytes: bytesOf(text),
    },
  );
}

/** `47 45 54 0A`: what a text cannot show, such as which line breaks were signed. */
const bytesOf = (text: string): string =>
  (Buffer.from(text).toString('hex').toUpperCase().match(/../g) ?? []).join(' ');

/** What the identity services refuse, in OSS's words. Source: OSS "HTTP 403 errors". */
const REFUSALS: readonly (readonly [RegExp, (claim: Claim) => OssError])[] = [
  [
    /^InvalidSecurityToken\.Expired|^SecurityTokenExpired/,
    ({ token }) =>
      new OssError(403, 'SecurityTokenExpired', 'The security token you provided has expired.', {
        EC: '0002-00000007',
        SecurityToken: token,
      }),
  ],
  [
    /^InvalidSecurityToken\.Mismatch/,
    () =>
      new OssError(
        403,
        'AccessKeyIdAndSecurityTokenNotMatch',
        'The OSS access key id and security token you provided does not match.',
      ),
  ],
  [
    /SecurityToken/,
    () => new OssError(403, 'InvalidSecurityToken', 'The security token you provided is invalid.'),
  ],
  [
    /^InvalidAccessKeyId\.Inactive/,
    ({ accessKeyId }) =>
      new OssError(403, 'InvalidAccessKeyId', 'The OSS Access Key Id you provided is disabled.', {
        OSSAccessKeyId: accessKeyId,
      }),
  ],
  [
    /^InvalidAccessKeyId/,
    ({ accessKeyId }) =>
      new OssError(
        403,
        'InvalidAccessKeyId',
        'The OSS Access Key Id you provided does not exist in our records.',
        { OSSAccessKeyId: accessKeyId },
      ),
  ],
];
interface Claim {
  readonly accessKeyId: string;
  readonly token: string;
}

function authenticate(identity: Identity, request: HttpRequest, accessKeyId: string, signedAt: number) {
  const token = request.headers['x-oss-security-token'] ?? '';
  try {
    const known = identity.authenticate(accessKeyId, token);
    if (Number.isNaN(signedAt))
      throw new ApiError(403, 'AccessDenied', 'OSS authentication requires a valid Date.');
    if (!identity.isFresh(accessKeyId, signedAt)) {
      throw new ApiError(
        403,
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
      );
    }
    return known;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const inOwnWords = REFUSALS.find(([pattern]) => pattern.test(error.code))?.[1];
    throw inOwnWords?.({ accessKeyId, token }) ?? error;
  }
}

/** `20261122T092107Z` */
function parseBasicIso(stamp: string): number {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(stamp);
  return parts === null
    ? Number.NaN
    : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
}

/** Names and values, decoded. A bare name and an empty value are signed alike: on the wire they cannot be told apart. */
const parameters = (request: HttpRequest): readonly (readonly [string, string])[] => [
  ...new URLSearchParams(request.rawQuery),
];

const resourceOf = ({ bucket, key }: Address): string => (bucket === '' ? '/' : `/${bucket}/${key}`);

function stringToSignV1(request: HttpRequest, address: Address): string {
  const { headers } = request;
  const ossHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-'))
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').trim()}\n`)
    .join('');
  const signed = parameters(request)
    .filter(([name]) => SUB_RESOURCES.has(name))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
  const date = headers['x-oss-date'] ?? headers['date'] ?? '';
  return `${request.method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${date}\n${ossHeaders}${resourceOf(address)}${signed === '' ? '' : `?${signed}`}`;
}

function canonicalV4(request: HttpRequest, address: Address, additional: string): string {
  const { headers } = request;
  const alsoSigned = additional === '' ? [] : additional.split(';');
  const path = resourceOf(address).split('/').map(encodeRfc3986).join('/');
  const query = parameters(request)
    .map(([name, value]) => [encodeRfc3986(name), value === '' ? '' : `=${encodeRfc3986(value)}`] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}${value}`)
    .join('&');
  const signed = Object.keys(headers)
    .filter(
      (name) =>
        name === 'content-type' ||
        name === 'content-md5' ||
        name.startsWith('x-oss-') ||
        alsoSigned.includes(name),
    )
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').trim()}\n`)
    .join('');
  return [request.method, path, query, signed, additional, headers['x-oss-content-sha256'] ?? ''].join('\n');
}
