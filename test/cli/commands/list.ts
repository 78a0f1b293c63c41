/** `leasehold list`, and how it and all others that read the register get there. */
import { describe, expect, it } from 'vitest';
import { PARTNER } from '../../support/requests.js';
import { cloud, leasehold } from './stage.js';

export function describeList(): void {
  describe('leasehold list', () => {
    it('prints a table of what is not over', async () => {
      const { code, out } = await leasehold(['list']);
      expect(code).toBe(0);
      expect(out.split('\n')[0]).toMatch(
        /^CONTRACT +PARTNER +STATE +FROM +UNTIL +REV +GRANTS +SUSPENDED BY +DRIFT SINCE$/,
      );
      expect(out).toMatch(new RegExp(`^K-yes +Globex ${PARTNER} +active +`, 'm'));
      expect(out).not.toMatch(/^K-no /m);
    });

    it.each([
      [['--partner', PARTNER, '--state', 'active'], ['K-yes']],
      [['--due', '30d', '--state', 'active'], ['K-yes']],
      [['--due', '1d'], []],
      [['--partner', '9'.repeat(16)], []],
      [['--state', 'declined'], ['K-no']],
      [['--drift'], []],
    ])('narrows by %j', async (args, ids) => {
      const listed = JSON.parse((await leasehold(['list', ...args, '--json'])).out);
      expect(listed.map((row: { contractId: string }) => row.contractId)).toEqual(ids);
    });

    it.each([
      [['--partner', 'globex'], '16-digit'],
      [['--due', 'soon'], 'days are wanted'],
      [['--dew', '30d'], '(leasehold list --help tells what it takes)'],
      [['--state', 'lost'], 'there is requested, awaiting-approval,'],
    ])('refuses %j', async (args, words) => {
      const refused = await leasehold(['list', ...args]);
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining(words) });
    });

    it('says where it cannot get through', async () => {
      const refused = await leasehold(['list'], { LEASEHOLD_ENDPOINT: '127.0.0.1:9' });
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('the cloud cannot be reached') });
    });

    it('says what to do where OSS gives an account no data at its public endpoint, and does without it', async () => {
      cloud.set({ refusesPublicData: true });
      const outside = await leasehold(['list']);
      const inside = await leasehold(['list'], { LEASEHOLD_OSS: 'internal' });
      cloud.set({ refusesPublicData: false });
      expect(outside).toMatchObject({ code: 2, err: expect.stringContaining('LEASEHOLD_OSS=internal') });
      expect(inside).toMatchObject({ code: 0, err: '' });
    });

    it.each([
      'Internal',
      'leasehold-evidence',
      'leasehold-evidence=',
      '=a.example',
      'a=b.example=c.example',
      'a=x/y',
    ])('takes %j for no way to buckets', async (LEASEHOLD_OSS) => {
      const refused = await leasehold(['list'], { LEASEHOLD_OSS });
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('LEASEHOLD_OSS is neither') });
    });

    it('names every variable that is missing, of which an empty one is one', async () => {
      const keys = { ALIBABA_CLOUD_ACCESS_KEY_ID: '', ALIBABA_CLOUD_ACCESS_KEY_SECRET: '' };
      const refused = await leasehold(['list'], keys);
      expect(refused).toMatchObject({
        code: 2,
        err: expect.stringContaining('set ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET;'),
      });
      expect(await leasehold(['list'], { ALIBABA_CLOUD_SECURITY_TOKEN: '' })).toMatchObject({ code: 0 });
    });

    it('takes the keys of Serverless Devs where there are no others, and only there', async () => {
      const { accessKeyId: AccessKeyID, accessKeySecret: AccessKeySecret } = cloud.root;
      const none = { ALIBABA_CLOUD_ACCESS_KEY_ID: '', ALIBABA_CLOUD_ACCESS_KEY_SECRET: '' };
      expect(await leasehold(['list'], { ...none, AccessKeyID, AccessKeySecret })).toMatchObject({ code: 0 });
      const others = { AccessKeyID: 'another', AccessKeySecret: 'another' };
      expect(await leasehold(['list'], others)).toMatchObject({ code: 0 });
    });

    it('looks into the bucket that the stage names, or an option', async () => {
      const stage = { LEASEHOLD_EVIDENCE_BUCKET: 'no-such-bucket' };
      const none = { code: 2, err: expect.stringContaining('there is no such bucket') };
      expect(await leasehold(['show', 'K-none'], stage)).toMatchObject(none);
      expect(await leasehold(['show', 'K-none', '--bucket', 'no-such-bucket'])).toMatchObject(none);
      const own = await leasehold(['show', 'K-none', '--bucket', cloud.config.evidenceBucket], stage);
      expect(own).toMatchObject({ code: 1, out: 'K-none: unknown to the register\n' });
    });

    it('takes an empty variable for one that is not set, as s.yaml does', async () => {
      const unset = { LEASEHOLD_REGION: '', LEASEHOLD_PREFIX: '', LEASEHOLD_WITNESS_ROLE: '' };
      expect(await leasehold(['list'], unset)).toMatchObject({ code: 0 });
      expect(await leasehold(['invoke', 'find-due-work'], unset)).toMatchObject({ code: 0 });
      expect(await leasehold(['list'], { LEASEHOLD_ACCOUNT: '' })).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^set LEASEHOLD_ACCOUNT \(or --account\);/),
      });
    });

    it('says which key is wrong', async () => {
      const refused = await leasehold(['list'], { ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'wrong' });
      expect(refused).toMatchObject({
        code: 2,
        err: expect.stringMatching(/[^.!]: your key is not taken; check .*ALIBABA_CLOUD_ACCESS_KEY_SECRET/),
      });
    });
  });
}
