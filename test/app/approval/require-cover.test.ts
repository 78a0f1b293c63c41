import { describe, expect, it } from 'vitest';
import { requireCover } from '../../../shared/app/approval/require-cover.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import type { Amendment, Contract } from '../../../shared/domain/contract.js';
import type { Grant } from '../../../shared/domain/grant.js';
import { kafkaGrant, REGION } from '../../support/requests.js';
import { policyOf } from '../../support/small-cloud/cloud.js';
import { amendmentOf, leaseAfter, roleName, type SmallLease } from '../../support/small-cloud/lease.js';

const other: Grant = { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_pre-cn-x2' };
const vendors: Grant = { systemPolicy: 'AliyunKafkaReadOnlyAccess' };
const POLICY = `${roleName}-1`;
const refused = { code: 'NOT_APPROVED' };

/** By a rule that has come to cover nothing since, or everything. */
const coverOf =
  ({ ports }: SmallLease, contract: Contract) =>
  (rule: Partial<Ports['settings']['admission']['autoApproval']>) => {
    const { admission } = ports.settings;
    const autoApproval = { ...admission.autoApproval, ...rule };
    const settings = { ...ports.settings, admission: { ...admission, autoApproval } };
    return requireCover(contract, contract.amendment as Amendment, { ...ports, settings });
  };

/** A contract of the first grants, in whose register an amendment to the second stands that says it is approved. */
async function amending(before: readonly Grant[], after: readonly Grant[]) {
  const lease = await leaseAfter(4, { grants: before });
  const contract = await amendmentOf(lease, after);
  return { ...lease, cover: coverOf(lease, contract) };
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

  it('is not one that keeps a policy of the vendor’s which only the register says was there before', async () => {
    const lease = await leaseAfter(4);
    const { ports } = lease;
    const harmless = { Statement: [{ Effect: 'Allow', Action: ['alikafka:ListTopic'], Resource: '*' }] };
    const { readPolicy } = ports.ram;
    Object.assign(ports.ram, {
      readPolicy: async (policy: Parameters<typeof readPolicy>[0]) =>
        policy.type === 'System' ? JSON.stringify({ Version: '1', ...harmless }) : readPolicy(policy),
    });
    const wide = await amendmentOf(lease, [kafkaGrant, vendors]);
    const change = { widens: [], narrows: [] };
    const data = { revision: 1, change, policies: [POLICY], proofs: [] };
    await appendFact(wide, { kind: 'amended', data }, 'a-test', ports);
    const cover = coverOf(lease, await amendmentOf(lease, [vendors], 2));
    await expect(cover({ allowSystemPolicies: true })).resolves.toBeUndefined();
    await expect(cover({ ...NOTHING, allowSystemPolicies: true })).rejects.toMatchObject(refused);
  });

  it('is not one that no event may state, though it only narrows', async () => {
    const { cover } = await amending([kafkaGrant, other], []);
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
