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
  | 'Nlb'
  | 'ROS'
  | 'Cms';

export interface ApiCall {
  readonly product: ProductApi;
  /** API version, such as `2019-09-16`. */
  readonly version: string;
  readonly region: Region;
  readonly action: string;
  /** ROA products (RocketMQ 5.x) are called by method and path; all others are RPC, with POST. */
  readonly rest?: { readonly method: 'GET'; readonly path: string };
  /** For the few RPC actions that take no POST. */
  readonly method?: 'GET';
  readonly params: Readonly<Record<string, string>>;
}

/** Regions of CLB that share a host: of Hangzhou no document names another one. */
const SLB_TOGETHER: ReadonlySet<string> = new Set([
  'cn-qingdao',
  'cn-beijing',
  'cn-hangzhou',
  'cn-shanghai',
  'cn-shenzhen',
  'cn-hongkong',
  'ap-southeast-1',
  'us-east-1',
  'us-west-1',
  'cn-hangzhou-finance',
  'cn-shanghai-finance-1',
  'cn-shenzhen-finance-1',
  'cn-north-2-gov-1',
]);

/** Hosts as each product's SDK has them in its endpoint map. */
const HOSTS: Readonly<Record<ProductApi, (region: string) => string>> = {
  alikafka: (region) => `alikafka.${region}.aliyuncs.com`,
  'amqp-open': (region) => `amqp-open.${region}.aliyuncs.com`,
  Ons: (region) => `ons.${region}.aliyuncs.com`,
  RocketMQ: (region) => `rocketmq.${region}.aliyuncs.com`,
  eventbridge: (region) => `eventbridge-console.${region}.aliyuncs.com`,
  Slb: (region) => (SLB_TOGETHER.has(region) ? 'slb.aliyuncs.com' : `slb.${region}.aliyuncs.com`),
  Alb: (region) => `alb.${region}.aliyuncs.com`,
  Nlb: (region) => `nlb.${region}.aliyuncs.com`,
  // One for all regions; which is meant stands in the call.
  ROS: () => 'ros.aliyuncs.com',
  Cms: (region) => `metrics.${region}.aliyuncs.com`,
};

export const apiHost = (product: ProductApi, region: string): string => HOSTS[product](region);
