import { describe, expect, it } from 'vitest';
import { admitRequest } from '../../../shared/app/admission/admit-request.js';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { grantAccess } from '../../../shared/app/granting/grant-access.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { eventOf, request } from '../../support/requests.js';
import { documentIn, policyOf, type Role } from '../../support/small-cloud/cloud.js';
import {
  contractId,
  down,
  leaseAfter,
  nobodysLease,
  roleName,
  TERMINATED,
} from '../../support/small-cloud/lease.js';

const POLICY = `${roleName}-1`;
const BY_HAND = '{"Version":"1","Statement":[]}';

async function admittedLease() {
  const lease = await leaseAfter(0);
  const { epoch } = await lease.contract();
  return { ...lease, input: { contractId, epoch } };
}

/** `meanwhile` comes about before it is recorded that the role was made. */
function recordingAfter(ports: Ports, meanwhile: () => Promise<unknown>): Ports {
  let isFirst = true;
  const create: Ports['evidence']['create'] = async (key, body) => {
    if (isFirst && body.includes('"kind":"role-created"')) {
      isFirst = false;
      await meanwhile();
    }
    return ports.evidence.create(key, body);
  };
  return { ...ports, evidence: { ...ports.evidence, create } };
}

describe('a role for what was admitted', () => {
  it('is made once, also when the step runs again', async () => {
    const { cloud, ports, input, contract, attached } = await admittedLease();
    await expect(grantAccess(input, recordingAfter(ports, down))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    const made = cloud.roles.get(roleName)?.id;
    await grantAccess(input, ports);
    expect(await contract()).toMatchObject({ created: { roleId: made, policies: [POLICY] } });
    expect(attached()).toEqual([POLICY]);
  });

  it('is not one that somebody made under its name, which stays as it is', async () => {
    const { cloud, ports, input, contract } = await admittedLease();
    const own: Role = { id: 'own', trust: BY_HAND, maxSessionSeconds: 3600, tags: {}, attached: [] };
    cloud.setRole(roleName, own);
    await expect(grantAccess(input, ports)).rejects.toMatchObject({ code: 'NOT_OURS' });
    expect([cloud.roles.get(roleName), (await contract()).created]).toEqual([own, undefined]);
  });

  it('is given no policy that somebody made under the name of its own, which stays as it is', async () => {
    const { cloud, ports, input, attached } = await admittedLease();
    cloud.policies.set(POLICY, policyOf(BY_HAND));
    await expect(grantAccess(input, ports)).rejects.toMatchObject({ code: 'NOT_OURS' });
    expect([documentIn(cloud.policies.get(POLICY)), attached()]).toEqual([BY_HAND, []]);
  });

  it('has its policy say what was approved, whatever one of an earlier try says by now', async () => {
    const { cloud, ports, input } = await admittedLease();
    await expect(grantAccess(input, recordingAfter(ports, down))).rejects.toThrow();
    const made = cloud.policies.get(POLICY);
    cloud.policies.set(POLICY, policyOf(BY_HAND, made?.tags));
    await grantAccess(input, ports);
    expect(documentIn(cloud.policies.get(POLICY))).toBe(documentIn(made));
  });

  it('is recorded also where somebody else has written to the register meanwhile', async () => {
    const { ports, input, contract } = await admittedLease();
    const data = { lists: [], unseen: ['something'] };
    const noting = async () =>
      appendFact(await contract(), { kind: 'inventory-taken', data }, 'a-test', ports);
    await grantAccess(input, recordingAfter(ports, noting));
    expect((await contract()).created).toBeDefined();
  });

  it('gives way to an end that comes before it is recorded', async () => {
    const { ports, input } = await admittedLease();
    const ending = recordingAfter(ports, () => cutAccess(TERMINATED, ports));
    await expect(grantAccess(input, ending)).rejects.toMatchObject({ code: 'LOST_THE_RACE' });
  });

  it('is not made where nothing but the register says that it was approved', async () => {
    const { cloud, ports, input } = await admittedLease();
    const { admission } = ports.settings;
    const autoApproval = { ...admission.autoApproval, maxLeaseSeconds: 1 };
    const settings = { ...ports.settings, admission: { ...admission, autoApproval } };
    await expect(grantAccess(input, { ...ports, settings })).rejects.toMatchObject({ code: 'NOT_APPROVED' });
    expect(cloud.roles.has(roleName)).toBe(false);
  });

  it('is not made where a policy of the vendor’s has come to allow what no request is granted', async () => {
    const { cloud, ports: own, contract } = nobodysLease();
    const { admission } = own.settings;
    const autoApproval = { ...admission.autoApproval, allowSystemPolicies: true };
    let action = 'alikafka:ListTopic';
    const readPolicy: Ports['ram']['readPolicy'] = async (policy) =>
      policy.type === 'System'
        ? JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] })
        : own.ram.readPolicy(policy);
    const ports: Ports = {
      ...own,
      ram: { ...own.ram, readPolicy },
      settings: { ...own.settings, admission: { ...admission, autoApproval } },
    };
    const asked = request({ grants: [{ systemPolicy: 'AliyunKafkaReadOnlyAccess' }] });
    await admitRequest(JSON.stringify(eventOf(asked)), ports);
    const { epoch, state } = await contract();
    expect(state).toBe('requested');
    action = '*';
    await expect(grantAccess({ contractId, epoch }, ports)).rejects.toMatchObject({ code: 'NOT_APPROVED' });
    expect(cloud.roles.has(roleName)).toBe(false);
  });
});
