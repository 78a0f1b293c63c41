/** Calls through the generic client of the official SDK: most products have no package of their own on the registry. */
import OpenApiPackage, { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import { apiHost, type ProductApi } from '../../domain/api-call.js';
import { member } from '../../domain/member.js';
import type { Trail } from '../trail.js';
import { type Connection, type Credentials, clientClass, sdkConfig } from './connection.js';

const OpenApiClient = clientClass(OpenApiPackage);

export interface OpenApiCall {
  readonly product: ProductApi;
  /** API version, such as `2019-09-16`. */
  readonly version: string;
  readonly region: string;
  readonly action: string;
  /** For ROA products; all others are RPC, with POST. */
  readonly rest?: { readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; readonly path: string };
  /** For the few RPC actions that take no POST. */
  readonly method?: 'GET';
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; ROA only. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Sent as a form, for the few RPC actions whose parameters are in the body; RPC only. */
  readonly form?: Readonly<Record<string, string>>;
}

/**
 * The body of the reply; rejects with the SDK's failure as it is, and where a reply of status 200 says that it is no success, with one
 * that has its code. Source: EventBridge's API pages, and how the vendor's Terraform provider reads them; those of Kafka, RabbitMQ and
 * RocketMQ have the same member.
 */
export async function callOpenApi(
  connection: Connection,
  call: OpenApiCall,
  credentials?: Credentials,
): Promise<unknown> {
  const { product, region, rest, method = 'POST', query = {}, body, form } = call;
  const client = new OpenApiClient(
    sdkConfig({ ...connection, region }, apiHost(product, region), credentials),
  );
  const reply = await client.callApi(
    new $OpenApiUtil.Params({
      action: call.action,
      version: call.version,
      protocol: 'HTTPS',
      pathname: rest?.path ?? '/',
      method: rest?.method ?? method,
      authType: 'AK',
      style: rest === undefined ? 'RPC' : 'ROA',
      reqBodyType: form === undefined ? 'json' : 'formData',
      bodyType: 'json',
    }),
    new $OpenApiUtil.OpenApiRequest(
      rest === undefined
        ? { query: { RegionId: region, ...query }, ...(form === undefined ? {} : { body: { ...form } }) }
        : {
            query: { ...query },
            headers: { 'x-acs-region-id': region },
            ...(body === undefined ? {} : { body: { ...body } }),
          },
    ),
    new RuntimeOptions({}),
  );
  const answered = reply['body'];
  if (isRefusal(answered)) throw refusedBy(answered);
  return answered;
}

/** Where a reply does not say whether it is a success, its code does: of EventBridge's it is one by the code `Success` alone. */
function isRefusal(body: unknown): boolean {
  const said = either(body, 'Success');
  if (typeof said === 'boolean') return !said;
  const code = either(body, 'Code');
  return code !== undefined && code !== null && !/^(?:Success|OK|200)$/i.test(String(code));
}

/** Some products write a status of HTTP for the code. */
function refusedBy(body: unknown): Error {
  const code = String(either(body, 'Code') ?? '');
  return Object.assign(new Error(String(either(body, 'Message') ?? 'refused')), {
    code,
    ...(/^[45]\d\d$/.test(code) ? { statusCode: Number(code) } : {}),
    data: body,
  });
}
/** RocketMQ 5.x writes its members with a small letter, the others with a capital. */
const either = (body: unknown, name: string): unknown =>
  member(body, name) ?? member(body, `${name.charAt(0).toLowerCase()}${name.slice(1)}`);

const READS = /^(?:Get|List|Describe)/;

/** As `callOpenApi` with the connection's own keys; a write that took effect is noted by its request id. */
export async function callNoted(
  connection: Connection,
  trail: Pick<Trail, 'note'>,
  call: OpenApiCall,
): Promise<unknown> {
  const reply = await callOpenApi(connection, call);
  const requestId = text(reply, 'RequestId') || text(reply, 'requestId');
  if (!READS.test(call.action) && requestId !== '')
    trail.note(`${call.product.toLowerCase()}:${call.action}`, { requestId });
  return reply;
}

/** The member at `path` as text; '' when it is none. */
export function text(value: unknown, ...path: readonly string[]): string {
  const found = member(value, ...path);
  return typeof found === 'string' ? found : '';
}
/** The members of the list at `path`; none when it is no list. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = member(value, ...path);
  return Array.isArray(found) ? found : [];
}
