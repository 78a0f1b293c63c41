import { describe, expect, it } from 'vitest';
import { wantedAccess } from '../../../shared/app/role/wanted-access.js';
import { settleSideDoors } from '../../../shared/app/side-doors/settle-side-doors.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import {
  account,
  accountCredential,
  amended,
  amending,
  amendmentRequested,
  approved,
  doorsIntended,
  ending,
  fact,
  route,
  suspending,
} from '../../domain/facts.js';
import { chainOf, type Written } from '../../support/chains.js';
import { policyOf, type Role } from '../../support/small-cloud/cloud.js';
import {
  ACCOUNT,
  doorsWith,
  GRANTED,
  HANDED_OVER,
  plan,
  RULE,
  ruleOf,
} from '../../support/small-cloud/doors.js';
import { contractId, roleName } from '../../support/small-cloud/lease.js';

const OLD_RULE = route('lh-0000000000000001');
const OLD_ACCOUNT = account('lh-0000000000000002');
const settle = (doors: ReturnType<typeof doorsWith>, ports: Ports = doors.ports) =>
  settleSideDoors(doors.contract, 'a-test', ports);

/** `facts` come into the register just before what was settled is recorded. */
function overtakenBy(
  doors: ReturnType<typeof doorsWith>,
  before: readonly Written[],
  facts: readonly Written[],
) {
  const { evidence } = doors.ports;
  const create: Ports['evidence']['create'] = async (key, body) => {
    if (body.includes('"side-doors-settled"') && !doors.cloud.evidence.has(key))
      for (const one of chainOf([...before, ...facts], contractId).slice(before.length))
        await evidence.create(
          `contracts/${contractId}/${String(one.seq).padStart(8, '0')}.json`,
          JSON.stringify(one),
        );
    return evidence.create(key, body);
  };
  return { ...doors.ports, evidence: { ...evidence, create } };
}

describe('side doors that are as they should be', () => {
  it('are left as they are, and nothing is recorded', async () => {
    const doors = doorsWith(HANDED_OVER);
    expect(await settle(doors)).toEqual({ contract: doors.contract, isSettled: true });
    expect(doors.done).toEqual([]);
  });
});

describe('side doors that are settled', () => {
  it('are closed first, then given their rights, then open; a rule goes last, when that in its place is on', async () => {
    const doors = doorsWith([
      ...GRANTED,
      doorsIntended([OLD_ACCOUNT, ACCOUNT], [OLD_RULE]),
      fact('credentials-made', {
        of: 1,
        credentials: [accountCredential(ACCOUNT.account, ACCOUNT.instance.instanceId)],
      }),
      fact('handed-over', { of: 1 }),
    ]);
    doors.accounts.set(OLD_ACCOUNT.account, { isEnabled: true, entries: [] });
    doors.accounts.set(ACCOUNT.account, { isEnabled: true, entries: ACCOUNT.entries.slice(1) });
    doors.rules.clear();
    doors.rules.set(OLD_RULE.rule, ruleOf(OLD_RULE));
    const { isSettled, contract } = await settle(doors);
    expect(doors.done).toEqual([
      `${OLD_ACCOUNT.account} deleteAccount`,
      `${ACCOUNT.account} addEntry`,
      `${RULE.rule} createRule`,
      `${RULE.rule} setEnabled`,
      `${OLD_RULE.rule} setEnabled`,
      `${OLD_RULE.rule} removeTargets`,
      `${OLD_RULE.rule} deleteRule`,
    ]);
    expect(isSettled).toBe(true);
    expect(contract.sideDoors.routes.map(({ rule }) => rule)).toEqual([RULE.rule]);
  });

  it('have an account that somebody deleted made anew by the next hand-over: it is nobody’s now', async () => {
    const doors = doorsWith(HANDED_OVER);
    doors.accounts.clear();
    const { contract } = await settle(doors);
    expect([contract.credentials, doors.done]).toEqual([[], []]);
  });

  it.each<[string, (doors: ReturnType<typeof doorsWith>) => void]>([
    ['made', ({ rules }) => rules.clear()],
    ['given more', ({ accounts }) => void accounts.set(ACCOUNT.account, { isEnabled: true, entries: [] })],
  ])(
    'are not %s where nobody approved it as things are now, whatever the register says',
    async (_, change) => {
      const doors = doorsWith(HANDED_OVER);
      change(doors);
      const { admission } = doors.ports.settings;
      const autoApproval = { ...admission.autoApproval, allowEndsByController: false };
      const settings = { ...doors.ports.settings, admission: { ...admission, autoApproval } };
      await expect(settle(doors, { ...doors.ports, settings })).rejects.toMatchObject({
        code: 'NOT_APPROVED',
      });
      expect(doors.done).toEqual([]);
    },
  );
});

describe('a side door under whose name somebody else has made something', () => {
  it('is not taken for ours', async () => {
    const doors = doorsWith(GRANTED);
    await expect(settle(doors)).rejects.toMatchObject({ code: 'NOT_OURS' });
    expect(doors.done).toEqual([]);
  });

  it('may be ours where the register was written to since it was read: that is read again', async () => {
    const doors = doorsWith(GRANTED);
    const since = chainOf([...GRANTED, doorsIntended([ACCOUNT], [RULE])], contractId).slice(GRANTED.length);
    for (const one of since)
      doors.cloud.evidence.set(
        `contracts/${contractId}/${String(one.seq).padStart(8, '0')}.json`,
        JSON.stringify(one),
      );
    await expect(settle(doors)).rejects.toMatchObject({ code: 'CONFLICT', retriable: true });
    expect(doors.done).toEqual([]);
  });
});

describe('a rule that only wants switching on, where nobody would approve it as things are now', () => {
  type Doors = ReturnType<typeof doorsWith>;
  const change = (doors: Doors, how: (role: Role) => Partial<Role>): void => {
    const role = doors.cloud.roles.get(roleName) as Role;
    doors.cloud.setRole(roleName, { ...role, ...how(role) });
  };
  /** Whether it is on after all, with the role as it was approved but for `change`. */
  async function isOnAfter(changed: (doors: Doors) => void) {
    const doors = doorsWith(HANDED_OVER);
    const { cloud, contract, rules } = doors;
    const { admission } = doors.ports.settings;
    const autoApproval = { ...admission.autoApproval, allowEndsByController: false };
    const settings = { ...doors.ports.settings, admission: { ...admission, autoApproval } };
    const wanted = wantedAccess(contract, plan, settings);
    for (const { name, text } of wanted.policies) cloud.policies.set(name, policyOf(text, wanted.tags));
    const { trust, maxSessionSeconds, tags, attachments: attached } = wanted;
    cloud.setRole(roleName, { id: 'role-1', trust, maxSessionSeconds, tags, attached });
    rules.set(RULE.rule, { ...ruleOf(RULE), isEnabled: false });
    changed(doors);
    await settle(doors, { ...doors.ports, settings }).catch(() => undefined);
    return rules.get(RULE.rule)?.isEnabled;
  }

  it('is switched on while the role is as it was approved', async () => {
    expect(await isOnAfter(() => undefined)).toBe(true);
  });
  it.each<[string, (doors: Doors) => void]>([
    [
      'a stop is on the role: the register alone says that it was lifted',
      (doors) =>
        change(doors, ({ attached }) => ({
          attached: [...attached, { policy: { type: 'Custom', name: 'leasehold-suspended' } }],
        })),
    ],
    [
      'the role has less than what the register says was approved',
      (doors) => change(doors, () => ({ attached: [] })),
    ],
  ])('stays off where %s', async (_, changed) => {
    expect(await isOnAfter(changed)).toBe(false);
  });
});

describe('a side door that was opened under the hands of another writer', () => {
  const off = () => {
    const doors = doorsWith(HANDED_OVER);
    doors.rules.set(RULE.rule, { ...ruleOf(RULE), isEnabled: false });
    return doors;
  };

  it('is closed again where he has suspended the contract', async () => {
    const doors = off();
    const { isSettled } = await settle(doors, overtakenBy(doors, HANDED_OVER, [suspending('s')]));
    expect(isSettled).toBe(false);
    expect([doors.rules.get(RULE.rule)?.isEnabled, doors.accounts.size]).toEqual([false, 0]);
  });
  it.each([
    ['', [], 'ACCESS_NOT_VERIFIED'],
    [', and is looked at again where he may have closed it', [suspending('s')], 'CONFLICT'],
  ])('is not said to be open as long as it reads back otherwise%s', async (_, facts, code) => {
    const doors = off();
    const apply: Ports['routes']['apply'] = async () => {
      for (const one of chainOf([...HANDED_OVER, ...facts], contractId).slice(HANDED_OVER.length))
        doors.cloud.evidence.set(
          `contracts/${contractId}/${String(one.seq).padStart(8, '0')}.json`,
          JSON.stringify(one),
        );
    };
    const routes = { ...doors.ports.routes, apply };
    await expect(settle(doors, { ...doors.ports, routes })).rejects.toMatchObject({ code });
  });
  it('is taken away where he has begun its end, which may have been through', async () => {
    const doors = off();
    const { isSettled } = await settle(doors, overtakenBy(doors, HANDED_OVER, [ending('end')]));
    expect([isSettled, doors.rules.size, doors.accounts.size]).toEqual([false, 0, 0]);
  });
  it('stays where what he wrote changes nothing about it', async () => {
    const doors = off();
    const warned = fact('warned', { days: 30, expiresAt: '2027-06-01T00:00:00Z' as never });
    const { isSettled } = await settle(doors, overtakenBy(doors, HANDED_OVER, [warned]));
    expect([isSettled, doors.rules.get(RULE.rule)?.isEnabled]).toEqual([true, true]);
  });
  it('is not said to be settled where other terms hold by then', async () => {
    const doors = off();
    const amendment = HANDED_OVER.length + 1;
    const others = [amendmentRequested(1), approved(amendment), amending(1), amended(1)];
    const { isSettled, contract } = await settle(doors, overtakenBy(doors, HANDED_OVER, others));
    expect([isSettled, contract.terms?.seq, contract.seq]).toEqual([false, amendment, amendment + 3]);
  });
});
