/** What every answer of OSS carries, and its refusals in XML. */
import type { ApiError, HttpReply, HttpRequest } from '../kernel.js';
import { OssError } from './errors.js';
import { type XmlNode, xml } from './xml.js';

export const headersOf = (request: HttpRequest): Readonly<Record<string, string>> => ({
  'x-oss-request-id': request.requestId,
  server: 'AliyunOSS',
});

export function errorReply(error: ApiError, request: HttpRequest): HttpReply {
  const details = error instanceof OssError ? error.details : {};
  const body = xml([
    'Error',
    [
      ['Code', error.code],
      ['Message', error.message],
      ['RequestId', request.requestId],
      ['HostId', request.headers['host'] ?? ''],
      ...Object.entries(details).map((detail): XmlNode => detail),
    ],
  ]);
  const ec: Record<string, string> = details['EC'] === undefined ? {} : { 'x-oss-ec': details['EC'] };
  const headers = { ...headersOf(request), 'content-type': 'application/xml', ...ec };
  // A HEAD has no body: clients read the error from this header.
  return request.method === 'HEAD'
    ? { status: error.status, headers: { ...headers, 'x-oss-err': Buffer.from(body).toString('base64') } }
    : { status: error.status, headers, body };
}
