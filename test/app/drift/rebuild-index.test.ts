import { describe, expect, it } from 'vitest';
import { rebuildLost } from '../../../shared/app/drift/rebuild-index.js';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { parseContractId } from '../../../shared/domain/values.js';
import { ACTIVE, fact, question, requested } from '../../domain/facts.js';
import { chainOf, type Written } from '../../support/chains.js';
import { NOW, PARTNER, request } from '../../support/requests.js';
import { contractId, leaseAfter, nobodysLease, TERMINATED } from '../../support/small-cloud/lease.js';

const MARK = 'drift/rebuilt';

/** A register in which these contracts are, and which is listed so many keys at a time; each listing takes so many seconds. */
function registerOf(
  contracts: Readonly<Record<string, readonly Written[]>>,
  { page = 1000, seconds = 0 }: { readonly page?: number; readonly seconds?: number } = {},
) {
  const lease = nobodysLease();
  const { cloud, ports } = lease;
  for (const [id, facts] of Object.entries(contracts))
    for (const one of chainOf(facts, parseContractId(id)))
      cloud.evidence.set(`contracts/${id}/${String(one.seq).padStart(8, '0')}.json`, JSON.stringify(one));
  const list: typeof ports.evidence.list = async (prefix, after = '') => {
    if (prefix === 'contracts/') cloud.now += seconds * 1000;
    return (await ports.evidence.list(prefix)).filter((key) => key > after).slice(0, page);
  };
  const known = () =>
    [...cloud.index.keys()].flatMap((key) => /^grantees\/\d+\/([^/]+)$/.exec(key)?.[1] ?? []).sort();
  return { ...lease, ports: { ...ports, evidence: { ...ports.evidence, list } }, known };
}
const begun = (id: string): readonly Written[] => {
  const asked = requested(request({ contractId: parseContractId(id) }));
  return [asked, ...ACTIVE.slice(1)];
};
const three = { 'C-1': begun('C-1'), 'C-2': begun('C-2'), 'C-3': begun('C-3') };

describe('an index that is empty', () => {
  it('is made anew for every contract, however many pages the register has', async () => {
    const { cloud, ports, known } = registerOf(three, { page: 4 });
    await rebuildLost(ports);
    expect(known()).toEqual(['C-1', 'C-2', 'C-3']);
    expect([...cloud.index.keys()].filter((key) => key.endsWith('/expiry'))).toHaveLength(3);
  });

  it('is made anew as far as the time reaches, and from there on by the next round', async () => {
    const { cloud, ports, known } = registerOf(three, { page: 6, seconds: 25 });
    await rebuildLost(ports);
    expect(known()).toEqual(['C-1', 'C-2']);
    cloud.index.delete(`grantees/${PARTNER}/C-1`);
    await rebuildLost(ports);
    expect(known()).toEqual(['C-2', 'C-3']);
  });

  it('is made anew for all others where one cannot be believed, or has no id that is one', async () => {
    const { cloud, ports, known } = registerOf(three);
    cloud.evidence.set('contracts/C-2/00000002.json', '{}');
    cloud.evidence.set('contracts/C!4/00000001.json', '{}');
    await rebuildLost(ports);
    expect(known()).toEqual(['C-1', 'C-3']);
  });

  it('has the claims on whom a contract sets up in the partner’s account, or another’s end would take them away', async () => {
    const setup = { mode: 'managed', users: [{ logonName: 'etl', access: 'programmatic' }], roles: [] };
    const asked = request({ grantee: { ...request().grantee, setup } as never });
    const { cloud, ports } = registerOf({ [contractId]: [requested(asked), ...ACTIVE.slice(1)] });
    await rebuildLost(ports);
    expect(cloud.index.has(`grantees/${PARTNER}/users/etl/${contractId}`)).toBe(true);
  });

  it('says which partner asks for what waits for an answer', async () => {
    const asked = [...begun('C-1').slice(0, 1), fact('awaiting-approval', question(1))];
    const { ports, known } = registerOf({ 'C-1': asked });
    await rebuildLost(ports);
    expect(known()).toEqual(['C-1']);
  });

  it('has the looks that are still to come at a contract that is over', async () => {
    const { cloud, ports } = await leaseAfter(4);
    await cutAccess(TERMINATED, ports);
    await removeAccess({ contractId }, ports);
    await reportRevoked({ contractId }, ports);
    const looks = () => [...cloud.index.keys()].filter((key) => key.endsWith('closing-watch')).sort();
    const [first, ...later] = looks();
    cloud.index.clear();
    cloud.now = Date.parse(first?.split('/')[1] ?? '');
    const list: typeof ports.evidence.list = async (prefix, after = '') =>
      (await ports.evidence.list(prefix)).filter((key) => key > after);
    await rebuildLost({ ...ports, evidence: { ...ports.evidence, list } });
    expect([later.length, looks()]).toEqual([2, later]);
    expect([...cloud.index.keys()].some((key) => key.startsWith('grantees/'))).toBe(false);
  });
});

describe('an index that was made anew', () => {
  const again = async (hours: number) => {
    const { cloud, ports, known } = registerOf(three);
    await rebuildLost(ports);
    cloud.index.delete(`grantees/${PARTNER}/C-1`);
    cloud.now += hours * 3_600_000;
    await rebuildLost(ports);
    return known();
  };

  it('is left as it is by the next round', async () => {
    expect(await again(1)).toEqual(['C-2', 'C-3']);
  });
  it('is made once more where no round has seen it for hours: it may have been out of use', async () => {
    expect(await again(3)).toEqual(['C-1', 'C-2', 'C-3']);
  });
  it('is made once more where it does not say what it was', async () => {
    const { cloud, ports, known } = registerOf(three);
    cloud.index.set(MARK, '{"at":"yesterday"}');
    await rebuildLost(ports);
    expect(known()).toEqual(['C-1', 'C-2', 'C-3']);
  });
  it('tells by itself that the register was put back to before its last round, and all is gone through', async () => {
    const { cloud, ports, known } = registerOf(three);
    await rebuildLost(ports);
    cloud.index.delete(`grantees/${PARTNER}/C-1`);
    cloud.evidence.delete(`rounds/${NOW}`);
    cloud.now += 3_600_000;
    await rebuildLost(ports);
    expect(JSON.parse(cloud.index.get('drift/put-back') ?? '{}')).toMatchObject({ seen: NOW });
    expect(known()).toEqual(['C-1', 'C-2', 'C-3']);
  });
});
