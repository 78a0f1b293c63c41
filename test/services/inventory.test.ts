import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../shared/services/index.js';
import { kafka, rabbitmq, rocketmq4, rocketmq5, slb, validGrant } from './grants.js';

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
    expect(inventoryOf([grant, { ...grant, access: 'full' }]).lists).toHaveLength(2);
  });

  it('says what no list shows', () => {
    expect(inventoryOf([{ systemPolicy: 'AliyunSLBReadOnlyAccess' }]).unseen).toEqual([
      expect.stringContaining('AliyunSLBReadOnlyAccess'),
    ]);
    expect(inventoryOf([rocketmq4({ access: 'operate', topics: ['t'] })]).unseen).toHaveLength(1);
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
