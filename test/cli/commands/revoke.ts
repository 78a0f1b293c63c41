/** `leasehold revoke`; ends K-yes. */
import { describe, expect, it } from 'vitest';
import { ask, leasehold, outbox } from './stage.js';

export function describeRevoke(): void {
  describe('leasehold revoke', () => {
    it('wants a reason', async () => {
      expect(await leasehold(['revoke', 'K-yes'])).toMatchObject({ code: 2 });
    });

    it.each([
      ['no reason', ['--reason', ''], '/data/reason'],
      ['a reason that no event carries', ['--reason', 'x'.repeat(501)], '/data/reason'],
      ['nobody who wants it', ['--reason', 'over', '--by', ''], '/data/requestedBy'],
    ])('posts nothing that Leasehold would refuse, and says why: %s', async (_, args, pointer) => {
      const refused = await leasehold(['revoke', 'K-yes', ...args]);
      expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(pointer) });
    });

    it('ends nothing by event for somebody who forgot --direct beside --witness-role', async () => {
      const args = ['revoke', 'K-yes', '--reason', 'x', '--witness-role', 'acs:ram::1000000000000001:role/x'];
      expect(await leasehold(args)).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('--direct'),
      });
    });

    it('posts a termination', async () => {
      await ask('K-posted');
      expect((await leasehold(['revoke', 'K-posted', '--reason', 'over'])).code).toBe(0);
      const { data } = await outbox.answerTo('K-posted', ['revoked']);
      expect(data).toMatchObject({ reason: 'terminated', detail: 'over', by: expect.any(String) });
    });

    it('ends it from here with --direct, and says what was seen and what was not', async () => {
      const args = ['revoke', 'K-yes', '--direct', '--reason', 'an incident', '--by', 'operator@a.example'];
      const { code, out } = await leasehold(args);
      expect(code).toBe(0);
      expect(out).toMatch(/^K-yes: ended at /);
      expect(out).toMatch(/refused {4}none: no session could be opened/);
      expect(out).toMatch(/removed {4}not seen: .* reads back as deleted/);
      expect(out).toContain('announced  partner.access.revoked');
      const { data } = await outbox.answerTo('K-yes', ['revoked']);
      expect(data).toMatchObject({
        detail: 'an incident',
        by: 'operator@a.example',
        timeToDenySeconds: 'n/a',
      });
    });

    it.each([['by event'], ['from here', '--direct']])(
      'closes no id by a slip of the pen, %s',
      async (_, ...how) => {
        const refused = await leasehold(['revoke', 'K-unknwon', ...how, '--reason', 'x']);
        expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('unknown to the register') });
        expect((await leasehold(['show', 'K-unknwon'])).out).toContain('unknown to the register');
      },
    );

    it('closes one that was never used where that is said', async () => {
      const args = ['revoke', 'K-never', '--close-unknown', '--reason', 'another id is used'];
      expect((await leasehold(args)).code).toBe(0);
      await outbox.answerTo('K-never', ['revoked']);
    });

    it('is for whatever reason, and none of its characters moves what is printed of it', async () => {
      await ask('K-moved');
      const reason = 'over\u001b[2J\u001b[H\nK-moved: active';
      const ended = await leasehold(['revoke', 'K-moved', '--direct', '--reason', reason]);
      expect(ended.code).toBe(0);
      const outputs = [
        ended,
        await leasehold(['show', 'K-moved']),
        await leasehold(['show', 'K-moved', '--json']),
      ];
      for (const { out } of outputs) {
        expect(out).toContain('over\\u001b[2J');
        expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(out.split('\n')).not.toContain('K-moved: active');
      }
    });
  });
}
