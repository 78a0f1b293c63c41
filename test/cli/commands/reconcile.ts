/** `leasehold reconcile`. */
import { describe, expect, it } from 'vitest';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { parseContractId } from '../../../shared/domain/values.js';
import { OWNER } from '../../support/requests.js';
import { cloud, leasehold, outbox } from './stage.js';

export function describeReconcile(): void {
  describe('leasehold reconcile', () => {
    it('has one contract looked at now, and what was changed by hand is told', async () => {
      const RoleName = roleNameOf(parseContractId('K-yes'));
      const owner = cloud.accounts.rootOf(OWNER);
      const call = (action: string, params: Readonly<Record<string, string>>) =>
        cloud.cloud.call(owner, '2015-05-01', action, params, 'cn-hangzhou');
      const foreign = { PolicyType: 'System', PolicyName: 'AliyunOSSReadOnlyAccess', RoleName };
      await call('AttachPolicyToRole', foreign);
      const started = await leasehold(['reconcile', 'K-yes']);
      expect(started).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^started \S+ of leasehold-reconciliation; .*\nleasehold show K-yes/),
      });
      const drift = await outbox.answerTo('K-yes', ['drift-found']);
      expect(drift.data['findings']).toMatchObject([{ code: 'FOREIGN_POLICY' }]);
      expect(JSON.parse((await leasehold(['list', '--drift', '--json'])).out)).toMatchObject([
        { state: 'BROKEN' },
        { contractId: 'K-yes', driftSince: expect.any(String) },
      ]);
      await call('DetachPolicyFromRole', foreign);
    });

    it('says what to look at where there is no such flow', async () => {
      const refused = await leasehold(['reconcile', '--prefix', 'other']);
      expect(refused).toMatchObject({
        code: 2,
        err: expect.stringMatching(/other-reconciliation.*: check .*--prefix, LEASEHOLD_PREFIX/),
      });
    });

    it('says what it wants where the id is none', async () => {
      expect((await leasehold(['reconcile', 'no/id'])).code).toBe(2);
    });
  });
}
