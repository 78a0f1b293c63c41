/**
 * ACS3-HMAC-SHA256, the signature of today's SDKs, for RPC and for REST-like (ROA) products.
 * Source: "V3 request structure and signature", https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
import { createHash, createHmac } from 'node:crypto';
import type { Caller, HttpRequest, Identity } from '../kernel.js';
import { missing, sameText, signatureMismatch } from './compare.js';
import { encodeRfc3986 } from './encode.js';
import { checkStampAndNonce } from './stamp.js';

const ALGORITHM = 'ACS3-HMAC-SHA256';
const AUTHORIZATION =
  /^ACS3-HMAC-SHA256\s+Credential=([^,\s]+)\s*,\s*SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-f]{64})$/;
/** Headers that change what a request means: one that is sent must be signed. */
const MUST_BE_SIGNED = [
  'host',
  'x-acs-action',
  'x-acs-version',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-content-sha256',
  'x-acs-security-token',
];

export function isAcs3(request: HttpRequest): boolean {
  return (request.headers['authorization'] ?? '').startsWith(ALGORITHM);
}

/**
 * Who signed `request`. The body is what arrived, whether by length or chunked.
 * @throws {ApiError} `MissingAccessKeyId`, `InvalidAccessKeyId.*`, `InvalidSecurityToken…`, `InvalidTimeStamp.*`,
 * `SignatureNonceUsed` or `SignatureDoesNotMatch`, in this order.
 */
export function verifyAcs3(identity: Identity, request: HttpRequest): Caller {
  const { headers } = request;
  const authorization = headers['authorization'];
  if (authorization === undefined) throw missing('AccessKeyId');
  const stamp = headers['x-acs-date'];
  if (stamp === undefined) throw missing('Timestamp');
  const nonce = headers['x-acs-signature-nonce'];
  if (nonce === undefined || nonce === '') throw missing('SignatureNonce');
  const parts = AUTHORIZATION.exec(authorization);
  if (parts === null) throw signatureMismatch();
  const [, accessKeyId = '', signedHeaderList = '', signature = ''] = parts;

  const { secret, caller } = identity.authenticate(accessKeyId, headers['x-acs-security-token']);
  checkStampAndNonce(identity, accessKeyId, stamp, nonce);

  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  if (headers['x-acs-content-sha256'] !== bodyHash) throw signatureMismatch();
  const signedHeaders = signedHeaderList.split(';');
  if (MUST_BE_SIGNED.some((name) => headers[name] !== undefined && !signedHeaders.includes(name))) {
    throw signatureMismatch();
  }
  const canonicalHeaders = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`).join('');
  const isSignedOver = (path: string, query: string): boolean => {
    const canonical = [request.method, path, query, canonicalHeaders, signedHeaderList, bodyHash].join('\n');
    const digest = createHash('sha256').update(canonical).digest('hex');
    return sameText(createHmac('sha256', secret).update(`${ALGORITHM}\n${digest}`).digest('hex'), signature);
  };
  // The specification encodes parameter names, the vendor's own client leaves them as they are: both are good signatures.
  const queries = [
    canonicalQuery(request.rawQuery, (name) => name),
    canonicalQuery(request.rawQuery, encodeRfc3986),
  ];
  const path = canonicalPath(request.path);
  if (!queries.some((query) => isSignedOver(path, query))) throw signatureMismatch();
  return caller;
}

function canonicalPath(path: string): string {
  return path.replaceAll('+', '%20').replaceAll('*', '%2A').replaceAll('%7E', '~');
}

/** Decoded and encoded anew: clients write the URL with another alphabet than the one they sign with. */
function canonicalQuery(rawQuery: string, encodeName: (name: string) => string): string {
  return [...new URLSearchParams(rawQuery)]
    .map(([name, value]) => [encodeName(name), encodeRfc3986(value)] as const)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
