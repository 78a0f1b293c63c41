import { ApiError, type Identity } from '../kernel.js';

const STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/**
 * The gateway's checks on when a request was signed and whether it was seen before, in its order: form, age (15 minutes to
 * either side), nonce. A nonce is used up even if the signature then turns out to be wrong.
 */
export function checkStampAndNonce(
  identity: Identity,
  accessKeyId: string,
  stamp: string,
  nonce: string,
): void {
  const signedAt = Date.parse(stamp);
  if (!STAMP.test(stamp) || Number.isNaN(signedAt)) {
    throw new ApiError(
      400,
      'InvalidTimeStamp.Format',
      'Specified time stamp or date value is not well formatted.',
    );
  }
  if (!identity.isFresh(accessKeyId, signedAt)) {
    throw new ApiError(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.');
  }
  if (!identity.useNonce(accessKeyId, nonce)) {
    throw new ApiError(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
  }
}
