import { describe, expect, it } from 'vitest';
import { lookForDoorDrift, mendDoors } from '../../../shared/app/side-doors/door-drift.js';
import { doorsIntended, fact, leasedFrom, suspending } from '../../domain/facts.js';
import {
  ACCOUNT,
  doorsWith,
  GRANTED,
  HANDED_OVER,
  plan,
  RULE,
  ruleOf,
} from '../../support/small-cloud/doors.js';

type Doors = ReturnType<typeof doorsWith>;
const SUSPENDED = [
  ...HANDED_OVER,
  suspending('s'),
  fact('suspended', { suspension: 's', witness: 'w', unseen: [] }),
];
const [ENTRY] = ACCOUNT.entries;
const extra = { ...ENTRY!, resourceName: 'others' };
/** What is found where `change` was made to what is there. */
async function drift(facts: typeof HANDED_OVER, change: (doors: Doors) => void) {
  const doors = doorsWith(facts);
  change(doors);
  const found = await lookForDoorDrift(doors.contract, plan, doors.ports);
  return {
    codes: found.findings.map(({ code }) => code),
    steps: found.steps.map(({ step }) => step.kind),
    isOpen: found.isOpen,
    widens: found.findings.some(({ widens = [] }) => widens.length > 0),
    mended: async () => {
      await mendDoors(found, doors.ports);
      return lookForDoorDrift(doors.contract, plan, doors.ports);
    },
  };
}
const setAccount =
  (change: object) =>
  ({ accounts }: Doors) =>
    void accounts.set(ACCOUNT.account, { isEnabled: true, entries: ACCOUNT.entries, ...change });
const setRule =
  (change: object) =>
  ({ rules }: Doors) =>
    void rules.set(RULE.rule, { ...ruleOf(RULE), ...change });
const asIs = () => undefined;

describe('side doors that are open as they should be', () => {
  it('have not drifted', async () => {
    expect(await drift(HANDED_OVER, asIs)).toMatchObject({ codes: [], steps: [], isOpen: false });
  });

  it.each<[string, (doors: Doors) => void, object]>([
    [
      'an entry is missing',
      setAccount({ entries: ACCOUNT.entries.slice(1) }),
      { codes: ['ACL_CHANGED'], steps: ['addEntry'], widens: false },
    ],
    [
      'an entry is too many',
      setAccount({ entries: [...ACCOUNT.entries, extra] }),
      { codes: ['ACL_CHANGED'], steps: ['removeEntry'], widens: true },
    ],
    ['an account is off', setAccount({ isEnabled: false }), { codes: ['DOOR_SHUT'], steps: ['setEnabled'] }],
    // Only the next hand-over makes a password.
    [
      'an account is gone',
      ({ accounts }) => accounts.clear(),
      { codes: ['ACCOUNT_GONE', 'ACL_CHANGED'], steps: [] },
    ],
    [
      'ACLs bind nobody',
      ({ is }) => void Object.assign(is, { aclOn: false }),
      { codes: ['ACL_OFF'], widens: true },
    ],
    ['a rule is off', setRule({ isEnabled: false }), { codes: ['DOOR_SHUT'], steps: ['setEnabled'] }],
    [
      'a rule is gone',
      ({ rules }) => rules.clear(),
      { codes: ['RULE_GONE'], steps: ['createRule', 'setEnabled'] },
    ],
    [
      'a rule takes other events',
      setRule({ pattern: '{"type":["x"]}' }),
      { codes: ['RULE_CHANGED'], widens: true },
    ],
    [
      'a rule leads elsewhere too',
      ({ rules }) =>
        void rules.set(RULE.rule, {
          ...ruleOf(RULE),
          targets: [...ruleOf(RULE).targets, { id: 'his', retries: 'briefly' }],
        }),
      { codes: ['FOREIGN_TARGET'], steps: [], widens: true },
    ],
  ])('have drifted where %s', async (_, change, found) => {
    expect(await drift(HANDED_OVER, change)).toMatchObject({ ...found, isOpen: false });
  });

  it.each<[string, (doors: Doors) => void]>([
    ['an entry is missing', setAccount({ entries: [] })],
    ['a rule is gone', ({ rules }) => rules.clear()],
  ])('are mended where %s', async (_, change) => {
    const { mended } = await drift(HANDED_OVER, change);
    expect((await mended()).findings).toEqual([]);
  });
});

describe('side doors of a contract that is suspended', () => {
  it('have not drifted while the account is gone, as Kafka has it, and the rule off', async () => {
    const found = await drift(SUSPENDED, (doors) => {
      doors.accounts.clear();
      setRule({ isEnabled: false })(doors);
    });
    expect(found).toMatchObject({ codes: [], isOpen: false });
  });
  it.each<[string, (doors: Doors) => void]>([
    ['an account is on', setRule({ isEnabled: false })],
    ['a rule is on', ({ accounts }) => accounts.clear()],
  ])('are open where they should not be, if %s', async (_, change) => {
    const { mended, ...found } = await drift(SUSPENDED, change);
    expect(found).toMatchObject({ codes: ['DOOR_OPEN'], isOpen: true, widens: true });
    expect((await mended()).isOpen).toBe(false);
  });
});

describe('an account whose password nobody holds', () => {
  const unheld = [...GRANTED, doorsIntended([ACCOUNT], [RULE]), fact('handed-over', { of: 1 })];

  it('is told and deleted, and none is made in its place', async () => {
    const found = await drift(unheld, setAccount({ entries: [] }));
    expect(found).toMatchObject({ codes: ['ACCOUNT_UNCLAIMED'], steps: ['deleteAccount'] });
  });
  it('is somebody’s work while it is to be handed over', async () => {
    const owed = [...GRANTED, doorsIntended([ACCOUNT], [RULE])];
    expect(await drift(owed, setAccount({ entries: [] }))).toMatchObject({ codes: [], steps: [] });
  });
});

describe('side doors that are to be opened still', () => {
  const { lease } = leasedFrom(3600);
  const later = HANDED_OVER.map((one) =>
    one.kind === 'requested'
      ? { ...one, data: { ...one.data, request: { ...one.data.request, lease } } }
      : one,
  ) as typeof HANDED_OVER;
  const closed = (doors: Doors): void => {
    doors.cloud.now = Date.parse(lease.startsAt);
    setAccount({ isEnabled: false, entries: [] })(doors);
    setRule({ isEnabled: false })(doors);
  };
  const look = async (facts: typeof HANDED_OVER) => {
    const doors = doorsWith(facts);
    closed(doors);
    return (await lookForDoorDrift(doors.contract, { ...plan, lease }, doors.ports)).findings;
  };

  it('have not drifted when the lease has just begun: the sweep opens them', async () => {
    expect(await look(later)).toEqual([]);
  });
  it('have drifted once they were', async () => {
    const codes = (
      await look([...later, fact('opened', { proofs: [] }), fact('handed-over', { of: later.length + 1 })])
    ).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(['ACL_CHANGED', 'DOOR_SHUT']));
  });
});
