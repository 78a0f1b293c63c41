/** The older RPC signature (HMAC-SHA1 over all parameters), as `@alicloud/pop-core` and its products still write it. */
import { createHmac } from 'node:crypto';
import { ApiError, type Caller, type Identity } from '../kernel.js';
import { missing, sameText, signatureMismatch } from './compare.js';
import { encodeRfc3986 } from './encode.js';
import { checkStampAndNonce } from './stamp.js';

/**
 * Who signed a request with these parameters (query and form together, `Signature` among them).
 * @throws {ApiError} the gateway's codes, in the order of `verifyAcs3`.
 */
export function verifyRpcSha1(
  identity: Identity,
  method: string,
  params: Readonly<Record<string, string>>,
): Caller {
  const { Signature, AccessKeyId = '', Timestamp = '', SignatureNonce = '' } = params;
  if (AccessKeyId === '') throw missing('AccessKeyId');
  if (Timestamp === '') throw missing('Timestamp');
  if (SignatureNonce === '') throw missing('SignatureNonce');
  if (Signature === undefined) throw missing('Signature');
  if ((params['SignatureMethod'] ?? 'HMAC-SHA1') !== 'HMAC-SHA1') {
    throw new ApiError(400, 'InvalidSignatureMethod', 'Specified signature method is not valid.');
  }
  const { secret, caller } = identity.authenticate(AccessKeyId, params['SecurityToken']);
  // The STS client within the vendor's OSS SDK sends milliseconds, which the specification does not have.
  const stamp = Timestamp.replace(/\.\d{3}Z$/, 'Z');
  checkStampAndNonce(identity, AccessKeyId, stamp, SignatureNonce);

  const canonical = Object.entries(params)
    .filter(([name]) => name !== 'Signature')
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const stringToSign = `${method}&%2F&${encodeRfc3986(canonical)}`;
  const expected = createHmac('sha1', `${secret}&`).update(stringToSign).digest('base64');
  if (!sameText(expected, Signature)) throw signatureMismatch();
  return caller;
}
