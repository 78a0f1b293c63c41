/** `leasehold evidence` and `leasehold verify`; leaves K-broken with a register that was tampered with. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { ask, BOSS, cloud, folder, inFolder, leasehold, outbox } from './stage.js';

export function describeEvidence(): void {
  describe('leasehold evidence and verify', () => {
    const json = inFolder('K-yes.json');
    const lines = () => readFileSync(json, 'utf8').split('\n');

    it('write and check what the register holds, request ids included', async () => {
      const written = await leasehold(['evidence', 'K-yes', '--out', folder], {
        LEASEHOLD_APPROVERS: JSON.stringify([
          { id: BOSS, key: { ...JSON.parse(readFileSync(inFolder('boss.jwk'), 'utf8')), d: undefined } },
        ]),
      });
      expect(written).toMatchObject({ code: 0, err: '' });
      const page = readFileSync(inFolder('K-yes.md'), 'utf8');
      expect(page).toMatch(/approved by boss@a\.example; signature checked/);
      const made = cloud.calls.filter(
        ({ action, effect, callerArn }) =>
          effect && action === 'CreateRole' && callerArn?.includes('leasehold-fn-grant'),
      );
      expect(made).toHaveLength(1);
      expect(page).toContain(`| ram:CreateRole | \`${made[0]?.requestId}\` |`);
      const checked = await leasehold(['verify', json]);
      expect(checked).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^K-yes: whole, \d+ facts; unanchored/),
      });
    });

    it('hold the chain to what was announced', async () => {
      const { seq, hash } = (await outbox.answerTo('K-yes', ['granted'])).data['register'] as {
        seq: number;
        hash: string;
      };
      const anchored = await leasehold(['verify', json, '--anchor', `${seq}:${hash}`]);
      expect(anchored).toMatchObject({ code: 0, out: expect.stringContaining('; anchored') });
      const off = await leasehold(['verify', json, '--anchor', `${seq}:${'0'.repeat(64)}`]);
      expect(off).toMatchObject({ code: 1, out: expect.stringContaining('NOT WHAT WAS ANNOUNCED') });
      const bad = await leasehold(['verify', json, '--anchor', 'x']);
      expect(bad).toMatchObject({ code: 2, err: expect.stringContaining('<seq>:<hash>') });
    });

    it('name the entry that was changed', async () => {
      const changed = lines().map((line, index) => (index === 3 ? line.replace('boss@', 'loss@') : line));
      writeFileSync(inFolder('changed.json'), changed.join('\n'));
      const broken = await leasehold(['verify', inFolder('changed.json')]);
      expect(broken).toMatchObject({ code: 1, out: expect.stringContaining('BROKEN: fact 3 ') });
    });

    it('name what is missing of a file that was cut off, wherever that was', async () => {
      const text = readFileSync(json, 'utf8');
      const facts = lines().length - 3;
      for (const length of [text.length - 4, text.indexOf('\n', 900) + 1, 2000]) {
        writeFileSync(inFolder('cut.json'), text.slice(0, length));
        const broken = await leasehold(['verify', inFolder('cut.json')]);
        const [, fact] = /BROKEN: fact (\d+) /.exec(broken.out) ?? [];
        expect([broken.code, Number(fact) >= 1 && Number(fact) <= facts + 1]).toEqual([1, true]);
      }
    });

    it('make the folder that they are to write to', async () => {
      const out = inFolder(join('not', 'there'));
      expect(await leasehold(['evidence', 'K-yes', '--out', out])).toMatchObject({
        code: 0,
        out: ['json', 'md'].map((extension) => `${join(out, `K-yes.${extension}`)}\n`).join(''),
      });
    });

    it.each([
      ['nothing can be made', '/proc/nowhere'],
      ['a file is', inFolder('boss.jwk')],
    ])('say so where they are to write to where %s', async (_, out) => {
      const refused = await leasehold(['evidence', 'K-yes', '--out', out]);
      expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('cannot be written') });
    });

    it('answer no for a contract that nobody knows', async () => {
      const unknown = await leasehold(['evidence', 'K-unknown', '--out', folder]);
      expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('unknown to the register') });
    });

    it('name the entry of a register that was tampered with, and write it all the same', async () => {
      await ask('K-broken');
      expect(await leasehold(['evidence', 'K-broken', '--out', folder])).toMatchObject({ code: 0 });
      const key = 'contracts/K-broken/00000002.json';
      const oss = new OSS({
        bucket: cloud.config.evidenceBucket,
        region: 'oss-cn-hangzhou',
        endpoint: cloud.origin,
        ...cloud.root,
      });
      const text = String((await oss.get(key)).content);
      await oss.put(key, Buffer.from(text.replace('auto-approval', 'auto_approval')));
      const broken = await leasehold(['evidence', 'K-broken', '--out', folder]);
      expect(broken).toMatchObject({ code: 1, err: expect.stringContaining('fact 2 of contract K-broken') });
      expect((await leasehold(['verify', inFolder('K-broken.json')])).out).toContain('BROKEN: fact 2 ');
      // What an earlier run wrote beside it says that it is whole.
      expect(existsSync(inFolder('K-broken.md'))).toBe(false);
      const listed = await leasehold(['list']);
      expect(listed).toMatchObject({ code: 1, out: expect.stringContaining('fact 2 of contract K-broken') });
      expect(listed.out).toMatch(/^K-yes /m);
    });
  });
}
