import { describe, expect, it } from 'vitest';
import { resumeAccess } from '../../../shared/app/changing/resume-access.js';
import { suspendAccess } from '../../../shared/app/changing/suspend-access.js';
import { takeBackStop } from '../../../shared/app/changing/take-back-stop.js';
import { verifyChange } from '../../../shared/app/changing/verify-change.js';
import { healDrift } from '../../../shared/app/drift/heal-drift.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { request } from '../../support/requests.js';
import { policyOf, type Role } from '../../support/small-cloud/cloud.js';
import {
  askFor,
  contractId,
  down,
  leaseAfter,
  roleName,
  type SmallLease,
  suspended,
} from '../../support/small-cloud/lease.js';

const STOP = 'leasehold-suspended';
const POLICY = `${roleName}-1`;
const INPUT = { contractId, who: undefined };

const healing = (ports: Ports): Ports => ({ ...ports, settings: { ...ports.settings, onDrift: 'heal' } });

/** Takes policies off the role, or puts them on, by hand. */
function leaveOn({ cloud }: SmallLease, ...names: readonly string[]): void {
  for (const name of names) if (!cloud.policies.has(name)) cloud.policies.set(name, policyOf('{}'));
  const attached = names.map((name) => ({ policy: { type: 'Custom', name } }) as const);
  cloud.setRole(roleName, { ...(cloud.roles.get(roleName) as Role), attached });
}

async function lift(lease: SmallLease, suspension: string): Promise<void> {
  await askFor(lease, 'r-1', 'resume', { suspension });
  await resumeAccess({ contractId, suspension }, lease.ports);
  await verifyChange({ contractId, epoch: 0, suspension }, lease.ports);
}

describe('drift of a contract', () => {
  it('is healed, where that is configured', async () => {
    const lease = await leaseAfter(4);
    leaveOn(lease, POLICY, 'by-hand');
    await healDrift(INPUT, healing(lease.ports));
    expect(lease.attached()).toEqual([POLICY]);
  });

  it.each<[string, (lease: SmallLease) => Promise<unknown>]>([
    [
      'whose lease is over',
      async ({ cloud }) => {
        cloud.now = Date.parse(request().lease.expiresAt);
      },
    ],
    ['that is to be suspended', (lease) => askFor(lease, 's-1', 'suspend')],
    [
      'that is to be resumed',
      async (lease) => {
        const suspension = await suspended(lease, 's-1');
        await askFor(lease, 'r-1', 'resume', { suspension });
      },
    ],
  ])('is left to the flow that is at it, or will be, of one %s', async (_, come) => {
    const lease = await leaseAfter(4);
    await come(lease);
    leaveOn(lease, POLICY, 'by-hand');
    const { seq } = await lease.contract();
    await healDrift(INPUT, healing(lease.ports));
    expect([lease.attached(), (await lease.contract()).seq]).toEqual([[POLICY, 'by-hand'], seq]);
  });

  it('is told also where somebody else has written to the register meanwhile', async () => {
    const lease = await leaseAfter(4);
    const { ports } = lease;
    leaveOn(lease, POLICY, 'by-hand');
    let isFirst = true;
    const create: Ports['evidence']['create'] = async (key, body) => {
      if (isFirst && body.includes('"kind":"drift-found"')) {
        isFirst = false;
        const data = { days: 7, expiresAt: request().lease.expiresAt };
        await appendFact(await lease.contract(), { kind: 'warned', data }, 'a-test', ports);
      }
      return ports.evidence.create(key, body);
    };
    await healDrift(INPUT, { ...ports, evidence: { ...ports.evidence, create } });
    expect((await lease.contract()).drift?.findings.map(({ code }) => code)).toEqual(['FOREIGN_POLICY']);
  });
});

describe('a role that somebody made in the place of a contract’s', () => {
  it.each<[string, (lease: SmallLease) => Promise<unknown>]>([
    ['lives', async () => undefined],
    ['is suspended', (lease) => suspended(lease, 's-1')],
  ])('is told, and stays as it is, where the contract %s', async (_, come) => {
    const lease = await leaseAfter(4);
    const { cloud, ports } = lease;
    await come(lease);
    const role = cloud.roles.get(roleName) as Role;
    const own: Role = { ...role, id: 'another', tags: {}, trust: '{"Statement":[]}', attached: [] };
    cloud.setRole(roleName, own);
    await healDrift(INPUT, healing(ports));
    const { drift } = await lease.contract();
    expect(drift).toMatchObject({ action: 'reported', findings: [{ code: 'ROLE_REPLACED' }] });
    expect(cloud.roles.get(roleName)).toEqual(own);
  });
});

describe('drift that is as it was', () => {
  const found = ({ told }: SmallLease) =>
    told.filter(({ type }) => type === 'partner.access.drift-found').map(({ id }) => id);

  it('is told once more, under the same id, by a try so soon that the one before may have died', async () => {
    const lease = await leaseAfter(4);
    const { cloud, ports } = lease;
    leaveOn(lease, POLICY, 'by-hand');
    await expect(healDrift(INPUT, { ...ports, events: { publish: down } })).rejects.toThrow();
    await healDrift(INPUT, ports);
    cloud.now += 599_000;
    await healDrift(INPUT, ports);
    expect([found(lease).length, new Set(found(lease)).size]).toEqual([2, 1]);
    cloud.now += 1000;
    await healDrift(INPUT, ports);
    expect(found(lease)).toHaveLength(2);
  });

  it('is told anew once it is known whose doing it was, and not when that is not known any more', async () => {
    const lease = await leaseAfter(4);
    const { cloud, ports } = lease;
    leaveOn(lease, POLICY, 'by-hand');
    for (const who of [undefined, 'eve', undefined]) {
      await healDrift({ contractId, who }, ports);
      cloud.now += 3_600_000;
    }
    expect(new Set(found(lease)).size).toBe(2);
    expect((await lease.contract()).drift?.who).toBe('eve');
  });

  it('is told anew after a day', async () => {
    const lease = await leaseAfter(4);
    const { cloud, ports } = lease;
    leaveOn(lease, POLICY, 'by-hand');
    for (const seconds of [0, 86_399, 1]) {
      cloud.now += seconds * 1000;
      await healDrift(INPUT, ports);
    }
    expect(found(lease)).toHaveLength(2);
  });
});

describe('the stop of a suspended contract', () => {
  it('that was taken off is put on again, whatever is configured', async () => {
    const lease = await leaseAfter(4);
    await suspended(lease, 's-1');
    leaveOn(lease, POLICY);
    await healDrift(INPUT, lease.ports);
    expect(lease.attached()).toEqual([POLICY, STOP]);
  });

  it('that was edited has everything else taken off, and nothing put on that was missing', async () => {
    const lease = await leaseAfter(4);
    await suspended(lease, 's-1');
    lease.cloud.policies.set(STOP, policyOf('{"Version":"1","Statement":[]}'));
    leaveOn(lease, STOP, 'by-hand');
    await healDrift(INPUT, healing(lease.ports));
    expect(lease.attached()).toEqual([STOP]);
  });

  it('that does not exist any more keeps everything off the role that is not on it', async () => {
    const lease = await leaseAfter(4);
    await suspended(lease, 's-1');
    leaveOn(lease);
    lease.cloud.policies.delete(STOP);
    await expect(healDrift(INPUT, healing(lease.ports))).rejects.toMatchObject({ code: 'DRIFTED' });
    expect(lease.attached()).toEqual([]);
  });

  it('that is put on again while the suspension is lifted comes off', async () => {
    const lease = await leaseAfter(4);
    const { ports } = lease;
    const suspension = await suspended(lease, 's-1');
    leaveOn(lease, POLICY);
    let isFirst = true;
    const attach: Ports['ram']['attach'] = async (...asked) => {
      if (isFirst) {
        isFirst = false;
        await lift(lease, suspension);
      }
      return ports.ram.attach(...asked);
    };
    await healDrift(INPUT, { ...ports, ram: { ...ports.ram, attach } });
    expect([lease.attached(), (await lease.contract()).state]).toEqual([[POLICY], 'active']);
  });
});

describe('a stop that is taken back since its suspension was lifted', () => {
  it('never comes off a contract that is suspended', async () => {
    const lease = await leaseAfter(4);
    await suspended(lease, 's-1');
    const detached: string[] = [];
    const detach: Ports['ram']['detach'] = async (_, { policy }) => void detached.push(policy.name);
    const { ports } = lease;
    await takeBackStop({ contractId }, { ...ports, ram: { ...ports.ram, detach } });
    expect(detached).toEqual([]);
  });

  it('is on again where the contract is suspended while it comes off', async () => {
    const lease = await leaseAfter(4);
    const { ports } = lease;
    leaveOn(lease, POLICY, STOP);
    const detach: Ports['ram']['detach'] = async (...asked) => {
      const { suspension } = await askFor(lease, 's-2', 'suspend');
      await suspendAccess({ contractId, suspension }, ports);
      return ports.ram.detach(...asked);
    };
    await takeBackStop({ contractId }, { ...ports, ram: { ...ports.ram, detach } });
    expect(lease.attached()).toEqual([POLICY, STOP]);
  });
});
