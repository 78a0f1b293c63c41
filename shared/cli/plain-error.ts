/** Errors as a person at a terminal wants them: one line, with what to do where that is known. */
import { codeOf } from '../cloud/alibaba/failures.js';

/** By the vendor's code, or that of Node.js; first match wins. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|InvalidSecurityToken|SecurityTokenExpired)\b/,
    'your key is not taken; check ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN',
  ],
  [
    /^NoSuchBucket$/,
    'there is no such bucket; check --bucket, LEASEHOLD_EVIDENCE_BUCKET, LEASEHOLD_INDEX_BUCKET and --region',
  ],
  [
    /^PublicEndpointForbidden$/,
    'OSS gives your account no data at its public endpoint; run the command in that region of Alibaba Cloud with LEASEHOLD_OSS=internal, or bind a domain to the bucket and set LEASEHOLD_OSS=<bucket>=<domain>',
  ],
  [/^EADDRINUSE$/, 'another process has it; choose another port with --port, 0 for a free one'],
  [/^(?:AccessDenied|NoPermission|Forbidden)\b/, 'your key has not the right to do that'],
  [/^EventBusNotExist/, 'there is no such bus; check --bus, LEASEHOLD_PREFIX and --region'],
  [
    /^(?:FlowNotExists|FunctionNotFound|ServiceNotFound)$/,
    'check the name of the step, --prefix, LEASEHOLD_PREFIX and --region',
  ],
  [
    /^(?:RequestError|ConnectionTimeoutError|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)$/,
    'the cloud cannot be reached; check --endpoint or LEASEHOLD_ENDPOINT, --region and the network',
  ],
];

export function plainError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error ? error.cause : undefined;
  const names = [codeOf(error), codeOf(cause), cause instanceof Error ? cause.name : ''];
  const hint = HINTS.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
  return hint === undefined ? message : `${message.replace(/[.!]+$/, '')}: ${hint}`;
}
