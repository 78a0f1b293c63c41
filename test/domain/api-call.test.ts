import { describe, expect, it } from 'vitest';
import { apiHost, type ProductApi } from '../../shared/domain/api-call.js';

describe('a call of a product', () => {
  // As each product's SDK has it in its endpoint map.
  it.each<[ProductApi, string]>([
    ['alikafka', 'alikafka.eu-central-1.aliyuncs.com'],
    ['amqp-open', 'amqp-open.eu-central-1.aliyuncs.com'],
    ['Ons', 'ons.eu-central-1.aliyuncs.com'],
    ['RocketMQ', 'rocketmq.eu-central-1.aliyuncs.com'],
    ['eventbridge', 'eventbridge-console.eu-central-1.aliyuncs.com'],
    ['Slb', 'slb.eu-central-1.aliyuncs.com'],
    ['Alb', 'alb.eu-central-1.aliyuncs.com'],
    ['Nlb', 'nlb.eu-central-1.aliyuncs.com'],
    ['Cms', 'metrics.eu-central-1.aliyuncs.com'],
    ['ROS', 'ros.aliyuncs.com'],
  ])('of %s goes to %s', (product, host) => {
    expect(apiHost(product, 'eu-central-1')).toBe(host);
  });

  it('of CLB goes to one host for the regions that were there first', () => {
    const hosts = ['cn-hangzhou', 'cn-shanghai-finance-1', 'ap-southeast-1', 'cn-guangzhou'].map((region) =>
      apiHost('Slb', region),
    );
    expect(hosts).toEqual([
      'slb.aliyuncs.com',
      'slb.aliyuncs.com',
      'slb.aliyuncs.com',
      'slb.cn-guangzhou.aliyuncs.com',
    ]);
  });
});
