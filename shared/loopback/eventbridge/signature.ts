/** The signature of EventBridge's data plane. Source: `@alicloud/eventbridge-util` 1.0.0. */
import { createHmac } from 'node:crypto';
import { ApiError, type Caller, type Cloud, type HttpRequest } from '../kernel.js';
import { sameText } from '../signatures/compare.js';

/**
 * Who sent the request: key, age, signature and nonce are checked, in this order. The codes for age and nonce are not
 * documented for this product; they are guesses.
 * @throws {ApiError}
 */
export function verify(cloud: Cloud, request: HttpRequest): Caller {
  const { headers } = request;
  const [, accessKeyId = '', signature = ''] =
    /^acs:([^:]+):(.+)$/.exec(headers['authorization'] ?? '') ?? [];
  const { secret, caller } = cloud.identity.authenticate(accessKeyId, headers['x-acs-security-token']);
  const signedAt = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(signedAt) || !cloud.identity.isFresh(accessKeyId, signedAt))
    throw new ApiError(403, 'RequestExpired', 'The request was signed too long ago.');
  const expected = createHmac('sha1', secret).update(stringToSign(request)).digest('base64');
  if (!sameText(expected, signature))
    throw new ApiError(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  const nonce = headers['x-acs-signature-nonce'] ?? '';
  if (nonce === '' || !cloud.identity.useNonce(accessKeyId, nonce))
    throw new ApiError(403, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
  return caller;
}

/** `x-eventbridge-*` headers and the body are not signed. */
function stringToSign({ method, path, rawQuery, headers }: HttpRequest): string {
  const signed = Object.keys(headers)
    .filter((name) => name.startsWith('x-acs-'))
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').replace(/[\t\n\r\f]/g, ' ').trim()}\n`);
  const query = [...new URLSearchParams(rawQuery)]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const lines = [method, headers['content-md5'], headers['content-type'], headers['date']];
  return [
    ...lines.map((line) => `${line ?? ''}\n`),
    ...signed,
    path,
    ...(query === '' ? [] : [`?${query}`]),
  ].join('');
}

/** What the identity services call it, and what this product does. Source: EventBridge "Error codes". */
const CODES: readonly (readonly [RegExp, number, string])[] = [
  [/^InvalidAccessKeyId/, 403, 'InvalidAccessKeyId'],
  [/^InvalidSecurityToken\.Expired$/, 403, 'StsAccessIdExpired'],
  [/SecurityToken/, 403, 'SecurityTokenInvalid'],
  [/^Throttling/, 429, 'TooManyRequests'],
];

export function inOwnWords(error: ApiError, accessKeyId = ''): ApiError {
  const found = CODES.find(([pattern]) => pattern.test(error.code));
  if (found === undefined) return error;
  const [, status, code] = found;
  const isSession = code === 'InvalidAccessKeyId' && accessKeyId.startsWith('STS.');
  return new ApiError(status, isSession ? 'InvalidStsAccessKeyId' : code, error.message);
}
