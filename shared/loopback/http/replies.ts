import { ApiError, type HttpReply } from '../kernel.js';

/** Any failure as an `ApiError`; what was not thrown on purpose is an internal error of the cloud. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError(
        500,
        'InternalError',
        `An internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
      );
}

export function jsonReply(status: number, body: unknown): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body: JSON.stringify(body),
  };
}

/** A refusal in the JSON shape of the RPC gateway; the SDKs read `Code`, `Message`, `RequestId` and the denial detail. */
export function errorReply(error: ApiError, requestId: string, host: string): HttpReply {
  const reply = jsonReply(error.status, {
    RequestId: requestId,
    HostId: host,
    Code: error.code,
    Message: error.message,
    Recommend: `https://next.api.alibabacloud.com/troubleshoot?q=${encodeURIComponent(error.code)}`,
    ...(error.accessDeniedDetail === undefined ? {} : { AccessDeniedDetail: error.accessDeniedDetail }),
  });
  return error.code.includes('Throttling')
    ? { ...reply, headers: { ...reply.headers, 'x-acs-retry-after': '1000' } }
    : reply;
}
