import { describe, expect, it } from 'vitest';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { activateAccess } from '../../../shared/app/granting/activate-access.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { BrokenPromiseError, TryLaterError } from '../../../shared/domain/errors.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { kafkaGrant, NOW, PARTNER, request } from '../../support/requests.js';
import { policyOf, type Role } from '../../support/small-cloud/cloud.js';
import {
  amendmentOf,
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

/** With a rule that covers no lease of these tests. */
function lettingNothingThrough(ports: Ports): Ports {
  const { admission } = ports.settings;
  const autoApproval = { ...admission.autoApproval, maxLeaseSeconds: 1 };
  return { ...ports, settings: { ...ports.settings, admission: { ...admission, autoApproval } } };
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
    await expect(activateAccess(input, lettingNothingThrough(ports))).rejects.toMatchObject({
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

  it('is not said to be open where somebody has made one in its place', async () => {
    const { cloud, ports, input, contract } = await closedLease(2);
    const setTrust: Ports['ram']['setTrust'] = async (...asked) => {
      cloud.setRole(roleName, { ...(cloud.roles.get(roleName) as Role), id: 'another' });
      await ports.ram.setTrust(...asked);
    };
    await expect(activateAccess(input, { ...ports, ram: { ...ports.ram, setTrust } })).rejects.toMatchObject({
      code: 'ACCESS_NOT_VERIFIED',
    });
    expect((await contract()).activated).toBeUndefined();
  });

  it('is never closed by who gives up once another execution has opened and recorded it', async () => {
    const { ports, input, contract } = await closedLease(2);
    const { observeRole, setTrust } = ports.ram;
    let written = 0;
    const ram: Ports['ram'] = {
      ...ports.ram,
      observeRole: async (name) => {
        const role = await observeRole(name);
        return role && { ...role, trust: '{}' };
      },
      setTrust: async (...asked) => {
        written += 1;
        await setTrust(...asked);
        await activateAccess(input, ports);
      },
    };
    await expect(activateAccess(input, { ...ports, ram })).rejects.toMatchObject({
      code: 'ACCESS_NOT_VERIFIED',
    });
    expect([written, (await contract()).state]).toEqual([1, 'active']);
  });

  it('stays open for another execution that comes to record it while this one gives up', async () => {
    const { ports, input, isOpen, contract } = await closedLease(2);
    const { observeRole, setTrust } = ports.ram;
    let written = 0;
    const ram: Ports['ram'] = {
      ...ports.ram,
      observeRole: async (name) => {
        const role = await observeRole(name);
        return written === 1 ? role && { ...role, trust: '{}' } : role;
      },
      setTrust: async (...asked) => {
        written += 1;
        if (written === 2) await activateAccess(input, ports);
        await setTrust(...asked);
      },
    };
    await expect(activateAccess(input, { ...ports, ram })).rejects.toMatchObject({
      code: 'ACCESS_NOT_VERIFIED',
    });
    expect([isOpen(), (await contract()).state]).toEqual([true, 'active']);
  });
});

describe('a role that the register calls open, and that is closed', () => {
  /** Active, and not handed over; who gave up has closed its role since. */
  async function closedAgain() {
    const lease = await closedLease(2);
    const { trust } = lease.cloud.roles.get(roleName) as Role;
    await activateAccess(lease.input, lease.ports);
    const close = (more: Partial<Role> = {}) =>
      lease.cloud.setRole(roleName, { ...(lease.cloud.roles.get(roleName) as Role), trust, ...more });
    close();
    return { ...lease, close };
  }

  it('is opened again before it is handed over', async () => {
    const { ports, input, isOpen } = await closedAgain();
    await activateAccess(input, ports);
    expect(isOpen()).toBe(true);
  });

  it('is opened again at once where it was closed just when that was recorded', async () => {
    const { cloud, ports, input, isOpen } = await closedLease(2);
    const closed = cloud.roles.get(roleName) as Role;
    let isFirst = true;
    const create: Ports['evidence']['create'] = async (key, body) => {
      if (isFirst && body.includes('"kind":"activated"')) {
        isFirst = false;
        cloud.setRole(roleName, closed);
      }
      return ports.evidence.create(key, body);
    };
    await activateAccess(input, { ...ports, evidence: { ...ports.evidence, create } });
    expect(isOpen()).toBe(true);
  });

  it('stays closed where nothing but the register says that it was approved', async () => {
    const { ports, input, isOpen } = await closedAgain();
    await expect(activateAccess(input, lettingNothingThrough(ports))).rejects.toMatchObject({
      code: 'NOT_APPROVED',
    });
    expect(isOpen()).toBe(false);
  });

  it('stays closed where somebody made it in the place of ours', async () => {
    const { ports, input, isOpen, close } = await closedAgain();
    close({ id: 'another' });
    await activateAccess(input, ports);
    expect(isOpen()).toBe(false);
  });

  it('is left to an amendment that is at work on it', async () => {
    const lease = await closedAgain();
    const { ports, input, isOpen, close } = lease;
    const amended = await amendmentOf(lease, [kafkaGrant]);
    const data = { revision: 1, policies: [] };
    await appendFact(amended, { kind: 'amending', data }, 'a-test', ports);
    close();
    await activateAccess(input, ports);
    expect(isOpen()).toBe(false);
  });

  it('is closed again where an end comes while it is opened', async () => {
    const { ports, input, isOpen } = await closedAgain();
    let isFirst = true;
    const setTrust: Ports['ram']['setTrust'] = async (...asked) => {
      if (isFirst) {
        isFirst = false;
        await cutAccess(TERMINATED, ports);
      }
      await ports.ram.setTrust(...asked);
    };
    await expect(activateAccess(input, { ...ports, ram: { ...ports.ram, setTrust } })).rejects.toMatchObject({
      code: 'LOST_THE_RACE',
    });
    expect(isOpen()).toBe(false);
  });
});

describe('a role that names somebody who does not exist', () => {
  const nobodyThere = (ports: Ports, granteeSeconds: number): Ports => ({
    ...ports,
    settings: { ...ports.settings, granteeSeconds },
    ram: {
      ...ports.ram,
      setTrust: () => Promise.reject(new BrokenPromiseError('NO_SUCH_PRINCIPAL', 'nobody there')),
    },
  });
  const { expiresAt } = request().lease;

  it.each([
    ['as long as is configured', 60, addSeconds(NOW, 60)],
    ['until its lease ends at most', 1e9, expiresAt],
  ])('is waited for %s, and not an instant longer', async (_, seconds, until) => {
    const { cloud, ports, input, contract } = await closedLease(2);
    const waiting = nobodyThere(ports, seconds);
    await activateAccess(input, waiting);
    expect(await contract()).toMatchObject({ state: 'awaiting-grantee', awaitingGrantee: { until } });
    cloud.now = Date.parse(until) - 1000;
    await activateAccess(input, waiting);
    cloud.now += 1000;
    await expect(activateAccess(input, waiting)).rejects.toMatchObject({ code: 'NO_SUCH_PRINCIPAL' });
  });
});
