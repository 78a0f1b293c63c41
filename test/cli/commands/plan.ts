/** `leasehold plan`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addSeconds, instantOf, parseContractId } from '../../../shared/domain/values.js';
import { approvedBy } from '../../support/approvers.js';
import { eventOf, kafkaGrant, request } from '../../support/requests.js';
import { BOSS, built, inFolder, leasehold } from './stage.js';

export function describePlan(): void {
  describe('leasehold plan', () => {
    const planned = (grant: object, changes: Record<string, string> = {}) => {
      const file = inFolder('plan.event.json');
      const now = instantOf(Date.now());
      const data = request({
        contractId: parseContractId('K-plan'),
        grants: [grant as typeof kafkaGrant],
        lease: { startsAt: addSeconds(now, -60), expiresAt: addSeconds(now, 86_400) },
      });
      // As an editor of Windows saves it.
      writeFileSync(file, `\ufeff${JSON.stringify(eventOf(data, { id: 'plan', subject: 'K-plan' }))}`);
      return leasehold(['plan', file], changes);
    };

    it('says for whose account it plans where nobody said', async () => {
      const own = '3000000000000003';
      expect((await planned(kafkaGrant, { LEASEHOLD_ACCOUNT: own })).err).toBe('');
      expect((await planned(kafkaGrant)).err).toBe('');
      expect((await planned(kafkaGrant, { LEASEHOLD_ACCOUNT: '' })).err).toContain(
        'the account of the samples',
      );
    });

    it('says of a stage that sets no rule and no approvers that it grants nothing', async () => {
      const { code, out } = await planned(kafkaGrant, { LEASEHOLD_AUTO_APPROVAL: '' });
      expect({ code, out }).toMatchObject({
        code: 1,
        out: expect.stringContaining('does not cover any lease'),
      });
    });

    it('takes a request from standard input, and what account and register say of it where they are asked', async () => {
      const { data } = JSON.parse(readFileSync(inFolder('K-yes.event.json'), 'utf8'));
      const event = eventOf({ ...data, requestedBy: 'sales@a.example' }, { id: 'other', subject: 'K-yes' });
      const text = JSON.stringify(event);
      expect(await built(['plan', '-'], text)).toMatchObject({ code: 0 });
      const live = await built(['plan', '-', '--live'], text);
      expect(live).toMatchObject({ code: 1, out: expect.stringContaining('CONTRACT_EXISTS') });
    });

    it('says what an amendment widens, and that it waits for an approver', async () => {
      const { data } = JSON.parse(readFileSync(inFolder('K-yes.event.json'), 'utf8'));
      const bus = { service: 'eventbridge', access: 'publish', region: 'cn-hangzhou', eventBus: 'orders' };
      const amended = { ...data, grants: [...data.grants, bus], revision: 1 };
      const file = inFolder('amended.json');
      const type = 'partner.contract.amended';
      writeFileSync(file, JSON.stringify(eventOf(amended, { id: 'amend', type, subject: 'K-yes' })));
      const boss = { id: BOSS, key: JSON.parse(readFileSync(inFolder('boss.jwk'), 'utf8')) };
      const { code, out } = await leasehold(['plan', file], approvedBy([boss]));
      expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('More than before:') });
      expect(out).toContain('Waits for an approver:');
      const stale = { ...amended, revision: 0 };
      writeFileSync(file, JSON.stringify(eventOf(stale, { id: 'stale', type, subject: 'K-yes' })));
      expect(await leasehold(['plan', file, '--json'])).toMatchObject({ code: 1 });
    });

    it('says what it cannot ask, and what it knows all the same of a policy of the vendor’s', async () => {
      const { out } = await planned({ systemPolicy: 'AliyunOSSFullAccess' });
      expect(out).toContain('the cloud alone can say');
      expect(out).toContain('plan --live');
      expect(out).toContain('NOT_ALLOW_LISTED');
      expect((await planned({ systemPolicy: 'AliyunOSSReadOnlyAccess' })).out).not.toContain(
        'NOT_ALLOW_LISTED',
      );
    });
  });
}
