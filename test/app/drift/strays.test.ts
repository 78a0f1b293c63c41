import { describe, expect, it } from 'vitest';
import { listSuspects, reportStrays, type Suspect } from '../../../shared/app/drift/strays.js';
import { CONTRACT_TAG, DEPLOYMENT_TAG } from '../../../shared/app/ours.js';
import type { ListedRole } from '../../../shared/cloud/ports.js';
import { parseContractId } from '../../../shared/domain/values.js';
import { ACTIVE, doorsIntended, ending, fact, route } from '../../domain/facts.js';
import { chainOf, type Written } from '../../support/chains.js';
import { policyOf } from '../../support/small-cloud/cloud.js';
import { contractId, nobodysLease } from '../../support/small-cloud/lease.js';

const OTHERS = { [DEPLOYMENT_TAG]: 'staging.staging-register' };
const OURS = { [DEPLOYMENT_TAG]: 'leasehold.leasehold-evidence' };
const RULE = 'lh-0000000000000001';
const ROLE = 'lease-x';
const role = (name = ROLE): Suspect => ({ kind: 'role', name });
const rule = (name = RULE): Suspect => ({ kind: 'rule', name, on: 'bus orders', claim: `doors/${name}/x` });

/** A register with one contract that lives, whose names these suspects bear; another suspect is nobody's. */
function registerWith(...more: readonly Written[]) {
  const lease = nobodysLease();
  const { cloud, ports, told } = lease;
  for (const one of chainOf([...ACTIVE, ...more]))
    cloud.evidence.set(
      `contracts/${contractId}/${String(one.seq).padStart(8, '0')}.json`,
      JSON.stringify(one),
    );
  for (const key of [`names/${ROLE}`, `doors/${RULE}/x`]) cloud.evidence.set(key, contractId);
  const report = (suspects: readonly Suspect[], isWhole = true) =>
    reportStrays(suspects, { who: 'nobody known', isWhole }, ports);
  const messages = () =>
    told.flatMap(({ data }) =>
      (data['findings'] as readonly { message: string }[]).map((one) => one.message),
    );
  return { ...lease, report, messages };
}
const ended = [ending('end'), fact('ended', { reason: 'terminated', detail: 'as agreed' })];

describe('what looks like ours in the account', () => {
  const suspects = async (
    roles: readonly ListedRole[],
    policies: Readonly<Record<string, Record<string, string>>>,
    live: readonly string[] = [],
  ) => {
    const { cloud, ports } = nobodysLease();
    cloud.policies.clear();
    for (const [name, tags] of Object.entries(policies)) cloud.policies.set(name, policyOf('{}', tags));
    const ram = { ...ports.ram, listRoles: async () => roles };
    return (await listSuspects(new Set(live), { ram, settings: ports.settings })).map(({ name }) => name);
  };

  it('bears our prefix, in whatever case, or carries our tag', async () => {
    const tags = { [CONTRACT_TAG]: 'C-1' };
    const roles = [
      { name: 'Lease-A', tags: {} },
      { name: 'b', tags },
      { name: 'leasehold-fn-x', tags: {} },
    ];
    const policies = { 'LEASE-c-1': {}, d: tags, e: {} };
    expect(await suspects(roles, policies)).toEqual(['Lease-A', 'b', 'LEASE-c-1', 'd']);
  });

  it('is not of a contract that lives, nor says that another Leasehold made it', async () => {
    const roles = [
      { name: 'Lease-live', tags: {} },
      { name: 'lease-theirs', tags: OTHERS },
      { name: 'lease-ours', tags: OURS },
    ];
    const policies = { 'lease-live-2': {}, 'lease-theirs-1': OTHERS, 'lease-ours-1': OURS };
    expect(await suspects(roles, policies, ['lease-live'])).toEqual(['lease-ours', 'lease-ours-1']);
  });
});

describe('what belongs to no contract that lives', () => {
  it.each<[string, Suspect, readonly Written[], string]>([
    ['nobody ever had', role('lease-y'), [], 'role lease-y bears our prefix and is unknown to the register'],
    [
      'a contract that is over had',
      role(),
      ended,
      `role ${ROLE} is there, though contract ${contractId} is ended`,
    ],
    [
      'a contract has no more',
      rule(),
      [],
      `rule ${RULE} on bus orders is there, though contract ${contractId} does not have it any more`,
    ],
  ])('is told where it is what %s', async (_, suspect, facts, message) => {
    const { report, messages, cloud } = registerWith(...facts);
    await report([suspect]);
    expect(messages()).toEqual([message]);
    expect([...cloud.evidence.keys()].filter((key) => key.startsWith('strays/'))).toHaveLength(1);
  });

  it('is told where the register of its contract is broken, which keeps no other from being told', async () => {
    const { report, messages, cloud } = registerWith();
    cloud.evidence.set(`contracts/${contractId}/00000002.json`, '{}');
    await report([role(), role('lease-y')]);
    expect(messages().sort()).toEqual([
      expect.stringMatching(/^role lease-x .*REGISTER_BROKEN/),
      expect.stringMatching(/^role lease-y bears our prefix/),
    ]);
  });

  it('is told whole, however many events that takes', async () => {
    const { report, messages, told } = registerWith();
    await report(Array.from({ length: 101 }, (_, n) => role(`lease-y${n}`)));
    expect([messages().length, told.length]).toEqual([101, 3]);
  });

  it('is not told where it is a rule that the contract has', async () => {
    const { report, told } = registerWith(doorsIntended([], [route(RULE)]));
    await report([rule()]);
    expect(told).toEqual([]);
  });

  it('is not told where it is the role of a contract that lives: what the index lacks of that is put back', async () => {
    const { report, told, cloud } = registerWith();
    await report([role()]);
    expect(told).toEqual([]);
    expect([...cloud.index.keys()].filter((key) => key.endsWith('/expiry'))).toHaveLength(1);
  });
});

describe('a stray that was told', () => {
  const stray = role('lease-y');
  const toldAfter = async (seconds: number, known = '') => {
    const { report, messages, cloud } = registerWith();
    await report([stray]);
    if (known !== '') cloud.index.set('drift/strays', known);
    cloud.now += seconds * 1000;
    await report([stray]);
    return messages().length;
  };

  it('is told again after a day, and not before', async () => {
    expect([await toldAfter(86_399), await toldAfter(86_400)]).toEqual([1, 2]);
  });
  it.each(['{"role lease-y unknown":"2099-01-01T00:00:00Z"}', '{"role lease-y unknown":"soon"}', 'no JSON'])(
    'is told again where what says so cannot be right: %s',
    async (known) => {
      expect(await toldAfter(60, known)).toBe(2);
    },
  );
  it('is told again when it comes back after it was gone, which a look at a few does not say', async () => {
    const { report, messages } = registerWith();
    await report([stray]);
    await report([], false);
    await report([stray]);
    expect(messages()).toHaveLength(1);
    await report([]);
    await report([stray]);
    expect(messages()).toHaveLength(2);
  });
  it('is told anew when it comes to be another contract’s matter', async () => {
    const { report, messages, cloud } = registerWith(...ended);
    cloud.evidence.delete(`names/${ROLE}`);
    await report([role()]);
    cloud.evidence.set(`names/${ROLE}`, parseContractId(contractId));
    await report([role()]);
    expect(messages()).toHaveLength(2);
  });
});
