/** Signs requests by hand, so that a test can spoil one thing at a time. Written from the vendor's page, not from our server. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { Keys } from './identity-clients.js';

export interface Signable {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Names of headers to leave unsigned. */
  readonly unsigned?: readonly string[];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export function signAcs3(
  endpoint: string,
  keys: Keys,
  request: Signable,
): { url: string; init: RequestInit } {
  const { method = 'POST', path = '/', query = {}, body = '', unsigned = [] } = request;
  const headers: Record<string, string> = {
    host: endpoint,
    'x-acs-date': `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-content-sha256': sha256(body),
    ...(keys.securityToken === undefined ? {} : { 'x-acs-security-token': keys.securityToken }),
    ...request.headers,
  };
  const signed = Object.keys(headers)
    .filter((name) => !unsigned.includes(name))
    .sort();
  const canonicalQuery = Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = [
    method,
    path,
    canonicalQuery,
    signed.map((name) => `${name}:${headers[name]}\n`).join(''),
    signed.join(';'),
    sha256(body),
  ].join('\n');
  const signature = createHmac('sha256', keys.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  const authorization = `ACS3-HMAC-SHA256 Credential=${keys.accessKeyId},SignedHeaders=${signed.join(';')},Signature=${signature}`;
  const { host: _sentByFetch, ...sent } = headers;
  return {
    url: `http://${endpoint}${path}${canonicalQuery === '' ? '' : `?${canonicalQuery}`}`,
    init: { method, headers: { ...sent, authorization }, ...(body === '' ? {} : { body }) },
  };
}

export const rpcHeaders = (action: string, version: string): Record<string, string> => ({
  'x-acs-action': action,
  'x-acs-version': version,
});

/** Sends a signed request; its code, or `'accepted'`. */
export async function send({ url, init }: { url: string; init: RequestInit }): Promise<string> {
  const reply = await fetch(url, init);
  const body = (await reply.json()) as { Code?: string };
  return body.Code ?? 'accepted';
}
