import { describe, expect, it } from 'vitest';
import { requireCover } from '../../../shared/app/approval/require-cover.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import type { Amendment } from '../../../shared/domain/contract.js';
import type { Grant } from '../../../shared/domain/grant.js';
import { kafkaGrant, REGION } from '../../support/requests.js';
import { policyOf } from '../../support/small-cloud/cloud.js';
import { amendmentOf, leaseAfter, roleName } from '../../support/small-cloud/lease.js';

const other: Grant = { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_pre-cn-x2' };
const vendors: Grant = { systemPolicy: 'AliyunKafkaReadOnlyAccess' };
const POLICY = `${roleName}-1`;
const refused = { code: 'NOT_APPROVED' };

/** A contract of the first grants, in whose register an amendment to the second stands that says it is approved. */
async function amending(before: readonly Grant[], after: readonly Grant[]) {
  const lease = await leaseAfter(4, { grants: before });
  const { ports } = lease;
  const contract = await amendmentOf(lease, after);
  const { admission } = ports.settings;
  /** By a rule that has come to cover nothing since, or everything. */
  const cover = (rule: Partial<Ports['settings']['admission']['autoApproval']>) =>
    requireCover(contract, contract.amendment as Amendment, {
      ...ports,
      settings: {
        ...ports.settings,
        admission: { ...admission, autoApproval: { ...admission.autoApproval, ...rule } },
      },
    });
  return { ...lease, cover };
}
const NOTHING = { maxLeaseSeconds: 1 };

describe('an amendment that nobody need approve', () => {
  it('is one that narrows what the role holds, also when no rule covers that any more', async () => {
    const { cover } = await amending([kafkaGrant, other], [kafkaGrant]);
    await expect(cover(NOTHING)).resolves.toBeUndefined();
  });

  it('is not one that narrows what only the register says was there before', async () => {
    const { cover, cloud } = await amending([kafkaGrant, other], [kafkaGrant]);
    await expect(cover({})).resolves.toBeUndefined();
    const role = cloud.roles.get(roleName);
    if (role !== undefined) cloud.setRole(roleName, { ...role, attached: [] });
    await expect(cover(NOTHING)).rejects.toMatchObject(refused);
  });

  it('is not one whose policy is there and says less', async () => {
    const { cover, cloud } = await amending([kafkaGrant, other], [kafkaGrant]);
    const little = {
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: ['alikafka:X'], Resource: ['*'] }],
    };
    cloud.policies.set(POLICY, policyOf(JSON.stringify(little), cloud.policies.get(POLICY)?.tags));
    await expect(cover(NOTHING)).rejects.toMatchObject(refused);
  });

  it('is not one that widens, whatever somebody has put on the role', async () => {
    const { cover } = await amending([kafkaGrant], [kafkaGrant, other]);
    await expect(cover(NOTHING)).rejects.toMatchObject(refused);
  });

  it('is not one with a policy of the vendor’s that allows what no request is granted', async () => {
    const { cover, ports } = await amending([kafkaGrant], [kafkaGrant, vendors]);
    const all = { Version: '1', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    const { readPolicy } = ports.ram;
    Object.assign(ports.ram, {
      readPolicy: async (policy: { type: string; name: string }) =>
        policy.type === 'System' ? JSON.stringify(all) : readPolicy(policy as never),
    });
    await expect(cover({ allowSystemPolicies: true })).rejects.toMatchObject(refused);
  });
});
