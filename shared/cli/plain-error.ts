/** Errors as a person at a terminal wants them: one line, with what to do where that is known. */
import { codeOf } from '../cloud/alibaba/failures.js';

/** By the vendor's code; first match wins. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|InvalidSecurityToken|SecurityTokenExpired)\b/,
    'your key is not taken; check ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN',
  ],
  [
    /^NoSuchBucket$/,
    'there is no such bucket; check --bucket, LEASEHOLD_EVIDENCE_BUCKET, LEASEHOLD_INDEX_BUCKET and --region',
  ],
  [/^(?:AccessDenied|NoPermission|Forbidden)\b/, 'your key has not the right to do that'],
];

export function plainError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const vendor = codeOf(error) || codeOf(error instanceof Error ? error.cause : undefined);
  const hint = HINTS.find(([pattern]) => pattern.test(vendor))?.[1];
  return hint === undefined ? message : `${message}: ${hint}`;
}
