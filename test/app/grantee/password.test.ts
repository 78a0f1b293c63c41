import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatePassword, passwordHindrance, randomFrom } from '../../../shared/app/grantee/password.js';
import { systemChance } from '../../../shared/cloud/alibaba/system.js';
import type { PasswordPolicy } from '../../../shared/cloud/ports.js';

const policy: fc.Arbitrary<PasswordPolicy> = fc.record({
  minimumLength: fc.integer({ min: 8, max: 32 }),
  requireLowercase: fc.boolean(),
  requireUppercase: fc.boolean(),
  requireNumbers: fc.boolean(),
  requireSymbols: fc.boolean(),
  differentCharacters: fc.integer({ min: 0, max: 32 }),
  notContainUserName: fc.boolean(),
});
const logonName = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const lax: PasswordPolicy = {
  minimumLength: 8,
  requireLowercase: false,
  requireUppercase: false,
  requireNumbers: false,
  requireSymbols: false,
  differentCharacters: 0,
  notContainUserName: false,
};
const random = randomFrom(systemChance);

describe('a generated password', () => {
  it('meets every rule that can be met', () => {
    fc.assert(
      fc.property(policy, logonName, (rules, name) => {
        const password = generatePassword(rules, name, random);
        expect(password.length).toBeGreaterThanOrEqual(rules.minimumLength);
        expect(password.length).toBeLessThanOrEqual(32);
        if (rules.requireLowercase) expect(password).toMatch(/[a-z]/);
        if (rules.requireUppercase) expect(password).toMatch(/[A-Z]/);
        if (rules.requireNumbers) expect(password).toMatch(/[0-9]/);
        if (rules.requireSymbols) expect(password).toMatch(/[^A-Za-z0-9]/);
        expect(new Set(password).size).toBeGreaterThanOrEqual(rules.differentCharacters);
        if (rules.notContainUserName) expect(password.toLowerCase()).not.toContain(name.toLowerCase());
      }),
    );
  });

  it('never repeats', () => {
    const passwords = Array.from({ length: 200 }, () => generatePassword(lax, 'etl', random));
    expect(new Set(passwords).size).toBe(200);
  });

  it('uses every letter about as often as any other, at any place', () => {
    const counts = new Map<string, number>();
    for (let run = 0; run < 4_000; run += 1) {
      const first = generatePassword(lax, 'etl', random).charAt(0);
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    // 62 letters, 65 of each on average; a place that is bound to a kind would show at once.
    expect(counts.size).toBeGreaterThan(55);
    expect(Math.max(...counts.values())).toBeLessThan(260);
  });

  it.each([
    ['more characters than a password has', { minimumLength: 33 }],
    ['a length that is no number', { minimumLength: Number.NaN }],
    ['more different ones than there are places', { differentCharacters: 33 }],
  ])('is refused where the account demands %s', (_case, rules) => {
    const strict = { ...lax, ...rules };
    expect(passwordHindrance(strict, 'etl')).toMatch(/demands/);
    expect(() => generatePassword(strict, 'etl', random)).toThrow(RangeError);
  });
});

describe('chance below a bound', () => {
  it('favours no number: what would be cut off unevenly is drawn again', () => {
    // 3 does not divide 2³², so the one number past the last full turn is passed over.
    const words = ['ffffffff', '00000004'];
    const below = randomFrom({ nonce: () => words.shift() ?? '' });
    expect(below(3)).toBe(1);
  });
});
