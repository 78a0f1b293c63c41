import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeDocuments } from '../../shared/app/plan/judge.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { addressOutside } from '../../shared/app/plan/source-addresses.js';
import { OWNER, request } from '../support/requests.js';

const vendors = {
  name: 'AliyunSLBReadOnlyAccess',
  text: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"slb:Describe*","Resource":"*"}]}',
};

/** IPv4 blocks as a request may hold them. */
const block = fc
  .record({ address: fc.integer({ min: 0, max: 2 ** 32 - 1 }), prefix: fc.integer({ min: 8, max: 32 }) })
  .map(({ address, prefix }) => {
    const parts = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
    return `${parts.join('.')}/${prefix}`;
  });
const blocks = fc.uniqueArray(block, { minLength: 1, maxLength: 20 });

/** Membership by bits, written apart from the policy engine. */
const isIn = (ip: string, cidr: string): boolean => {
  const bits = (text: string) =>
    text
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  const [base = '', prefix = '32'] = cidr.split('/');
  return bits(ip).slice(0, Number(prefix)) === bits(base).slice(0, Number(prefix));
};

describe('a judgement of a contract that is bound to addresses', () => {
  it('has an address outside to judge by, whatever the addresses are', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        const outside = addressOutside(list);
        expect(outside).toBeDefined();
        expect(list.some((one) => isIn(outside ?? '', one))).toBe(false);
      }),
    );
    const wide = Array.from({ length: 20 }, (_, index) => `${index * 10 + 3}.0.0.0/8`);
    expect(addressOutside([...wide.slice(1), '192.0.0.0/8'])).toBe('3.0.2.213');
  });

  it('finds nothing wrong with its own plan, whatever the addresses are', () => {
    fc.assert(
      fc.property(blocks, (sourceIps) => {
        const plan = planAccess(request({ restrict: { sourceIps } }), OWNER);
        expect(judgeDocuments(plan, plan.policies).findings).toEqual([]);
      }),
    );
  });

  it('finds that the addresses bind nothing when they leave none out', () => {
    const plan = planAccess(request({ restrict: { sourceIps: ['0.0.0.0/0'] } }), OWNER);
    expect(judgeDocuments(plan, plan.policies).findings).not.toEqual([]);
  });
});

describe('a judgement of a contract that only names a policy of the vendor’s', () => {
  const plan = planAccess(
    request({ grants: [{ systemPolicy: vendors.name }], restrict: { sourceIps: ['198.51.100.0/24'] } }),
    OWNER,
  );
  it('finds nothing wrong beside the guard', () => {
    expect(judgeDocuments(plan, [...plan.policies, vendors]).findings).toEqual([]);
  });

  it('finds that the guard is missing, since the vendor’s policy knows no lease', () => {
    expect(judgeDocuments(plan, [vendors]).findings).toHaveLength(3);
  });

  it.each(['DateLessThan', 'DateGreaterThanEquals', 'NotIpAddress'])(
    'finds that the part of the guard with %s is missing',
    (operator) => {
      const without = plan.policies.map(({ name, text }) => {
        const { Statement } = JSON.parse(text) as { readonly Statement: readonly object[] };
        const kept = Statement.filter((one) => !JSON.stringify(one).includes(operator));
        return { name, text: JSON.stringify({ Version: '1', Statement: kept }) };
      });
      expect(judgeDocuments(plan, [...without, vendors]).findings).toHaveLength(1);
    },
  );

  it('does not take a guard for one that is attached to a resource group', () => {
    const misplaced = plan.policies.map((policy) => ({ ...policy, resourceGroupId: 'rg-1' }));
    const wide = [{ ...vendors, text: vendors.text.replace('slb:Describe*', '*') }, ...misplaced];
    expect(judgeDocuments(plan, wide).findings).not.toEqual([]);
  });
});
