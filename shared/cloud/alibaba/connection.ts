/** How SDK clients are pointed at Alibaba Cloud or, with `endpoint`, at another place that speaks its protocols. */
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { withKeys } from './with-keys.js';

export { clientClass } from './client-class.js';

export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

export interface Connection {
  readonly region: string;
  readonly owner: string;
  readonly credentials: Credentials;
  /** `host:port`, plain HTTP; for the embedded cloud. Unset: the vendor's own endpoints over HTTPS. */
  readonly endpoint?: string;
  /**
   * How what buckets hold is reached: `internal` by whoever runs in the region, or by domains that are bound to them, by bucket. Else by
   * the public endpoint, where accounts that began to use OSS on 2025-03-20 or later get no data in the Chinese mainland. Source: OSS
   * "Access OSS via custom domain names".
   */
  readonly oss?: 'internal' | Readonly<Record<string, string>>;
  /** Milliseconds; the SDKs apply their connect timeout to a socket's silence, so both are set alike. */
  readonly timeoutMilliseconds: number;
}

/** SDK configuration for a product served at `vendorHost`. */
export function sdkConfig(
  connection: Connection,
  vendorHost: string,
  credentials = connection.credentials,
): $OpenApiUtil.Config {
  const config = new $OpenApiUtil.Config({
    endpoint: connection.endpoint ?? vendorHost,
    protocol: connection.endpoint === undefined ? 'https' : 'http',
    regionId: connection.region,
    readTimeout: connection.timeoutMilliseconds,
    connectTimeout: connection.timeoutMilliseconds,
  });
  return withKeys(config, credentials);
}
