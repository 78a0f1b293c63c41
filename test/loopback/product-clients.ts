/** The generic client of the official SDK and users with exactly the rights that a test names. */
import { createRequire } from 'node:module';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import type { RunningCloud } from '../../shared/loopback/cloud.js';
import type { Keys } from './identity-clients.js';

const require = createRequire(import.meta.url);
const { default: OpenApiClient } =
  require('@alicloud/openapi-core') as typeof import('@alicloud/openapi-core');

export const VERSIONS = {
  alikafka: '2019-09-16',
  'amqp-open': '2019-12-12',
  Ons: '2019-02-14',
  RocketMQ: '2022-08-01',
  Slb: '2014-05-15',
  Alb: '2020-06-16',
  Nlb: '2022-04-30',
} as const;

export interface ProductCall {
  readonly product: keyof typeof VERSIONS;
  readonly action: string;
  readonly params?: Readonly<Record<string, string>>;
  /** For RocketMQ 5.x, which has REST paths. */
  readonly path?: string;
  /** Default: as the vendor's SDKs have it. */
  readonly method?: 'GET' | 'POST';
  readonly region?: string;
}

/** A refusal as the SDK throws it. */
export interface Refusal {
  readonly code: string;
  readonly statusCode: number;
  readonly accessDeniedDetail?: Readonly<Record<string, unknown>>;
}

/** Its ListAccounts takes POST. */
const LISTS_OF_RABBITMQ = /^List(?:Instances|VirtualHosts|Queues|Exchanges)$/;

/** The body of the answer. Rejects with a `Refusal`. */
export async function callProduct(
  cloud: RunningCloud,
  keys: Keys,
  { product, action, params = {}, path, method, region = 'cn-hangzhou' }: ProductCall,
): Promise<Record<string, unknown>> {
  const isByGet = path !== undefined || (product === 'amqp-open' && LISTS_OF_RABBITMQ.test(action));
  const client = new OpenApiClient(
    new $OpenApiUtil.Config({ ...keys, endpoint: cloud.endpoint, protocol: 'http', regionId: region }),
  );
  const reply = await client.callApi(
    new $OpenApiUtil.Params({
      action,
      version: VERSIONS[product],
      protocol: 'HTTP',
      pathname: path ?? '/',
      method: method ?? (isByGet ? 'GET' : 'POST'),
      authType: 'AK',
      style: path === undefined ? 'RPC' : 'ROA',
      reqBodyType: 'json',
      bodyType: 'json',
    }),
    new $OpenApiUtil.OpenApiRequest(
      path === undefined
        ? { query: { RegionId: region, ...params } }
        : { query: { ...params }, headers: { 'x-acs-region-id': region } },
    ),
    new RuntimeOptions({}),
  );
  return reply['body'] as Record<string, unknown>;
}

/** Code of the refusal, or `'accepted'`. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: Refusal) => error.code,
  );

export interface Right {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** A RAM user of `owner` with these rights and no others. */
export async function userWith(
  cloud: RunningCloud,
  owner: string,
  name: string,
  rights: readonly Right[],
): Promise<Keys> {
  const keys = cloud.accounts.createUser(owner, name);
  const call = (action: string, params: Record<string, string>) =>
    cloud.cloud.call(cloud.accounts.rootOf(owner), '2015-05-01', action, params, 'cn-hangzhou');
  await call('CreatePolicy', {
    PolicyName: name,
    PolicyDocument: JSON.stringify({
      Version: '1',
      Statement: rights.map((right) => ({ Effect: 'Allow', ...right })),
    }),
  });
  await call('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: name, UserName: name });
  return keys;
}
