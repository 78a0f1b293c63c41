import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roleNameOf } from '../../shared/domain/role-name.js';
import {
  addSeconds,
  earlierOf,
  instantOf,
  parseAccountId,
  parseContractId,
  parseInstant,
  parseRegion,
  secondsBetween,
} from '../../shared/domain/values.js';

const codeOf = (parse: () => unknown): unknown => {
  try {
    return parse();
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
};

describe('an instant', () => {
  it.each([
    '2026-03-01T08:00:00+08:00',
    '2026-03-01T08:00:00.000Z',
    '2026-03-01T08:00:00',
    '2026-03-01T08:00Z',
    '2026-03-01',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T23:59:60Z',
    '2026-03-01t08:00:00z',
    '2026-03-01T08:00:00Z\n',
    '',
  ])('is not %j', (text) => {
    expect(codeOf(() => parseInstant(text))).toBe('BAD_INSTANT');
  });

  it('sorts as text as it does in time, and steps by whole seconds', () => {
    const epoch = fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => seconds * 1000);
    fc.assert(
      fc.property(epoch, epoch, (left, right) => {
        const [from, to] = [instantOf(left), instantOf(right)];
        expect(parseInstant(from)).toBe(from);
        expect(from < to).toBe(left < right);
        expect(addSeconds(from, secondsBetween(from, to))).toBe(to);
        expect(earlierOf(from, to)).toBe(instantOf(Math.min(left, right)));
      }),
    );
  });
});

describe('a contract id', () => {
  it.each(['C', 'C-2026-0142', 'po_77.EU-north', '0', 'x'.repeat(64)])('may be %s', (text) => {
    expect(parseContractId(text)).toBe(text);
  });
  it.each(['', '-a', 'a-', '.a', 'a..b', '../a', 'a/b', 'a b', 'a*', 'ä', 'a\n', 'x'.repeat(65)])(
    'is not %j',
    (text) => {
      expect(codeOf(() => parseContractId(text))).toBe('BAD_CONTRACT_ID');
    },
  );
});

describe('an account id', () => {
  it.each(['1234567890123456', '0000000000000000'])('may be %s', (text) => {
    expect(parseAccountId(text)).toBe(text);
  });
  it.each(['', '123456789012345', '12345678901234567', '123456789012345x', '１234567890123456', '*'])(
    'is not %j',
    (text) => {
      expect(codeOf(() => parseAccountId(text))).toBe('BAD_ACCOUNT_ID');
    },
  );
});

describe('a region', () => {
  it.each(['cn-hangzhou', 'ap-southeast-1', 'us-east-1', 'cn-hangzhou-finance'])('may be %s', (text) => {
    expect(parseRegion(text)).toBe(text);
  });
  it.each([
    '',
    '*',
    'cn',
    'cn-',
    'CN-hangzhou',
    'cn-hang*',
    'cn-hangzhou:',
    'cn-hangzhou\n',
    'acs:cn-hangzhou',
  ])('is not %j', (text) => {
    expect(codeOf(() => parseRegion(text))).toBe('BAD_REGION');
  });
});

describe('a text that is no such value', () => {
  // Whoever sent it looks for it by what it says; what may be no more than an id to guess at is told by rule.
  it.each<[string, (text: string) => unknown, string]>([
    ['an instant', parseInstant, '"8 a.m.?" is not an instant'],
    ['an account id', parseAccountId, '"8 a.m.?" is not a 16-digit account id'],
    ['a region', parseRegion, '"8 a.m.?" is not a region'],
    ['a contract id', parseContractId, 'a contract id has 1 to 64'],
  ])('is told for %s', (_, parse, message) => {
    expect(() => parse('8 a.m.?')).toThrow(message);
  });
});

describe('the name of a role', () => {
  const ids = fc
    .stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/)
    .filter((id) => !id.includes('..'))
    .map(parseContractId);
  it('is one that RAM takes, under our prefix', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(roleNameOf(id)).toMatch(/^lease-[a-z0-9](?:[a-z0-9-]{0,57})$/);
      }),
    );
  });
  it('differs for different ids, also for those whose slugs are equal', () => {
    fc.assert(
      fc.property(ids, ids, (left, right) => {
        expect(roleNameOf(left) === roleNameOf(right)).toBe(left === right);
      }),
    );
    const alike = ['C.1', 'C-1', 'C_1', 'c-1'].map((id) => roleNameOf(parseContractId(id)));
    expect(new Set(alike).size).toBe(alike.length);
  });
  it.each([
    ['A.-_b', /^lease-a-b-[0-9a-f]{16}$/],
    ['x'.repeat(64), /^lease-x{41}-[0-9a-f]{16}$/],
    [`${'x'.repeat(40)}.y`, /^lease-x{40}-[0-9a-f]{16}$/],
    [`${'x'.repeat(40)}_-.y`, /^lease-x{40}-[0-9a-f]{16}$/],
  ])('of %s has single hyphens, and is cut where it grows too long', (id, form) => {
    expect(roleNameOf(parseContractId(id))).toMatch(form);
  });
  it('never changes, since a cut finds the role by it', () => {
    expect(roleNameOf(parseContractId('C-2026-0142'))).toBe('lease-c-2026-0142-c75b73f20ba99bb2');
  });
});
