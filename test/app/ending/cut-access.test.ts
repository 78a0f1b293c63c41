import { describe, expect, it } from 'vitest';
import { cutAccess, cutContract } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { DEPLOYMENT_TAG } from '../../../shared/app/ours.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { IndexPort, Ports } from '../../../shared/cloud/ports.js';
import type { NewFact } from '../../../shared/domain/fact.js';
import { addSeconds, type Instant } from '../../../shared/domain/values.js';
import { OWNER, request } from '../../support/requests.js';
import type { Role } from '../../support/small-cloud/cloud.js';
import {
  contractId,
  down,
  leaseAfter,
  roleName,
  type SmallLease,
  TERMINATED,
} from '../../support/small-cloud/lease.js';

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

describe('an end that is begun since the lease is over', () => {
  const { expiresAt } = request().lease;
  const FOR_IT = JSON.stringify({ contractId });
  /** Of a function whose clock says that the lease ends in so many seconds. */
  const at = (ports: Ports, seconds: number, end: Instant = expiresAt): Ports => ({
    ...ports,
    clock: { ...ports.clock, now: () => addSeconds(end, -seconds) },
  });
  const NOTHING = { contractId: '', outcome: 'refused' };

  it.each([0, -1, -900, -86_400])(
    'cuts by a clock by which it ended %i seconds from now',
    async (seconds) => {
      const { ports, attached, contract } = await leaseAfter(4);
      expect(await cutAccess(FOR_IT, at(ports, seconds))).toEqual({ contractId, outcome: 'ending' });
      expect([attached().includes(STOP), (await contract()).ending?.reason]).toEqual([true, 'expired']);
    },
  );

  it.each([1, 2, 60, 899, 900])(
    'comes back by a clock by which it ends in %i seconds, and cuts then',
    async (seconds) => {
      const { ports, attached, contract } = await leaseAfter(4);
      await expect(cutAccess(FOR_IT, at(ports, seconds))).rejects.toMatchObject({
        code: 'CONFLICT',
        retriable: true,
      });
      expect([attached().includes(STOP), (await contract()).state]).toEqual([false, 'active']);
      await cutAccess(FOR_IT, at(ports, 0));
      expect(attached()).toContain(STOP);
    },
  );

  it.each([901, 86_400])(
    'is answered by a clock by which it ends in %i seconds: it was renewed',
    async (seconds) => {
      const { ports, attached, contract } = await leaseAfter(4);
      expect(await cutAccess(FOR_IT, at(ports, seconds))).toEqual(NOTHING);
      expect([attached().includes(STOP), (await contract()).state]).toEqual([false, 'active']);
    },
  );

  /** To another end, as an amendment does. */
  async function renewedTo(lease: SmallLease, end: Instant, revision: number): Promise<void> {
    const asked = request({ lease: { ...request().lease, expiresAt: end } });
    const { planHash } = planAccess(asked, OWNER);
    const event = { source: 's', id: `renewal-${revision}`, contentHash: `renewal-${revision}` };
    const change = { widens: [], narrows: [] };
    const facts: readonly NewFact[] = [
      { kind: 'amendment-requested', data: { event, request: asked, revision, planHash, change } },
      { kind: 'amending', data: { revision, policies: [] } },
      { kind: 'amended', data: { revision, change, policies: [], proofs: [] } },
    ];
    for (const one of facts) await appendFact(await lease.contract(), one, 'a-test', lease.ports);
  }

  it.each([1, 450, 900, 901])(
    'never cuts what was renewed to end %i seconds after the old end, before that; nor what is renewed once more meanwhile',
    async (seconds) => {
      const lease = await leaseAfter(4);
      const { ports, attached, contract } = lease;
      const soon = addSeconds(expiresAt, seconds);
      await renewedTo(lease, soon, 1);
      const answer = cutAccess(FOR_IT, at(ports, 0));
      if (seconds > 900) expect(await answer).toEqual(NOTHING);
      else await expect(answer).rejects.toMatchObject({ code: 'CONFLICT' });
      await renewedTo(lease, addSeconds(soon, 86_400), 2);
      expect(await cutAccess(FOR_IT, at(ports, 0, soon))).toEqual(NOTHING);
      expect([attached().includes(STOP), (await contract()).state]).toEqual([false, 'active']);
    },
  );
});

describe('an end before which others are to be stopped', () => {
  it('waits for them for twenty minutes since it was called for, and no longer', async () => {
    const { cloud, ports, contract, attached } = await leaseAfter(4);
    const data = { reason: 'terminated', detail: 'test' } as const;
    await appendFact(await contract(), { kind: 'ending', data }, 'a-test', ports);
    const settings = { ...ports.settings, writesPerSecond: 10 };
    const cut = () => {
      for (let n = 0; n < 50; n++)
        cloud.index.set(`turns/attach/end-00000/A-${n}/9/here/${ports.clock.now()}`, '{}');
      return cutAccess(TERMINATED, { ...ports, settings });
    };
    cloud.now += 1_199_000;
    await expect(cut()).rejects.toMatchObject({ name: 'QueuedError' });
    expect(attached()).not.toContain(STOP);
    cloud.now += 1000;
    await cut();
    expect(attached()).toContain(STOP);
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

describe('a termination of what has ended', () => {
  it.each([
    ['come again', TERMINATED],
    ['another', TERMINATED.replace('"end"', '"another-end"')],
  ])('leaves the register as it is, and the contract ended: %s', async (_, event) => {
    const { ports, contract } = await leaseAfter(4);
    await cutAccess(TERMINATED, ports);
    await removeAccess({ contractId }, ports);
    await reportRevoked({ contractId }, ports);
    const { seq } = await contract();
    await cutAccess(event, ports);
    await removeAccess({ contractId }, ports);
    await reportRevoked({ contractId }, ports);
    expect(await contract()).toMatchObject({ state: 'ended', seq });
  });
});
