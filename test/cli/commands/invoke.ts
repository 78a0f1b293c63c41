/** `leasehold invoke`. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OWNER } from '../../support/requests.js';
import { inFolder, leasehold } from './stage.js';

export function describeInvoke(): void {
  describe('leasehold invoke', () => {
    const input = inFolder('input.json');

    it('prints what the step replies, by its name or by its ARN', async () => {
      const arn = `acs:fc:cn-hangzhou:${OWNER}:functions/leasehold-find-due-work/LATEST`;
      for (const step of ['find-due-work', arn]) {
        const { code, out } = await leasehold(['invoke', step]);
        expect({ code, reply: JSON.parse(out) }).toEqual({ code: 0, reply: { items: [], cursor: '' } });
      }
    });

    it('gives it the input, and ends with 1 where the step fails by that, with what it says', async () => {
      writeFileSync(input, JSON.stringify({ contractId: 'no/id', epoch: 1 }));
      const failed = await leasehold(['invoke', 'verify-access', input]);
      expect([failed.code, JSON.parse(failed.out)]).toEqual([
        1,
        expect.objectContaining({ errorMessage: expect.stringContaining('a contract id has') }),
      ]);
    });

    it('refuses a step without the contract that it is to be run for, and says so of one that replies nothing', async () => {
      const failed = await leasehold(['invoke', 'hand-over-access']);
      expect([failed.code, JSON.parse(failed.out)]).toEqual([
        1,
        expect.objectContaining({ errorMessage: 'contractId is missing' }),
      ]);
      writeFileSync(input, JSON.stringify({ contractId: 'K-yes' }));
      expect(await leasehold(['invoke', 'hand-over-access', input])).toEqual({
        code: 0,
        out: '',
        err: 'hand-over-access has run, and replies nothing\n',
      });
    });

    it.each([
      ['a step of another deployment', ['find-due-work', '--prefix', 'other'], 'other-find-due-work'],
      ['a step that there is not', ['find-work'], 'check the name of the step'],
      ['what is no function', ['acs:ram::1:role/x'], 'names no function'],
    ])('ends with 2 for %s', async (_, args, words) => {
      const refused = await leasehold(['invoke', ...args]);
      expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) });
    });
  });
}
