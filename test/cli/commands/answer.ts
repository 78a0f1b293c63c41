/** `leasehold approve` and `leasehold decline`; the first leaves K-yes active, the second K-no declined. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask, BOSS, inFolder, leasehold, outbox, withKey } from './stage.js';

export function describeAnswer(): void {
  describe('leasehold approve', () => {
    it('shows the plan, and posts nothing while nobody says yes', async () => {
      expect((await ask('K-yes', 'operate')).type).toBe('partner.access.approval-needed');
      const shown = await leasehold(['approve', 'K-yes', ...withKey]);
      expect(shown).toMatchObject({ code: 2, err: expect.stringContaining('nobody is at a terminal') });
      expect(shown.out).toMatch(/Plan hash {2}[0-9a-f]{64}/);
      expect(shown.out).toContain('the auto-approval rule does not cover operate');
      expect(JSON.parse((await leasehold(['list', '--json'])).out)[0]).toMatchObject({
        contractId: 'K-yes',
        state: 'awaiting-approval',
      });
    });

    it('with --yes lets the contract go on', async () => {
      const posted = await leasehold(['approve', 'K-yes', ...withKey, '--yes', '--reason', 'as agreed']);
      expect(posted).toMatchObject({ code: 0, err: '' });
      await outbox.answerTo('K-yes', ['granted']);
      expect((await leasehold(['show', 'K-yes'])).out).toContain(`by ${BOSS}`);
    });

    it('is good for a day, however long the question is open', async () => {
      const { contract, ...besides } = JSON.parse((await leasehold(['show', 'K-yes', '--json'])).out);
      expect(besides).toEqual({ refusals: [] });
      const { jws } = contract.facts.find(({ kind }: { kind: string }) => kind === 'approved').data;
      const { expires } = JSON.parse(Buffer.from(jws.split('.')[1], 'base64url').toString());
      const hours = (Date.parse(expires) - Date.now()) / 3_600_000;
      expect([hours > 23, hours <= 24]).toEqual([true, true]);
    });

    it('says so when nothing waits', async () => {
      const again = await leasehold(['approve', 'K-yes', ...withKey, '--yes']);
      expect(again.code).toBe(1);
      expect(again.err).toMatch(
        /nothing of contract K-yes waits for an answer: it is active, approved by boss@a.example/,
      );
    });

    it.each([
      ['what is no contract id', ['../K'], 'a contract id has'],
      ['an end that is no instant', ['K-open', '--expires', 'tomorrow'], 'is not an instant'],
      ['an end that is past', ['K-open', '--expires', '2020-01-01T00:00:00Z'], 'the answer was good until'],
      ['the requester’s own name', ['K-open', '--as', 'contracts@a.example'], 'cannot approve it'],
      ['a bucket that is not there', ['K-open', '--bucket', 'no-such-bucket'], 'LEASEHOLD_EVIDENCE_BUCKET'],
      [
        'more words than an event carries',
        ['K-open', '--reason', 'x'.repeat(4096)],
        'and an event takes 4096',
      ],
    ])('refuses %s in plain words', async (_, args, words) => {
      if (args[0] === 'K-open') await ask('K-open', 'operate');
      const refused = await leasehold(['approve', ...args, ...withKey, '--yes']);
      expect(refused.code).toBe(2);
      expect(refused.err).toContain(words);
      expect(refused.err).not.toContain('    at ');
    });

    it('refuses, where it is told who may approve, a key of somebody else, before anything is posted', async () => {
      const made = await leasehold(['keygen', 'else@a.example', '--out', inFolder('else.jwk')]);
      const known = { LEASEHOLD_APPROVERS: `[${made.out}]` };
      const refused = await leasehold(['approve', 'K-open', ...withKey, '--yes'], known);
      expect(refused).toMatchObject({
        code: 2,
        err: `the signature names nobody who may approve: LEASEHOLD_APPROVERS, as it is set here, has no ${BOSS}; --as tells who answers`,
      });
      expect(refused.out).not.toContain('posted');
    });

    it('answers no for a contract that nobody knows', async () => {
      const refused = await leasehold(['approve', 'K-unknown', ...withKey, '--yes']);
      expect(refused).toMatchObject({
        code: 1,
        err: expect.stringContaining('the register does not know it'),
      });
    });

    it('refuses a key file that holds none, and never quotes it', async () => {
      const secret = 'a-secret-that-is-no-json';
      writeFileSync(inFolder('bad.jwk'), secret);
      const refused = await leasehold(['approve', 'K-open', '--key', inFolder('bad.jwk'), '--yes']);
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('is not JSON') });
      expect(refused.err).not.toContain(secret);
      const missing = await leasehold(['approve', 'K-open', '--key', inFolder('none.jwk'), '--yes']);
      expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('cannot be read') });
    });
  });

  describe('leasehold decline', () => {
    it('wants a reason, and is final', async () => {
      await ask('K-no', 'operate');
      for (const none of [[], ['--reason', '']]) {
        const without = await leasehold(['decline', 'K-no', ...withKey, '--yes', ...none]);
        expect(without).toMatchObject({ code: 2, err: expect.stringContaining('--reason') });
      }
      expect((await leasehold(['decline', 'K-no', ...withKey, '--yes', '--reason', 'too wide'])).code).toBe(
        0,
      );
      await outbox.answerTo('K-no', ['rejected']);
      expect((await leasehold(['show', 'K-no'])).out).toContain('K-no: declined');
      // What is over cannot be suspended, nor is there anything to give back.
      const suspended = await leasehold(['suspend', 'K-no', '--reason', 'look']);
      expect(suspended).toMatchObject({ code: 1, out: '', err: expect.stringContaining('K-no is declined') });
    });
  });
}
