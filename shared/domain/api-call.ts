/** One call of a product's API, as data: what a probe is made of. */
import type { Region } from './values.js';

export type ProductApi =
  | 'alikafka'
  | 'amqp-open'
  | 'Ons'
  | 'RocketMQ'
  | 'eventbridge'
  | 'Slb'
  | 'Alb'
  | 'Nlb';

export interface ApiCall {
  readonly product: ProductApi;
  /** API version, such as `2019-09-16`. */
  readonly version: string;
  readonly region: Region;
  readonly action: string;
  /** ROA products (RocketMQ 5.x) are called by method and path; all others are RPC with POST. */
  readonly rest?: { readonly method: 'GET'; readonly path: string };
  readonly params: Readonly<Record<string, string>>;
}
