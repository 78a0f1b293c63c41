import { describe, expect, it } from 'vitest';
import { mayBeAbout } from '../../shared/services/index.js';
import { eventbridge, kafka, rabbitmq, rocketmq4, rocketmq5, slb } from './grants.js';

const behind = { serverGroupIds: ['sg-x1'], ecsInstanceIds: ['i-x1'] };

describe('a grant', () => {
  it.each([
    ['Kafka', kafka(), ['alikafka_pre-cn-x1']],
    ['RabbitMQ', rabbitmq(), ['amqp-cn-x1']],
    ['RocketMQ 4', rocketmq4(), ['MQ_INST_1_x1']],
    ['RocketMQ 5', rocketmq5(), ['rmq-cn-x1']],
    ['EventBridge', eventbridge(), ['orders']],
    ['CLB', slb(behind), ['lb-x1', 'sg-x1', 'i-x1']],
    ['CLB without what is behind it', slb(), ['lb-x1']],
    ['ALB', slb({ ...behind, kind: 'alb' }), ['lb-x1', 'sg-x1', 'i-x1']],
    ['NLB', slb({ ...behind, kind: 'nlb' }), ['lb-x1', 'sg-x1', 'i-x1']],
  ])('of %s is about the things that it names, and about nothing else', (_, grant, ids) => {
    expect(ids.filter((id) => mayBeAbout(grant, id))).toEqual(ids);
    const others = ['', 'other', 'cn-hangzhou', 'read', ...(ids.includes('i-x1') ? [] : ['sg-x1', 'i-x1'])];
    expect(others.filter((id) => mayBeAbout(grant, id))).toEqual([]);
  });

  it('of a policy of the vendor’s may be about anything', () => {
    expect(mayBeAbout({ systemPolicy: 'AliyunOSSReadOnlyAccess' } as never, 'anything')).toBe(true);
  });
});
