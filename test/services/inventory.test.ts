import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grant, KafkaGrant, ResourceGrant } from '../../shared/domain/grant.js';
import { parsePolicy } from '../../shared/policy/index.js';
import { inventoryOf } from '../../shared/services/index.js';
import { eventbridge, kafka, rabbitmq, rocketmq4, rocketmq5, slb, validGrant } from './grants.js';

describe('the inventory of what a partner may leave behind', () => {
  it('is empty for whoever only reads, sends or receives', () => {
    fc.assert(
      fc.property(
        validGrant.filter(({ access }) => access !== 'operate' && access !== 'full'),
        (grant) => {
          expect(inventoryOf([grant])).toEqual({ lists: [], unseen: [] });
        },
      ),
    );
  });

  it('lists something, or says what it cannot list, for every grant that operates', () => {
    fc.assert(
      fc.property(
        validGrant.filter(({ access }) => access === 'operate' || access === 'full'),
        (grant) => {
          const { lists, unseen } = inventoryOf([grant]);
          expect(lists.length + unseen.length).toBeGreaterThan(0);
          expect(new Set(lists.map(({ of }) => of)).size).toBe(lists.length);
          // Reads only, whatever is asked.
          for (const { call } of lists) expect(call.action).toMatch(/^(Get|List|Describe)/);
        },
      ),
    );
  });

  it('looks once at what two grants name', () => {
    const grant = kafka({ access: 'operate' });
    const lists = (...grants: readonly KafkaGrant[]) => inventoryOf(grants).lists.map(({ of }) => of);
    expect(lists(grant, { ...grant, access: 'full' })).toEqual(lists(grant));
  });

  it.each<[ResourceGrant, readonly string[]]>([
    [
      kafka({ access: 'operate' }),
      ['more entries of an ACL that Kafka instance alikafka_pre-cn-x1 had before'],
    ],
    [rabbitmq({ access: 'operate' }), []],
    [rocketmq5({ access: 'operate', topics: ['t'] }), []],
    [
      rocketmq4({ access: 'operate', topics: ['t', 'u'] }),
      ['topics t, u of RocketMQ 4.x instance MQ_INST_1_x1, which are listed only to whoever may use them'],
    ],
    [
      rocketmq4({ access: 'full', topics: ['t'], groups: ['g'] }),
      [
        'topics t of RocketMQ 4.x instance MQ_INST_1_x1',
        // Groups of any name can be made there.
        'consumer groups of any name of RocketMQ 4.x instance MQ_INST_1_x1',
      ],
    ],
    [slb({ access: 'operate' }), []],
    [slb({ access: 'full', kind: 'nlb' }), []],
  ])('says what no list shows: %o', (grant, expected) => {
    expect(inventoryOf([grant]).unseen).toEqual(expected.map((part) => expect.stringContaining(part)));
  });

  it('has no list of what no list shows', () => {
    expect(inventoryOf([rocketmq4({ access: 'operate', topics: ['t'], groups: ['g'] })]).lists).toEqual([]);
    expect(inventoryOf([{ systemPolicy: 'AliyunSLBFullAccess' }]).lists).toEqual([]);
    expect(inventoryOf([rocketmq4({ access: 'operate', groups: ['g'] })]).unseen).toEqual([
      expect.stringMatching(/^consumer groups/),
    ]);
  });

  it('takes a system policy by what its document allows', () => {
    const name = 'AliyunSLBReadOnlyAccess';
    const unseenOf = (...statements: readonly object[]) => {
      const document = parsePolicy(JSON.stringify({ Version: '1', Statement: statements }));
      return inventoryOf([{ systemPolicy: name }], new Map([[name, document]])).unseen;
    };
    const reading = { Effect: 'Allow', Action: ['slb:Describe*', 'cms:QueryMetricList'], Resource: '*' };
    expect(unseenOf(reading, { Effect: 'Deny', Action: 'slb:*', Resource: '*' })).toEqual([]);
    expect(unseenOf(reading, { Effect: 'Allow', Action: 'slb:Add*', Resource: '*' })).toEqual([
      `what system policy ${name} lets a partner make: slb:Add*`,
    ]);
    const made = parsePolicy(
      '{"Version":"1","Statement":[{"Effect":"Allow","Action":"slb:Add*","Resource":"*"}]}',
    );
    expect(inventoryOf([{ systemPolicy: name }], new Map([[name, made]])).lists).toEqual([]);
    const making = { Effect: 'Allow', Action: ['slb:Add*', 'slb:Set*', 'slb:Add*'], Resource: '*' };
    expect(unseenOf(making)).toEqual([`what system policy ${name} lets a partner make: slb:Add*, slb:Set*`]);
    expect(unseenOf({ Effect: 'Allow', NotAction: ['ram:*', 'ims:*'], Resource: '*' })).toEqual([
      expect.stringContaining('all but ram:*, ims:*'),
    ]);
    expect(inventoryOf([{ systemPolicy: name }]).unseen).toEqual([
      expect.stringContaining('could not be read'),
    ]);
  });

  it('looks at the rules of a bus only where the partner can make something', () => {
    const rulesIn = (...grants: readonly Grant[]) =>
      inventoryOf(grants).lists.filter(({ of }) => of.startsWith('rule'));
    expect(rulesIn(eventbridge({ access: 'publish' }))).toEqual([]);
    expect(rulesIn(eventbridge({ access: 'publish' }), kafka({ access: 'operate' }))).toHaveLength(1);
    // Something is made too where no list shows it, and where both tell of something.
    expect(
      rulesIn(eventbridge({ access: 'publish' }), rocketmq4({ access: 'operate', topics: ['t'] })),
    ).toHaveLength(1);
    expect(rulesIn(kafka({ access: 'operate' }))).toEqual([]);
  });

  it('takes names from the lists of accounts, and no passwords', () => {
    const found = (grant: ResourceGrant, action: string, reply: object) =>
      inventoryOf([grant])
        .lists.find(({ call }) => call.action === action)
        ?.findIn(reply);
    expect(
      found(kafka({ access: 'operate' }), 'DescribeSaslUsers', {
        SaslUserList: { SaslUserVO: [{ Username: 'shop', Password: 'p' }, { Username: 'lh-0123' }] },
      }),
    ).toEqual(['shop', 'lh-0123']);
    const list = [
      { username: 'shop', resourceType: 'Topic', resourceName: 'orders', actions: ['Pub', 'Sub'] },
      { username: 'lh-0123', resourceType: 'Topic', resourceName: 'orders', actions: ['Pub'] },
    ];
    expect(found(rocketmq5({ access: 'operate' }), 'ListInstanceAcl', { data: { list } })).toEqual([
      'shop: Pub|Sub on Topic orders',
      'lh-0123: Pub on Topic orders',
    ]);
    const accounts = [
      { accessKey: 'LTAI1', userName: 'Mjph', password: 'p' },
      { accessKey: 'LTAI2', Remark: 'lh-0123' },
    ];
    expect(
      found(rabbitmq({ access: 'operate' }), 'ListAccounts', { Data: { 'amqp-cn-x1': accounts } }),
    ).toEqual(['LTAI1', 'lh-0123']);
  });

  it.each([
    ['by number', kafka({ access: 'operate' }), { Total: 150 }, { CurrentPage: '2' }, { Total: 100 }],
    ['by number', rocketmq5({ access: 'operate' }), { data: { totalCount: 150 } }, { pageNumber: '2' }, {}],
    [
      'by token',
      rabbitmq({ access: 'operate' }),
      { Data: { NextToken: 'x' } },
      { NextToken: 'x' },
      { Data: { NextToken: '' } },
    ],
    ['by token', slb({ kind: 'nlb', access: 'operate' }), { NextToken: 'x' }, { NextToken: 'x' }, {}],
  ])('follows pages %s until the last', (_, grant, reply, next, last) => {
    const [list] = inventoryOf([grant]).lists;
    expect(list?.after(reply, 1, 100)).toEqual(next);
    expect(list?.after(last, 2, 150)).toBeUndefined();
  });
});
