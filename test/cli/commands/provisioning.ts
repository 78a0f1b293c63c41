/** `leasehold provisioning`. */
import { describe, expect, it } from 'vitest';
import { OWNER, PARTNER } from '../../support/requests.js';
import { leasehold } from './stage.js';

export function describeProvisioning(): void {
  describe('leasehold provisioning', () => {
    it('prints what a partner makes, with one ExternalId for one account and another for another', async () => {
      const printed = async (accountId: string) => {
        const { code, out } = await leasehold(['provisioning', accountId, '--json']);
        expect(code).toBe(0);
        return JSON.parse(out) as { readonly trust: string; readonly policy: string };
      };
      const first = await printed(PARTNER);
      expect(JSON.parse(first.trust).Statement).toMatchObject([
        {
          Principal: { RAM: `acs:ram::${OWNER}:role/leasehold-fn-provisioner` },
          Condition: { StringEquals: { 'sts:ExternalId': expect.stringMatching(/^[0-9a-f]{32}$/) } },
        },
      ]);
      expect(await printed(PARTNER)).toEqual(first);
      expect((await printed('3000000000000003')).trust).not.toBe(first.trust);
      const page = await leasehold(['provisioning', PARTNER]);
      expect(page.out).toContain(`aliyun ram CreateRole --RoleName leasehold-provisioning \\\n`);
      expect(page.out).toContain(first.policy);
    });
  });
}
