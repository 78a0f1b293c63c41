import { describe, expect, it } from 'vitest';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { isAnythingLeft, removeAccess, removeContract } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { grantAccess } from '../../../shared/app/granting/grant-access.js';
import { withdrawAccess } from '../../../shared/app/granting/withdraw-access.js';
import { ABOUT_NOTHING } from '../../../shared/app/inbound/step-input.js';
import { reportFailure } from '../../../shared/app/telling/report-failure.js';
import type { Ports, RamPort } from '../../../shared/cloud/ports.js';
import { TryLaterError } from '../../../shared/domain/errors.js';
import { policyOf, type Role } from '../../support/small-cloud/cloud.js';
import { contractId, down, leaseAfter, roleName, TERMINATED } from '../../support/small-cloud/lease.js';

const STOP = 'leasehold-ended';
const POLICY = `${roleName}-1`;

/** A contract whose access was cut. */
async function cutLease() {
  const lease = await leaseAfter(4);
  await cutAccess(TERMINATED, lease.ports);
  return lease;
}
const withRam = (ports: Ports, ram: Partial<RamPort>): Ports => ({ ...ports, ram: { ...ports.ram, ...ram } });
/** Once more than once asked: a verdict takes a while. */
const patient = (ports: Ports): Ports => ({
  ...ports,
  settings: { ...ports.settings, verdict: { answers: 2, intervalSeconds: 1, patienceSeconds: 5 } },
});

describe('a removal', () => {
  it('touches nothing of a contract that is not ending', async () => {
    const { cloud, ports, attached } = await leaseAfter(4);
    const before = attached();
    await removeAccess({ contractId }, ports);
    expect([attached(), cloud.policies.has(POLICY)]).toEqual([before, true]);
  });

  it('closes the door first, and takes the stop off last, immediately before the role goes', async () => {
    const { ports } = await cutLease();
    const done: string[] = [];
    const noting = (call: string, work: () => Promise<void>) => {
      done.push(call);
      return work();
    };
    const { setTrust, detach, deleteRole, deletePolicy } = ports.ram;
    await removeAccess(
      { contractId },
      withRam(ports, {
        setTrust: (...asked) => noting('setTrust', () => setTrust(...asked)),
        detach: (name, one) => noting(`detach ${one.policy.name}`, () => detach(name, one)),
        deleteRole: (name) => noting('deleteRole', () => deleteRole(name)),
        deletePolicy: (name) => noting(`deletePolicy ${name}`, () => deletePolicy(name)),
      }),
    );
    expect(done).toEqual([
      'setTrust',
      `detach ${POLICY}`,
      `detach ${STOP}`,
      'deleteRole',
      `deletePolicy ${POLICY}`,
    ]);
  });

  it('puts the stop on again at once when the role cannot be deleted, and fails', async () => {
    const { ports, attached, contract } = await cutLease();
    const deleteRole = () =>
      Promise.reject(new TryLaterError('CONFLICT', 'something was attached meanwhile'));
    await expect(removeAccess({ contractId }, withRam(ports, { deleteRole }))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(attached()).toEqual([STOP]);
    expect((await contract()).removed).toBeUndefined();
  });

  it('leaves the stop on the role as long as a change that the end has overtaken may be at work', async () => {
    const { cloud, ports, attached, contract } = await cutLease();
    const cut = await contract();
    const { ending } = cut;
    if (ending === undefined) throw new Error('it is not ending');
    const overtaking = { ...cut, ending: { ...ending, overtook: true } };
    cloud.now = Date.parse(ending.at) + 299_000;
    await expect(removeContract(overtaking, ports)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(attached()).toEqual([STOP]);
    cloud.now += 1000;
    await removeContract(overtaking, ports);
    expect(cloud.roles.has(roleName)).toBe(false);
  });

  it('believes after two looks, with a pause between them, that there is no role', async () => {
    const { cloud, ports } = await cutLease();
    const { observeRole } = ports.ram;
    const looks: number[] = [];
    const stale: RamPort['observeRole'] = async (name) => {
      looks.push(cloud.now);
      return looks.length === 1 ? undefined : observeRole(name);
    };
    const settings = { ...ports.settings, absenceSeconds: 7 };
    await removeAccess({ contractId }, { ...withRam(ports, { observeRole: stale }), settings });
    expect(cloud.roles.has(roleName)).toBe(false);
    expect((looks[1] ?? 0) - (looks[0] ?? 0)).toBeGreaterThanOrEqual(7000);
  });

  it('takes both stops off a role that somebody made in the place of ours, and leaves all else on it', async () => {
    const { cloud, ports, attached, contract } = await cutLease();
    const role = cloud.roles.get(roleName) as Role;
    const on = [STOP, 'leasehold-suspended', 'own'].map(
      (name) => ({ policy: { type: 'Custom', name } }) as const,
    );
    cloud.setRole(roleName, { ...role, id: 'another', tags: {}, trust: '{"Statement":[]}', attached: on });
    await removeAccess({ contractId }, ports);
    expect(attached()).toEqual(['own']);
    expect((await contract()).removed?.foreign).toContain(`role ${roleName}`);
  });

  it('keeps nobody waiting for its writes while it sees the token die', async () => {
    const { cloud, ports } = await cutLease();
    // One more write is to be made before its own, so that it leaves an entry.
    cloud.index.set(`turns/detach/end-00000/A/1/here/${ports.clock.now()}`, '{}');
    const seen: number[] = [];
    const look = () => seen.push([...cloud.index.keys()].filter((key) => key.startsWith('turns/')).length);
    const deleteRole: RamPort['deleteRole'] = (name) => {
      look();
      return ports.ram.deleteRole(name);
    };
    const sts: Ports['sts'] = {
      ...ports.sts,
      callerOf: (session) => {
        look();
        return ports.sts.callerOf(session);
      },
    };
    const settings = { ...ports.settings, writesPerSecond: 10 };
    await removeAccess({ contractId }, { ...ports, ram: { ...ports.ram, deleteRole }, sts, settings });
    expect(seen).toEqual([2, 1]);
  });

  it.each([
    [
      'its own role still has, though it is gone, is tried again',
      [`role ${roleName}`],
      'CONFLICT',
      'attached',
    ],
    [
      'somebody gave to others by hand wants a person',
      ['user ops', `role ${roleName}`],
      'HELD_BY_OTHERS',
      'given to user ops by hand',
    ],
  ])('of a policy that, as RAM says, %s', async (_, holders, code, said) => {
    const { ports, contract } = await cutLease();
    const ram = {
      deletePolicy: () => Promise.reject(new TryLaterError('CONFLICT', 'it is attached')),
      holdersOf: async () => holders,
    };
    await expect(removeAccess({ contractId }, withRam(ports, ram))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(said),
    });
    expect((await contract()).removed).toBeUndefined();
  });

  it('fails where it cannot be seen whether a policy is there that does not say any more that it is ours', async () => {
    const { cloud, ports, contract } = await cutLease();
    cloud.policies.set(POLICY, policyOf('{}'));
    await expect(removeAccess({ contractId }, withRam(ports, { holdersOf: down }))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect((await contract()).removed).toBeUndefined();
    await removeAccess({ contractId }, ports);
    expect((await contract()).removed?.foreign).toEqual([`policy ${POLICY}`]);
  });

  it('leaves to a person, stopped, a role that says whose it is and that the register has lost', async () => {
    const { cloud, ports, attached, contract } = await leaseAfter(4);
    cloud.evidence.clear();
    await cutAccess(TERMINATED, ports);
    await expect(removeAccess({ contractId }, ports)).rejects.toMatchObject({ code: 'NOT_OURS' });
    expect([attached().includes(STOP), (await contract()).removed]).toEqual([true, undefined]);
  });

  describe('of what was made and never recorded', () => {
    async function unrecordedLease() {
      const lease = await leaseAfter(0);
      const { ports, contract } = lease;
      const { epoch } = await contract();
      const evidence = {
        ...ports.evidence,
        create: (key: string, body: string) =>
          body.includes('"role-created"') ? down() : ports.evidence.create(key, body),
      };
      await expect(grantAccess({ contractId, epoch }, { ...ports, evidence })).rejects.toThrow();
      return lease;
    }

    it('takes the policies away too', async () => {
      const { cloud, ports } = await unrecordedLease();
      expect(cloud.policies.has(POLICY)).toBe(true);
      await cutAccess(TERMINATED, ports);
      await removeAccess({ contractId }, ports);
      expect([cloud.policies.has(POLICY), cloud.roles.has(roleName)]).toEqual([false, false]);
    });

    it('believes no less after two looks that there is no role', async () => {
      const { cloud, ports } = await unrecordedLease();
      await cutAccess(TERMINATED, ports);
      const { observeRole } = ports.ram;
      let looks = 0;
      const stale: RamPort['observeRole'] = async (name) => (++looks === 1 ? undefined : observeRole(name));
      await removeAccess({ contractId }, withRam(ports, { observeRole: stale }));
      expect(cloud.roles.has(roleName)).toBe(false);
    });
  });
});

describe('a proof of the end', () => {
  it('is not recorded while a token works that should have died with its role', async () => {
    const { ports, contract } = await cutLease();
    const sts = { ...ports.sts, callerOf: async () => ({ outcome: 'alive', arn: '' }) as const };
    await expect(removeAccess({ contractId }, { ...patient(ports), sts })).rejects.toMatchObject({
      code: 'STILL_REACHABLE',
    });
    expect((await contract()).removed).toBeUndefined();
  });

  it('is recorded once the token is seen to be dead, however long that takes', async () => {
    const { ports, contract } = await cutLease();
    let asked = 0;
    const sts: Ports['sts'] = {
      ...ports.sts,
      callerOf: async (session) =>
        ++asked < 4 ? { outcome: 'alive', arn: '' } : ports.sts.callerOf(session),
    };
    await removeAccess({ contractId }, { ...patient(ports), sts });
    expect((await contract()).removed?.tokenDeath).toContain('a live token was refused');
  });

  it.each([
    [894, 'a live token was refused'],
    [895, 'not seen: the token had run out by then'],
  ])('that took %i seconds after a token was had within five says: %s', async (seconds, said) => {
    const { cloud, ports, contract } = await cutLease();
    const ram: Partial<RamPort> = {
      deleteRole: (name) => {
        cloud.now += seconds * 1000;
        return ports.ram.deleteRole(name);
      },
    };
    const sts: Ports['sts'] = {
      ...ports.sts,
      assume: async (wanted) => {
        const opened = await ports.sts.assume(wanted);
        cloud.now += 5000;
        return opened;
      },
    };
    await removeAccess({ contractId }, { ...withRam(ports, ram), sts });
    expect((await contract()).removed?.tokenDeath).toContain(said);
  });

  it('is not recorded where no token is to be had and the role is there after it was deleted', async () => {
    const { ports, contract } = await cutLease();
    const sts = {
      ...ports.sts,
      assume: async () => ({ outcome: 'refused', code: 'NoPermission' }) as const,
    };
    const undeletable = withRam(patient(ports), { deleteRole: async () => undefined });
    await expect(removeAccess({ contractId }, { ...undeletable, sts })).rejects.toMatchObject({
      code: 'STILL_REACHABLE',
    });
    expect((await contract()).removed).toBeUndefined();
  });

  it('is recorded where no token is to be had and somebody has made a role of its name since', async () => {
    const { cloud, ports, contract } = await cutLease();
    const made = cloud.roles.get(roleName) as Role;
    const deleteRole: RamPort['deleteRole'] = async (name) => {
      await ports.ram.deleteRole(name);
      cloud.setRole(roleName, { ...made, id: 'another', tags: {}, trust: '{"Statement":[]}', attached: [] });
    };
    const sts: Ports['sts'] = {
      ...ports.sts,
      assume: async () => ({ outcome: 'refused', code: 'NoPermission' }),
    };
    await removeAccess({ contractId }, { ...withRam(patient(ports), { deleteRole }), sts });
    expect((await contract()).removed?.tokenDeath).toContain('no token was to be had (NoPermission)');
    expect(cloud.roles.get(roleName)?.id).toBe('another');
  });
});

describe('what is there again of a contract that is over', () => {
  async function overLease() {
    const lease = await cutLease();
    const late = {
      role: lease.cloud.roles.get(roleName) as Role,
      policy: lease.cloud.policies.get(POLICY),
    };
    await removeAccess({ contractId }, lease.ports);
    await reportRevoked({ contractId }, lease.ports);
    return { ...lease, late };
  }

  it('is nothing, when nothing is', async () => {
    const { ports, contract } = await overLease();
    expect(await isAnythingLeft(await contract(), ports)).toBe(false);
  });

  it('is a policy of its own, and goes', async () => {
    const { cloud, ports, late, contract } = await overLease();
    if (late.policy !== undefined) cloud.policies.set(POLICY, late.policy);
    expect(await isAnythingLeft(await contract(), ports)).toBe(true);
    await removeAccess({ contractId }, ports);
    expect(cloud.policies.has(POLICY)).toBe(false);
  });

  it('is the very role that was recorded, should it be there after all, and is stopped, told and removed', async () => {
    const { cloud, ports, late, told } = await overLease();
    cloud.setRole(roleName, { ...late.role, attached: [] });
    await cutAccess(JSON.stringify({ contractId }), ports);
    expect(cloud.roles.get(roleName)?.attached.map(({ policy }) => policy.name)).toEqual([STOP]);
    expect(told.at(-1)).toMatchObject({
      type: 'partner.access.drift-found',
      data: { findings: [expect.objectContaining({ code: 'CAME_BACK' })] },
    });
    await removeAccess({ contractId }, ports);
    expect(cloud.roles.has(roleName)).toBe(false);
  });

  it('is told each time that it is found, and once by each look', async () => {
    const { cloud, ports, late, told } = await overLease();
    const before = told.length;
    for (const execution of ['first-look', 'first-look', 'second-look']) {
      cloud.setRole(roleName, { ...late.role, attached: [] });
      await cutAccess(JSON.stringify({ contractId }), { ...ports, execution });
      await removeAccess({ contractId }, ports);
    }
    const [first, again, later] = told.slice(before).map(({ id }) => id);
    expect([first === again, first === later]).toEqual([true, false]);
  });

  it('is not a role that somebody made in its place, which stays as it is', async () => {
    const { cloud, ports, late, contract } = await overLease();
    cloud.setRole(roleName, {
      ...late.role,
      id: 'another',
      tags: {},
      trust: '{"Statement":[]}',
      attached: [],
    });
    expect(await isAnythingLeft(await contract(), ports)).toBe(false);
    await removeAccess({ contractId }, ports);
    expect(cloud.roles.get(roleName)?.id).toBe('another');
  });
});

describe('what a failed onboarding left', () => {
  /** One that failed before the register was told what it had made, which was taken back; and what that was. */
  async function failedLease() {
    const lease = await leaseAfter(0);
    const { cloud, ports, contract } = lease;
    const { epoch } = await contract();
    const create: Ports['evidence']['create'] = (key, body) =>
      body.includes('"role-created"') ? down() : ports.evidence.create(key, body);
    const broken = { ...ports, evidence: { ...ports.evidence, create } };
    await expect(grantAccess({ contractId, epoch }, broken)).rejects.toThrow();
    const made = { role: cloud.roles.get(roleName) as Role, policy: cloud.policies.get(POLICY) };
    const failure = { ...ABOUT_NOTHING, contractId, epoch, step: 'GrantAccess', code: 'TryLaterError' };
    expect(await withdrawAccess(failure, ports)).toEqual({ withdrawn: true });
    await reportFailure({ ...failure, withdrawn: true }, ports);
    expect((await contract()).state).toBe('failed');
    return { ...lease, made };
  }

  it('is found also where the register was never told that it was made', async () => {
    const { cloud, ports, contract, made } = await failedLease();
    expect(await isAnythingLeft(await contract(), ports)).toBe(false);
    if (made.policy !== undefined) cloud.policies.set(POLICY, made.policy);
    expect(await isAnythingLeft(await contract(), ports)).toBe(true);
  });

  it('is taken away later without a stop for the role of its name, which a new request may have made by then', async () => {
    const { cloud, ports, attached, made } = await failedLease();
    // Applied late, beside the role of a request that came since.
    if (made.policy !== undefined) cloud.policies.set(POLICY, made.policy);
    cloud.setRole(roleName, { ...made.role, id: 'another', tags: {}, attached: [] });
    await cutAccess(JSON.stringify({ contractId }), ports);
    await removeAccess({ contractId }, ports);
    expect([attached(), cloud.policies.has(POLICY), cloud.roles.get(roleName)?.id]).toEqual([
      [],
      false,
      'another',
    ]);
  });
});
