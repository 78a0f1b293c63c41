import { describe, expect, it } from 'vitest';
import { cutAccess, cutContract } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { DEPLOYMENT_TAG } from '../../../shared/app/ours.js';
import type { IndexPort, Ports } from '../../../shared/cloud/ports.js';
import type { Role } from '../../support/small-cloud/cloud.js';
import { contractId, down, leaseAfter, roleName, TERMINATED } from '../../support/small-cloud/lease.js';

const STOP = 'leasehold-ended';

describe('a termination while the register is out of reach', () => {
  const blind = (ports: Ports): Ports => ({
    ...ports,
    evidence: { create: down, read: down, list: down, objects: down },
  });

  it.each<[string, (role: Role) => Role]>([
    ['as it was made', (role) => role],
    ['whose tags somebody took away', (role) => ({ ...role, tags: {} })],
  ])('stops a role %s, and fails after that', async (_, changed) => {
    const { cloud, ports, attached } = await leaseAfter(4);
    cloud.setRole(roleName, changed(cloud.roles.get(roleName) as Role));
    await expect(cutAccess(TERMINATED, blind(ports))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(attached()).toContain(STOP);
  });

  it('stops a role that RAM does not show yet', async () => {
    const { ports, attached } = await leaseAfter(4);
    const ram = { ...ports.ram, observeRole: async () => undefined };
    await expect(cutAccess(TERMINATED, { ...blind(ports), ram })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(attached()).toContain(STOP);
  });

  it('waits for no others, since there is no telling who should go first', async () => {
    const { cloud, ports, attached } = await leaseAfter(4);
    for (let n = 0; n < 50; n++)
      cloud.index.set(`turns/attach/end-00000/A-${n}/9/here/${ports.clock.now()}`, '{}');
    const settings = { ...ports.settings, writesPerSecond: 10 };
    await expect(cutAccess(TERMINATED, { ...blind(ports), settings })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(attached()).toContain(STOP);
  });

  it('leaves a role alone that another Leasehold of the account made', async () => {
    const { cloud, ports, attached } = await leaseAfter(4);
    const role = cloud.roles.get(roleName) as Role;
    cloud.setRole(roleName, {
      ...role,
      tags: { ...role.tags, [DEPLOYMENT_TAG]: 'staging.staging-register' },
    });
    await expect(cutAccess(TERMINATED, blind(ports))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(attached()).not.toContain(STOP);
  });
});

describe('the entry by which whoever comes after a crash finds an end', () => {
  const indexThat = (ports: Ports, put: IndexPort['put']): Ports => ({
    ...ports,
    index: { ...ports.index, put },
  });

  it('holds up no cut when it cannot be written, and is what the step fails for then', async () => {
    const { ports, attached, contract } = await leaseAfter(4);
    await expect(cutAccess(TERMINATED, indexThat(ports, down))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(attached()).toContain(STOP);
    expect((await contract()).cut).toBeUndefined();
  });

  it('is written before the cut is recorded, also when the index is slow to take it', async () => {
    const { ports, contract } = await leaseAfter(4);
    let wasCut: boolean | undefined;
    const slow: IndexPort['put'] = async (key, body) => {
      for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
      wasCut = (await contract()).cut !== undefined;
      await ports.index.put(key, body);
    };
    await cutAccess(TERMINATED, indexThat(ports, slow));
    expect(wasCut).toBe(false);
    expect((await contract()).cut).toBeDefined();
  });
});

describe('a termination of what a failed onboarding has begun to take back', () => {
  it('makes an end of it, which no request opens again', async () => {
    const { ports, contract } = await leaseAfter(1);
    const failure = { step: 'VerifyAccess', code: 'BrokenPromiseError' };
    await cutContract(contractId, { reason: 'failed', detail: 'VerifyAccess failed', failure }, ports);
    await cutAccess(TERMINATED, ports);
    await removeAccess({ contractId }, ports);
    await reportRevoked({ contractId }, ports);
    expect(await contract()).toMatchObject({ state: 'ended', ended: { reason: 'terminated' } });
  });
});
