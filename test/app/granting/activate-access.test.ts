import { describe, expect, it } from 'vitest';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { activateAccess } from '../../../shared/app/granting/activate-access.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { TryLaterError } from '../../../shared/domain/errors.js';
import { PARTNER } from '../../support/requests.js';
import { policyOf, type Role } from '../../support/small-cloud/cloud.js';
import {
  contractId,
  leaseAfter,
  roleName,
  type SmallLease,
  TERMINATED,
} from '../../support/small-cloud/lease.js';

const ALL = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alikafka:*","Resource":"*"}]}';

/** A contract led through so many steps, and whether its role lets the partner in. */
async function closedLease(steps: number) {
  const lease = await leaseAfter(steps);
  const { epoch } = await lease.contract();
  const isOpen = () => lease.cloud.roles.get(roleName)?.trust.includes(PARTNER) === true;
  return { ...lease, input: { contractId, epoch }, isOpen };
}

describe('a role', () => {
  it('is opened once it was verified', async () => {
    const { ports, input, isOpen, contract } = await closedLease(2);
    expect(isOpen()).toBe(false);
    await activateAccess(input, ports);
    expect([isOpen(), (await contract()).state]).toEqual([true, 'active']);
  });

  it('that nobody verified stays closed', async () => {
    const { ports, input, isOpen } = await closedLease(1);
    await expect(activateAccess(input, ports)).rejects.toMatchObject({ code: 'ACCESS_NOT_VERIFIED' });
    expect(isOpen()).toBe(false);
  });

  it('stays closed where nothing but the register says that it was approved', async () => {
    const { ports, input, isOpen } = await closedLease(2);
    const { admission } = ports.settings;
    const autoApproval = { ...admission.autoApproval, maxLeaseSeconds: 1 };
    const settings = { ...ports.settings, admission: { ...admission, autoApproval } };
    await expect(activateAccess(input, { ...ports, settings })).rejects.toMatchObject({
      code: 'NOT_APPROVED',
    });
    expect(isOpen()).toBe(false);
  });

  describe('that was verified long ago, as where the partner had to make somebody first', () => {
    const LATER = 3_600_000;

    it('is opened as it was verified, also by a second try', async () => {
      const { cloud, ports, input, isOpen } = await closedLease(2);
      cloud.now += LATER;
      const busy = recordingAfter(ports, () => Promise.reject(new TryLaterError('UNAVAILABLE', 'down')));
      await expect(activateAccess(input, busy)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await activateAccess(input, ports);
      expect(isOpen()).toBe(true);
    });

    it.each<[string, (lease: SmallLease) => void]>([
      [
        'on which somebody has put a policy since',
        ({ cloud }) => {
          const role = cloud.roles.get(roleName) as Role;
          cloud.policies.set('by-hand', policyOf(ALL));
          const attached = [...role.attached, { policy: { type: 'Custom', name: 'by-hand' } as const }];
          cloud.setRole(roleName, { ...role, attached });
        },
      ],
      [
        'whose policy somebody has edited since',
        ({ cloud }) => {
          const name = `${roleName}-1`;
          cloud.policies.set(name, policyOf(ALL, cloud.policies.get(name)?.tags));
        },
      ],
    ])('stays closed %s', async (_, change) => {
      const lease = await closedLease(2);
      lease.cloud.now += LATER;
      change(lease);
      await expect(activateAccess(lease.input, lease.ports)).rejects.toMatchObject({
        code: 'ACCESS_NOT_VERIFIED',
      });
      expect(lease.isOpen()).toBe(false);
    });
  });

  /** `meanwhile` comes about after the role was opened, and before that is recorded. */
  const recordingAfter = (ports: Ports, meanwhile: () => Promise<unknown>): Ports => {
    let isFirst = true;
    const create: Ports['evidence']['create'] = async (key, body) => {
      if (isFirst && body.includes('"kind":"activated"')) {
        isFirst = false;
        await meanwhile();
      }
      return ports.evidence.create(key, body);
    };
    return { ...ports, evidence: { ...ports.evidence, create } };
  };

  it('is closed again by whoever opened it when an end comes before that is recorded', async () => {
    const { ports, input, isOpen, contract } = await closedLease(2);
    const late = recordingAfter(ports, () => cutAccess(TERMINATED, ports));
    await expect(activateAccess(input, late)).rejects.toMatchObject({ code: 'LOST_THE_RACE' });
    expect([isOpen(), (await contract()).state]).toEqual([false, 'ending']);
  });

  it('that another execution of the same request has opened and recorded stays open', async () => {
    const { ports, input, isOpen, contract } = await closedLease(2);
    await activateAccess(
      input,
      recordingAfter(ports, () => activateAccess(input, ports)),
    );
    expect([isOpen(), (await contract()).state]).toEqual([true, 'active']);
  });

  it('stays open for the next try where that could not be recorded for now', async () => {
    const { ports, input, isOpen } = await closedLease(2);
    const busy = recordingAfter(ports, () => Promise.reject(new TryLaterError('UNAVAILABLE', 'down')));
    await expect(activateAccess(input, busy)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(isOpen()).toBe(true);
    await activateAccess(input, ports);
    expect(isOpen()).toBe(true);
  });

  it('is not said to be open as long as it reads back otherwise, and is closed', async () => {
    const { ports, input, isOpen, contract } = await closedLease(2);
    const { observeRole } = ports.ram;
    const observeStale: typeof observeRole = async (name) => {
      const role = await observeRole(name);
      return role && { ...role, trust: '{}' };
    };
    await expect(
      activateAccess(input, { ...ports, ram: { ...ports.ram, observeRole: observeStale } }),
    ).rejects.toMatchObject({ code: 'ACCESS_NOT_VERIFIED' });
    expect([isOpen(), (await contract()).activated]).toEqual([false, undefined]);
  });
});
