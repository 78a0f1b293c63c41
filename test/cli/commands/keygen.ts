/** `leasehold keygen`. */
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BOSS, inFolder, leasehold } from './stage.js';

export function describeKeygen(): void {
  describe('leasehold keygen', () => {
    it('keeps the private key to its owner, and prints the public one only', async () => {
      const file = inFolder('other.jwk');
      const made = await leasehold(['keygen', 'other@a.example', '--out', file]);
      expect(made.code).toBe(0);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const { d, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
      expect(JSON.parse(made.out)).toEqual({ id: 'other@a.example', key: { ...rest, kid: undefined } });
      expect(made.err).toContain(`the private key is in ${file}`);
      expect(made.err).toMatch(
        /the public one .* LEASEHOLD_APPROVERS, beside an older one of the same approver/,
      );
      expect(made.out + made.err).not.toContain(d);
    });

    it('overwrites no key', async () => {
      const before = readFileSync(inFolder('boss.jwk'), 'utf8');
      expect(await leasehold(['keygen', ' '])).toMatchObject({
        code: 2,
        err: expect.stringContaining('a name'),
      });
      const again = await leasehold(['keygen', BOSS, '--out', inFolder('boss.jwk')]);
      expect(again).toMatchObject({ code: 2, err: expect.stringContaining('never overwritten') });
      expect(readFileSync(inFolder('boss.jwk'), 'utf8')).toBe(before);
    });
  });
}
