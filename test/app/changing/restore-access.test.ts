import { describe, expect, it } from 'vitest';
import { amendAccess } from '../../../shared/app/changing/amend-access.js';
import { restoreAccess } from '../../../shared/app/changing/restore-access.js';
import { resumeAccess } from '../../../shared/app/changing/resume-access.js';
import { suspendAccess } from '../../../shared/app/changing/suspend-access.js';
import { verifyChange } from '../../../shared/app/changing/verify-change.js';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { Contract } from '../../../shared/domain/contract.js';
import { REGION } from '../../support/requests.js';
import { policyOf, type Role } from '../../support/small-cloud/cloud.js';
import {
  amendmentOf,
  askFor,
  contractId,
  leaseAfter,
  roleName,
  type SmallLease,
  suspended,
  TERMINATED,
} from '../../support/small-cloud/lease.js';

const one = { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_pre-cn-x1' } as const;
const other = { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_pre-cn-x2' } as const;
const STOP = 'leasehold-suspended';
const POLICY = `${roleName}-1`;
const right = (instanceId: string) => ({
  action: 'alikafka:ListTopic',
  resource: `acs:alikafka:${REGION}:1000000000000001:${instanceId}`,
});

const failed = (of: { readonly epoch?: number; readonly suspension?: string }, step: string) => ({
  contractId,
  epoch: undefined,
  suspension: undefined,
  eventId: undefined,
  eventSource: undefined,
  eventType: undefined,
  eventTime: undefined,
  withdrawn: false,
  step,
  code: 'BrokenPromiseError',
  ...of,
});
/** Puts a policy on the role by hand. */
function meddle({ cloud }: SmallLease): void {
  const document = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'alikafka:*', Resource: '*' }] };
  cloud.policies.set('by-hand', policyOf(JSON.stringify(document)));
  const role = cloud.roles.get(roleName);
  const attached = [...(role?.attached ?? []), { policy: { type: 'Custom', name: 'by-hand' } as const }];
  if (role !== undefined) cloud.setRole(roleName, { ...role, attached });
}

describe('an amendment that fails', () => {
  it('before it had begun leaves the role as it is, whatever somebody has put on it', async () => {
    const lease = await leaseAfter(4, { grants: [one, other] });
    const { seq: epoch } = (await amendmentOf(lease, [one])).amendment ?? { seq: 0 };
    meddle(lease);
    expect(await restoreAccess(failed({ epoch }, 'VerifyBefore'), lease.ports)).toEqual({ withdrawn: true });
    expect(lease.attached()).toEqual([POLICY, 'by-hand']);
    expect(await lease.contract()).toMatchObject({ state: 'active', undone: { kind: 'amendment-failed' } });
  });

  it('after it had begun leaves what was before', async () => {
    const lease = await leaseAfter(4, { grants: [one, other] });
    const { seq: epoch } = (await amendmentOf(lease, [one])).amendment ?? { seq: 0 };
    await amendAccess({ contractId, epoch }, lease.ports);
    expect(lease.cloud.may(roleName, right(other.instanceId))).toBe(false);
    expect(await restoreAccess(failed({ epoch }, 'VerifyChange'), lease.ports)).toEqual({ withdrawn: true });
    expect(lease.cloud.may(roleName, right(other.instanceId))).toBe(true);
    expect((await lease.contract()).amendment).toBeUndefined();
  });

  it('and was overtaken by an end is the end’s', async () => {
    const lease = await leaseAfter(4, { grants: [one, other] });
    const { seq: epoch } = (await amendmentOf(lease, [one])).amendment ?? { seq: 0 };
    await amendAccess({ contractId, epoch }, lease.ports);
    await cutAccess(TERMINATED, lease.ports);
    const before = lease.cloud.print();
    expect(await restoreAccess(failed({ epoch }, 'VerifyChange'), lease.ports)).toEqual({ withdrawn: false });
    expect(lease.cloud.print()).toBe(before);
  });

  it('and was given up by another execution of it leaves a later one what that has on the role', async () => {
    const lease = await leaseAfter(4, { grants: [one, other] });
    const { seq: epoch } = (await amendmentOf(lease, [other])).amendment ?? { seq: 0 };
    await amendAccess({ contractId, epoch }, lease.ports);
    await restoreAccess(failed({ epoch }, 'VerifyChange'), lease.ports);
    const later = (await amendmentOf(lease, [one], 2)).amendment ?? { seq: 0 };
    await amendAccess({ contractId, epoch: later.seq }, lease.ports);
    expect(await restoreAccess(failed({ epoch }, 'VerifyChange'), lease.ports)).toEqual({ withdrawn: false });
    expect(lease.cloud.may(roleName, right(one.instanceId))).toBe(true);
    expect(lease.cloud.may(roleName, right(other.instanceId))).toBe(false);
  });

  it('takes off the role the policy that somebody made in the place of its own, and no other', async () => {
    const lease = await leaseAfter(4, { grants: [one, other] });
    const { cloud, ports } = lease;
    const { amendment } = await amendmentOf(lease, [one]);
    const SECOND = `${roleName}-2`;
    const data = { revision: 1, policies: [POLICY, SECOND] };
    await appendFact(await lease.contract(), { kind: 'amending', data }, 'a-test', ports);
    const { tags } = cloud.policies.get(POLICY) ?? {};
    cloud.policies.set(SECOND, policyOf('{"Version":"1","Statement":[]}', tags));
    cloud.policies.set(POLICY, policyOf('{"Version":"1","Statement":[]}'));
    const role = cloud.roles.get(roleName) as Role;
    const attached = [...role.attached, { policy: { type: 'Custom', name: SECOND } as const }];
    cloud.setRole(roleName, { ...role, attached });
    await restoreAccess(failed({ epoch: amendment?.seq ?? 0 }, 'AmendAccess'), ports);
    expect(lease.attached()).toEqual([SECOND]);
  });

  it('puts nothing on the role of a suspended contract where no stop can be put on it', async () => {
    const lease = await leaseAfter(4, { grants: [one, other] });
    await suspended(lease, 's-1');
    const { seq: epoch } = (await amendmentOf(lease, [one])).amendment ?? { seq: 0 };
    await amendAccess({ contractId, epoch }, lease.ports);
    const role = lease.cloud.roles.get(roleName);
    const attached = (role?.attached ?? []).filter(({ policy }) => policy.name !== STOP);
    if (role !== undefined) lease.cloud.setRole(roleName, { ...role, attached });
    lease.cloud.policies.delete(STOP);
    expect(await restoreAccess(failed({ epoch }, 'VerifyChange'), lease.ports)).toEqual({ withdrawn: true });
    expect(lease.attached()).toEqual([]);
  });

  it('is recorded as failed also where somebody else wrote meanwhile', async () => {
    const lease = await leaseAfter(4, { grants: [one, other] });
    const { seq: epoch } = (await amendmentOf(lease, [one])).amendment ?? { seq: 0 };
    const { ports } = lease;
    let isFirst = true;
    const create: typeof ports.evidence.create = async (key, body) => {
      if (isFirst && body.includes('"amendment-failed"')) {
        isFirst = false;
        const data = { days: 1, expiresAt: ports.clock.now() };
        await appendFact(await lease.contract(), { kind: 'warned', data }, 'another', ports);
      }
      return ports.evidence.create(key, body);
    };
    const outcome = await restoreAccess(failed({ epoch }, 'AmendAccess'), {
      ...ports,
      evidence: { ...ports.evidence, create },
    });
    expect(outcome).toEqual({ withdrawn: true });
    expect(await lease.contract()).toMatchObject({ undone: { kind: 'amendment-failed' } });
  });
});

describe('a suspension', () => {
  it('binds while another one is lifted, and no longer than both hold', async () => {
    const lease = await leaseAfter(4);
    const [first, second] = [await suspended(lease, 's-1'), await suspended(lease, 's-2')];
    const lift = async (id: string, suspension: string) => {
      await askFor(lease, id, 'resume', { suspension });
      await resumeAccess({ contractId, suspension }, lease.ports);
      await verifyChange({ contractId, epoch: 0, suspension }, lease.ports);
    };
    await lift('r-1', first);
    expect([lease.attached().includes(STOP), (await lease.contract()).state]).toEqual([true, 'suspended']);
    await lift('r-2', second);
    expect([lease.attached().includes(STOP), (await lease.contract()).state]).toEqual([false, 'active']);
  });

  it('is not lifted from a role that somebody has changed meanwhile', async () => {
    const lease = await leaseAfter(4);
    const suspension = await suspended(lease, 's-1');
    meddle(lease);
    await askFor(lease, 'r-1', 'resume', { suspension });
    await expect(resumeAccess({ contractId, suspension }, lease.ports)).rejects.toMatchObject({
      code: 'DRIFTED',
    });
    expect(lease.attached()).toContain(STOP);
  });

  it('whose lifting fails binds again, and what differs on the role stays as it is', async () => {
    const lease = await leaseAfter(4);
    const suspension = await suspended(lease, 's-1');
    await askFor(lease, 'r-1', 'resume', { suspension });
    await resumeAccess({ contractId, suspension }, lease.ports);
    meddle(lease);
    expect(lease.attached()).not.toContain(STOP);
    expect(await restoreAccess(failed({ suspension }, 'VerifyChange'), lease.ports)).toEqual({
      withdrawn: true,
    });
    expect(lease.attached()).toEqual([POLICY, 'by-hand', STOP]);
    expect(await lease.contract()).toMatchObject({ state: 'suspended' } satisfies Partial<Contract>);
  });

  it('whose lifting fails puts no stop on a role that somebody has made in the place of ours', async () => {
    const lease = await leaseAfter(4);
    const { cloud, ports, attached } = lease;
    const suspension = await suspended(lease, 's-1');
    await askFor(lease, 'r-1', 'resume', { suspension });
    const role = cloud.roles.get(roleName) as Role;
    cloud.setRole(roleName, { ...role, id: 'another', tags: {}, trust: '{"Statement":[]}', attached: [] });
    await restoreAccess(failed({ suspension }, 'ResumeAccess'), ports);
    expect(attached()).toEqual([]);
  });

  it('that was lifted before its stop was seen takes it off again', async () => {
    const lease = await leaseAfter(4);
    const { ports } = lease;
    const { suspension } = await askFor(lease, 's-1', 'suspend');
    const { attach } = ports.ram;
    let isFirst = true;
    // Another execution carries it out, and it is lifted, while this one waits for RAM.
    const ram: typeof ports.ram = {
      ...ports.ram,
      attach: async (...given) => {
        if (isFirst) {
          isFirst = false;
          await suspendAccess({ contractId, suspension }, ports);
          await askFor(lease, 'r-1', 'resume', { suspension });
          await resumeAccess({ contractId, suspension }, ports);
          await verifyChange({ contractId, epoch: 0, suspension }, ports);
        }
        return attach(...given);
      },
    };
    await suspendAccess({ contractId, suspension }, { ...ports, ram });
    expect([lease.attached(), (await lease.contract()).state]).toEqual([[POLICY], 'active']);
  });

  it('is told once it was seen to bind, and not before', async () => {
    const lease = await leaseAfter(4);
    const { ports, told } = lease;
    const { suspension } = await askFor(lease, 's-1', 'suspend');
    const products = { call: async () => ({ outcome: 'allowed', body: {} }) as const };
    await expect(suspendAccess({ contractId, suspension }, { ...ports, products })).rejects.toMatchObject({
      code: 'STILL_REACHABLE',
    });
    const isTold = () => told.some(({ type }) => type === 'partner.access.suspended');
    expect(isTold()).toBe(false);
    await suspendAccess({ contractId, suspension }, ports);
    expect([isTold(), (await lease.contract()).suspensions[0]?.seen]).toEqual([true, expect.anything()]);
  });
});
