/** The signature of API 2016-08-15. Source: source of `@alicloud/fc2` 2.6.6, `lib/client.js`. */
import { createHmac } from 'node:crypto';
import { ApiError, type Caller, type HttpRequest, type Identity } from '../kernel.js';
import { sameText } from '../signatures/compare.js';

/** @throws {ApiError} `InvalidAccessKeyID`, `SignatureNotMatch`, `RequestTimeTooSkewed` */
export function verifyFc2(identity: Identity, request: HttpRequest): Caller {
  const { headers } = request;
  const [, accessKeyId = '', signature = ''] = /^FC ([^:]+):(.+)$/.exec(headers['authorization'] ?? '') ?? [];
  const known = authenticate(identity, accessKeyId, headers['x-fc-security-token']);
  const signedAt = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(signedAt) || !identity.isFresh(accessKeyId, signedAt))
    throw new ApiError(403, 'RequestTimeTooSkewed', 'The request was signed too long ago.');
  const fcHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-fc-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const text = [
    request.method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    headers['date'] ?? '',
    `${fcHeaders}${decodeURIComponent(request.path)}`,
  ].join('\n');
  if (!sameText(createHmac('sha256', known.secret).update(text).digest('base64'), signature)) {
    throw new ApiError(
      403,
      'SignatureNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
  return known.caller;
}

function authenticate(identity: Identity, accessKeyId: string, token: string | undefined) {
  try {
    return identity.authenticate(accessKeyId, token);
  } catch (error) {
    if (error instanceof ApiError && error.code.startsWith('InvalidAccessKeyId'))
      throw new ApiError(403, 'InvalidAccessKeyID', 'The AccessKey ID does not exist.');
    throw error;
  }
}
