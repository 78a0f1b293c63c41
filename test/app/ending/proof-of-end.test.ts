import { describe, expect, it } from 'vitest';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { TryLaterError } from '../../../shared/domain/errors.js';
import { REGION } from '../../support/requests.js';
import { policyOf, type Role } from '../../support/small-cloud/cloud.js';
import { contractId, leaseAfter, roleName, TERMINATED } from '../../support/small-cloud/lease.js';

const STOP = 'leasehold-ended';
type Assume = Ports['sts']['assume'];
const assuming = (ports: Ports, assume: Assume): Ports => ({ ...ports, sts: { ...ports.sts, assume } });
/** Which no read call shows: RAM asks about each logon. */
const PUBLISH = {
  service: 'rabbitmq',
  access: 'publish',
  region: REGION,
  instanceId: 'amqp-cn-x',
  virtualHosts: ['shop'],
} as const;
const nobodyEnters: Assume = async () => ({ outcome: 'refused', code: 'NoPermission' });

/** As `assume`, but for the first time. */
const atFirst = (first: Assume, { sts: { assume } }: Ports): Assume => {
  let asked = 0;
  return (wanted) => (++asked === 1 ? first(wanted) : assume(wanted));
};

describe('a cut', () => {
  it('says how long it took until a session was refused that had worked', async () => {
    const { ports, contract } = await leaseAfter(4);
    await cutAccess(TERMINATED, ports);
    const { cut } = await contract();
    expect(cut).toMatchObject({ witness: 'a live session worked before the cut', timeToDenySeconds: 0 });
    expect(cut?.unseen).toEqual([
      'publishing and consuming, which no read call shows',
      'connections that were open before the cut',
    ]);
  });

  it('is recorded once, with what was seen first, however often its event comes', async () => {
    const { cloud, ports, contract } = await leaseAfter(4);
    await cutAccess(TERMINATED, ports);
    const { cut } = await contract();
    cloud.now += 60_000;
    await cutAccess(TERMINATED, ports);
    expect((await contract()).cut).toEqual(cut);
  });

  it('says no such thing where an earlier try had made it', async () => {
    const { ports, contract } = await leaseAfter(4);
    await cutAccess(TERMINATED, {
      ...ports,
      products: { call: () => Promise.reject(new TryLaterError('UNAVAILABLE', 'down')) },
    }).catch(() => undefined);
    await cutAccess(TERMINATED, ports);
    expect((await contract()).cut).toMatchObject({
      witness: 'an earlier try made the cut; sessions were seen to be refused since',
    });
    expect((await contract()).cut?.timeToDenySeconds).toBeUndefined();
  });

  it('says no such thing either where not all that was granted worked before it', async () => {
    const { ports, contract } = await leaseAfter(4);
    let asked = 0;
    const call: Ports['products']['call'] = async (...what) =>
      ++asked === 1 ? { outcome: 'denied', code: 'Forbidden.RAM' } : ports.products.call(...what);
    await cutAccess(TERMINATED, { ...ports, products: { call } });
    const { cut } = await contract();
    expect([cut?.witness, cut?.timeToDenySeconds]).toEqual([
      'n/a: access was closed before the cut',
      undefined,
    ]);
  });

  it('whose stop was edited is one by taking every other policy off, and says so', async () => {
    const { cloud, ports, attached, contract } = await leaseAfter(4);
    cloud.policies.set(STOP, policyOf('{"Version":"1","Statement":[]}'));
    await cutAccess(TERMINATED, ports);
    expect(attached()).toEqual([STOP]);
    expect((await contract()).cut?.witness).toContain(`${STOP} was edited`);
  });

  it('leaves a role as it is that somebody made for himself in the place of ours', async () => {
    const { cloud, ports, attached, contract } = await leaseAfter(4);
    const role = cloud.roles.get(roleName) as Role;
    cloud.setRole(roleName, { ...role, id: 'another', tags: {}, trust: '{"Statement":[]}', attached: [] });
    await cutAccess(TERMINATED, ports);
    expect(attached()).toEqual([]);
    expect((await contract()).cut?.witness).toContain('made in its place is as it was');
  });

  it('stops a role that says whose it is where the register has lost it, by an edited stop too', async () => {
    for (const denial of ['{"Effect":"Deny","Action":"*","Resource":"*"}', '']) {
      const { cloud, ports, attached } = await leaseAfter(4);
      cloud.evidence.clear();
      cloud.policies.set(STOP, policyOf(`{"Version":"1","Statement":[${denial}]}`));
      await cutAccess(TERMINATED, ports);
      expect(attached()).toEqual(denial === '' ? [STOP] : [`${roleName}-1`, STOP]);
    }
  });

  it('waits a second for its witness, and no longer', async () => {
    const { ports, attached, contract } = await leaseAfter(4);
    const assume = atFirst(() => new Promise<never>(() => undefined), ports);
    await cutAccess(TERMINATED, assuming(ports, assume));
    expect(attached()).toContain(STOP);
    expect((await contract()).cut?.witness).toBe(
      'no session could be opened within a second; refusal was seen with a later one',
    );
  });

  it('does not fail for want of one', async () => {
    const { ports, attached, contract } = await leaseAfter(4);
    const assume = atFirst(() => Promise.reject(new TryLaterError('THROTTLED', 'too much')), ports);
    await cutAccess(TERMINATED, assuming(ports, assume));
    expect(attached()).toContain(STOP);
    expect((await contract()).cut?.witness).toContain('no witness before the cut: TryLaterError');
  });

  it('is believed where nobody can enter once the stop is read back on the role, and says so', async () => {
    const { ports, contract } = await leaseAfter(4);
    await cutAccess(TERMINATED, assuming(ports, nobodyEnters));
    const { cut } = await contract();
    expect(cut?.witness).toContain(`${STOP} was read back on the role`);
    expect(cut?.unseen[0]).toContain('nobody could enter the role to see it');
  });

  it.each([
    ['another stop', [{ policy: { type: 'Custom', name: 'leasehold-suspended' } as const }]],
    ['a policy of its own', [{ policy: { type: 'Custom', name: 'own' } as const }]],
  ])('is not believed where nobody can enter and the role reads back with %s alone', async (_, there) => {
    const { ports, contract } = await leaseAfter(4);
    const ram = { ...ports.ram, attachmentsOf: async () => there };
    await expect(cutAccess(TERMINATED, { ...assuming(ports, nobodyEnters), ram })).rejects.toMatchObject({
      code: 'STILL_REACHABLE',
    });
    expect((await contract()).cut).toBeUndefined();
  });

  it('is believed where nothing that was granted can be probed once the stop is read back on the role, and says so', async () => {
    const { ports, contract } = await leaseAfter(4, { grants: [PUBLISH] });
    await cutAccess(TERMINATED, ports);
    const { cut } = await contract();
    expect(cut?.witness).toBe(
      `none: nothing granted has a read call to probe with; ${STOP} was read back on the role, or no policy at all`,
    );
    expect(cut?.unseen[0]).toContain('that live sessions were refused');
  });

  it('is not believed where nothing that was granted can be probed and the stop is not on the role', async () => {
    const { ports, contract } = await leaseAfter(4, { grants: [PUBLISH] });
    const ram = { ...ports.ram, attach: async () => 'attached' as const };
    await expect(cutAccess(TERMINATED, { ...ports, ram })).rejects.toMatchObject({ code: 'STILL_REACHABLE' });
    expect((await contract()).cut).toBeUndefined();
  });

  it('is believed where all is refused but a thing that is not there any more, and names that', async () => {
    const { ports, contract, attached } = await leaseAfter(4);
    const call: Ports['products']['call'] = async (asked, session) =>
      asked.action === 'GetTopicList' && attached().includes(STOP)
        ? { outcome: 'not-found', code: 'Instance.NotFound' }
        : ports.products.call(asked, session);
    await cutAccess(TERMINATED, { ...ports, products: { call } });
    const { cut } = await contract();
    expect(cut?.witness).toBe(
      `a live session worked before the cut; ${STOP} was read back on the role, or no policy at all`,
    );
    expect(cut?.unseen.filter((what) => what.includes('is not there any more'))).toEqual([
      expect.stringContaining('GetTopicList'),
    ]);
  });

  it('is not believed where a session goes on', async () => {
    const { ports, contract } = await leaseAfter(4);
    const products = { call: async () => ({ outcome: 'allowed', body: {} }) as const };
    await expect(cutAccess(TERMINATED, { ...ports, products })).rejects.toMatchObject({
      code: 'STILL_REACHABLE',
    });
    expect((await contract()).cut).toBeUndefined();
  });
});

describe('an end', () => {
  it('is not recorded, nor told, before cut and removal were both seen', async () => {
    const { ports, contract, told } = await leaseAfter(4);
    const before = told.length;
    await cutAccess(TERMINATED, ports);
    await expect(reportRevoked({ contractId }, ports)).rejects.toMatchObject({ code: 'STILL_REACHABLE' });
    expect([(await contract()).state, told.length]).toEqual(['ending', before]);
  });

  it('is not recorded of what was removed and never seen to be cut', async () => {
    const { ports, contract, told } = await leaseAfter(4);
    const data = { reason: 'terminated', detail: 'test' } as const;
    await appendFact(await contract(), { kind: 'ending', data }, 'a-test', ports);
    await removeAccess({ contractId }, ports);
    const before = told.length;
    await expect(reportRevoked({ contractId }, ports)).rejects.toMatchObject({ code: 'STILL_REACHABLE' });
    expect([(await contract()).state, told.length]).toEqual(['ending', before]);
  });

  it('is looked at again later, and nothing else of it is due then', async () => {
    const { cloud, ports, contract } = await leaseAfter(4);
    await cutAccess(TERMINATED, ports);
    await removeAccess({ contractId }, ports);
    const removed: string[][] = [];
    const index = {
      ...ports.index,
      removeAll: async (keys: readonly string[]) => {
        removed.push([...cloud.index.keys()].filter((key) => key.endsWith('closing-watch')));
        await ports.index.removeAll(keys);
      },
    };
    await reportRevoked({ contractId }, { ...ports, index });
    const left = [...cloud.index.keys()].map((key) => key.split('/').at(-1));
    expect(left.filter((what) => what === 'closing-watch')).toHaveLength(3);
    expect(left.filter((what) => what !== 'closing-watch' && what !== 'progress')).toEqual([]);
    // The entries that lead to it go after those that will.
    expect(removed[0]).toHaveLength(3);
    expect((await contract()).state).toBe('ended');
  });

  it('that the bus does not take is told later, under the same id', async () => {
    const { cloud, ports, told, contract } = await leaseAfter(4);
    await cutAccess(TERMINATED, ports);
    await removeAccess({ contractId }, ports);
    const events = { publish: () => Promise.reject(new TryLaterError('UNAVAILABLE', 'down')) };
    await expect(reportRevoked({ contractId }, { ...ports, events })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect([...cloud.index.keys()].some((key) => key.endsWith('untold-end'))).toBe(true);
    await reportRevoked({ contractId }, ports);
    // What is tidied up in the partner's account after the end is written behind it.
    const data = { users: [], roles: [], leftBehind: [] };
    await appendFact(await contract(), { kind: 'grantee-released', data }, 'a-test', ports);
    await reportRevoked({ contractId }, ports);
    const ids = told.filter(({ type }) => type === 'partner.access.revoked').map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    expect([...cloud.index.keys()].some((key) => key.endsWith('untold-end'))).toBe(false);
  });
});
