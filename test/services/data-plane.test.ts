import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/domain/canonical-json.js';
import type { AclEntry, DataPlaneStep, ObservedDataPlane } from '../../shared/domain/data-plane.js';
import type { KafkaGrant, RocketmqGrant } from '../../shared/domain/grant.js';
import { parseContractId, parseRegion } from '../../shared/domain/values.js';
import {
  type DataPlaneAccount,
  type DataPlaneGoal,
  type DataPlaneStanding,
  dataPlaneAccounts,
  entryText,
  instanceText,
  openingRefusals,
  planDataPlane,
} from '../../shared/services/index.js';
import { eventbridge, kafka, rabbitmq, rocketmq4, rocketmq5, slb, validGrant } from './grants.js';

const contractId = parseContractId('C-2026-0142');
const dataPlane = { endsByController: true } as const;
const publishing = (own: Partial<KafkaGrant> = {}) =>
  kafka({ access: 'publish', topics: ['orders'], dataPlane, ...own });
const subscribing = (own: Partial<RocketmqGrant> = {}) =>
  rocketmq5({ access: 'subscribe', topics: ['orders'], groups: ['globex'], dataPlane, ...own });
const accountOf = (grant: KafkaGrant | RocketmqGrant): DataPlaneAccount =>
  dataPlaneAccounts(contractId, [grant], [])[0]!;

const entry = (own: Partial<AclEntry> = {}): AclEntry => ({
  resourceType: 'Topic',
  resourceName: 'orders',
  match: 'exact',
  operation: 'Write',
  effect: 'allow',
  from: [],
  ...own,
});
const observed = (own: Partial<ObservedDataPlane> = {}): ObservedDataPlane => ({
  isAclOn: true,
  entries: [],
  forEveryone: [],
  ...own,
});
const NEW: DataPlaneStanding = { isIntended: true, isHandedOver: false };
const KNOWN: DataPlaneStanding = { isIntended: true, isHandedOver: true };
const STRANGE: DataPlaneStanding = { isIntended: false, isHandedOver: false };

const stepsTo = (
  goal: DataPlaneGoal,
  wanted: DataPlaneAccount,
  there: ObservedDataPlane | undefined,
  standing: DataPlaneStanding,
): readonly DataPlaneStep[] => {
  const plan = planDataPlane(wanted, there, goal, standing);
  if (plan.outcome === 'refused') throw new Error(plan.reasons.map(({ code }) => code).join());
  return plan.steps;
};
const refusal = (there: ObservedDataPlane | undefined, standing = NEW) => {
  const plan = planDataPlane(accountOf(publishing()), there, 'open', standing);
  return plan.outcome === 'refused' ? plan.reasons.map(({ code }) => code) : [];
};
const kindsOf = (steps: readonly DataPlaneStep[]) => steps.map(({ kind }) => kind);

describe('the account that a grant needs', () => {
  it('may on Kafka write to exactly the topics, or read them with exactly the groups', () => {
    expect(accountOf(publishing({ topics: ['b', 'a'] })).entries).toEqual([
      entry({ resourceName: 'a' }),
      entry({ resourceName: 'b' }),
    ]);
    expect(
      accountOf(publishing({ access: 'subscribe', groups: ['g'] })).entries.map(
        ({ resourceType, operation }) => [resourceType, operation],
      ),
    ).toEqual([
      ['Group', 'Read'],
      ['Topic', 'Read'],
    ]);
  });

  it('is on the instance of the grant', () => {
    expect(accountOf(publishing()).instance).toEqual({
      product: 'kafka',
      region: 'cn-hangzhou',
      instanceId: 'alikafka_pre-cn-x1',
    });
  });

  it('may on RocketMQ 5.x publish, or subscribe with its groups', () => {
    expect(accountOf(subscribing()).entries).toEqual([
      entry({ resourceType: 'Group', resourceName: 'globex', operation: 'Sub' }),
      entry({ operation: 'Sub' }),
    ]);
    expect(accountOf(rocketmq5({ access: 'publish', topics: ['t'], dataPlane })).entries).toEqual([
      entry({ resourceName: 't', operation: 'Pub' }),
    ]);
    expect(accountOf(subscribing()).instance).toEqual({
      product: 'rocketmq5',
      region: 'cn-hangzhou',
      instanceId: 'rmq-cn-x1',
    });
  });

  it('holds on RabbitMQ the policies of the contract, which RAM judges it by', () => {
    const staying = rabbitmq({ access: 'publish', dataPlane: { ...dataPlane, staticAccount: true } });
    const [account] = dataPlaneAccounts(contractId, [staying, staying], ['lease-x-2', 'lease-x-1']);
    expect(account).toMatchObject({
      instance: { product: 'rabbitmq', instanceId: staying.instanceId },
      pausesBy: 'disabling',
      entries: ['lease-x-1', 'lease-x-2'].map((resourceName) =>
        entry({ resourceType: 'RAM policy', resourceName, operation: 'Use' }),
      ),
    });
  });

  it('is none for what RAM governs, and where none was asked for', () => {
    expect(
      dataPlaneAccounts(
        contractId,
        [
          rabbitmq({ access: 'publish' }),
          kafka(),
          rocketmq5(),
          // No such request is granted; were it, RAM would still be who decides.
          rocketmq4({ access: 'publish', topics: ['t'], dataPlane }),
          eventbridge(),
          slb(),
          { systemPolicy: 'AliyunKafkaReadOnlyAccess' },
        ],
        ['lease-x-1'],
      ),
    ).toEqual([]);
  });

  it('is told with what no account can keep out', () => {
    const staying = rabbitmq({ access: 'publish', dataPlane: { ...dataPlane, staticAccount: true } });
    expect(accountOf(publishing()).caveat).toContain('port 9092');
    expect(accountOf(subscribing()).caveat).toContain('without authentication');
    expect(dataPlaneAccounts(contractId, [staying], [])[0]?.caveat).toContain('all that this contract lets');
  });

  it('is one for grants of one level on one instance, and keeps its name when topics are added', () => {
    const [one, ...others] = dataPlaneAccounts(
      contractId,
      [publishing(), publishing({ topics: ['invoices'] })],
      [],
    );
    expect(others).toEqual([]);
    expect(one?.entries.map(({ resourceName }) => resourceName)).toEqual(['invoices', 'orders']);
    expect(one?.account).toBe(accountOf(publishing()).account);
  });

  it('has another name for another contract, instance, region or level, within the limits of both products', () => {
    const names = [
      publishing(),
      publishing({ instanceId: 'alikafka_x2' }),
      publishing({ region: parseRegion('eu-central-1') }),
      publishing({ access: 'subscribe', groups: ['g'] }),
      subscribing(),
    ].map((grant) => accountOf(grant).account);
    const other = dataPlaneAccounts(parseContractId('C-2026-0143'), [publishing()], [])[0]!.account;
    expect(new Set([...names, other]).size).toBe(6);
    for (const name of names) expect(name).toMatch(/^lh-[0-9a-f]{16}$/);
  });
});

describe('opening', () => {
  const wanted = accountOf(publishing());

  it('makes the account, then what it may', () => {
    expect(stepsTo('open', wanted, observed(), NEW)).toEqual([
      { kind: 'createAccount' },
      { kind: 'addEntry', entry: entry() },
    ]);
  });

  it('makes an account anew of which a part is missing', () => {
    const broken = observed({ account: { isEnabled: false, isBroken: true }, entries: [entry()] });
    expect(kindsOf(stepsTo('open', wanted, broken, KNOWN))).toEqual([
      'removeEntry',
      'deleteAccount',
      'createAccount',
      'addEntry',
    ]);
  });

  it('makes an account anew whose password was never handed over', () => {
    const there = observed({ account: { isEnabled: true }, entries: [entry()] });
    expect(kindsOf(stepsTo('open', wanted, there, NEW))).toEqual([
      'removeEntry',
      'deleteAccount',
      'createAccount',
      'addEntry',
    ]);
    expect(stepsTo('open', wanted, there, KNOWN)).toEqual([]);
  });

  it('takes away what drifted before it adds what is missing', () => {
    const there = observed({
      account: { isEnabled: true },
      entries: [entry({ match: 'prefix' }), entry({ resourceName: 'invoices' })],
    });
    expect(kindsOf(stepsTo('open', wanted, there, KNOWN))).toEqual([
      'removeEntry',
      'removeEntry',
      'addEntry',
    ]);
  });

  it('is refused with every reason where it cannot be', () => {
    expect(refusal(undefined)).toEqual(['NO_INSTANCE']);
    expect(refusal(observed({ isAclOn: false }))).toEqual(['ACL_OFF']);
    expect(refusal(observed({ account: { isEnabled: true } }), STRANGE)).toEqual(['NAME_TAKEN']);
    expect(refusal(observed({ entries: [entry()] }), STRANGE)).toEqual(['NAME_TAKEN']);
    expect(refusal(observed({ isAclOn: false, account: { isEnabled: true } }), STRANGE)).toEqual([
      'ACL_OFF',
      'NAME_TAKEN',
    ]);
    expect(refusal(observed(), STRANGE)).toEqual([]);
  });

  it('says what the instance gives everybody besides', () => {
    const everything = entry({ resourceName: '*', operation: 'Read' });
    const some = entry({ resourceName: 'shop-', match: 'prefix' });
    const plan = planDataPlane(
      wanted,
      observed({ forEveryone: [everything, some, entry(), entry({ effect: 'deny' })] }),
      'open',
      NEW,
    );
    const everybody = `every account of Kafka instance ${wanted.instance.instanceId} may`;
    expect(plan).toEqual({
      outcome: 'steps',
      steps: [{ kind: 'createAccount' }, { kind: 'addEntry', entry: entry() }],
      unavoidablyWider: [`${everybody} Read Topic *`, `${everybody} Write Topic shop-…`],
    });
  });
});

describe('pausing and resuming', () => {
  it('deletes a SASL user, which nothing switches off, and makes it again', () => {
    const wanted = accountOf(publishing());
    const there = observed({ account: { isEnabled: true }, entries: [entry()] });
    expect(kindsOf(stepsTo('suspended', wanted, there, KNOWN))).toEqual(['removeEntry', 'deleteAccount']);
    expect(kindsOf(stepsTo('open', wanted, observed(), NEW))).toEqual(['createAccount', 'addEntry']);
    // Whoever pauses opens nothing, so that nothing is wider.
    expect(planDataPlane(wanted, there, 'suspended', KNOWN)).toMatchObject({
      outcome: 'steps',
      unavoidablyWider: [],
    });
  });

  it('switches a RocketMQ account off and on, so that its password stays good', () => {
    const wanted = accountOf(subscribing());
    const there = observed({ account: { isEnabled: true }, entries: wanted.entries });
    expect(kindsOf(stepsTo('suspended', wanted, there, KNOWN))).toEqual([
      'removeEntry',
      'removeEntry',
      'setEnabled',
    ]);
    expect(kindsOf(stepsTo('open', wanted, observed({ account: { isEnabled: false } }), KNOWN))).toEqual([
      'addEntry',
      'addEntry',
      'setEnabled',
    ]);
  });
});

describe('ending', () => {
  const wanted = accountOf(publishing());
  it('does not wait for an ACL that is off, nor for an instance that is gone', () => {
    expect(
      kindsOf(stepsTo('gone', wanted, observed({ isAclOn: false, account: { isEnabled: true } }), KNOWN)),
    ).toEqual(['deleteAccount']);
    expect(stepsTo('gone', wanted, undefined, KNOWN)).toEqual([]);
  });

  it('touches nothing that bears the name without our intent', () => {
    const there = observed({ account: { isEnabled: true }, entries: [entry()] });
    expect(stepsTo('gone', wanted, there, STRANGE)).toEqual([]);
    expect(stepsTo('suspended', wanted, there, STRANGE)).toEqual([]);
  });
});

describe('an instance and an entry in words', () => {
  it.each([
    [publishing(), 'Kafka instance alikafka_pre-cn-x1 (cn-hangzhou)'],
    [subscribing(), 'RocketMQ 5.x instance rmq-cn-x1 (cn-hangzhou)'],
  ])('names product, instance and region (%#)', (grant, text) => {
    expect(instanceText(accountOf(grant).instance)).toBe(text);
  });

  it.each<[Partial<AclEntry>, string]>([
    [{}, 'Write on Topic orders'],
    [{ match: 'prefix' }, 'Write on Topic orders…'],
    [{ effect: 'deny' }, 'no Write on Topic orders'],
    [{ from: ['10.0.0.1', '10.0.0.2'] }, 'Write on Topic orders from 10.0.0.1, 10.0.0.2'],
    [
      { operation: 'Pub|Sub', resourceName: 'a', match: 'prefix', effect: 'deny', from: ['10.0.0.1'] },
      'no Pub|Sub on Topic a… from 10.0.0.1',
    ],
  ])('says what %o lets', (own, text) => {
    expect(entryText(entry(own))).toBe(text);
  });

  it('names the place where opening is refused', () => {
    const wanted = accountOf(publishing());
    const messages = (there: ObservedDataPlane | undefined) =>
      openingRefusals(wanted, there, STRANGE).map(({ message }) => message);
    const taken = observed({ isAclOn: false, account: { isEnabled: true } });
    for (const message of [...messages(undefined), ...messages(taken)])
      expect(message).toContain('Kafka instance alikafka_pre-cn-x1 (cn-hangzhou)');
    expect(messages(taken)[1]).toContain(wanted.account);
  });
});

/** An instance with several accounts, as plain data: what the steps would make of it. */
interface Instance {
  readonly accounts: Readonly<Record<string, { readonly isEnabled: boolean }>>;
  readonly acl: readonly { readonly account: string; readonly entry: AclEntry }[];
}
const look = (instance: Instance, account: string): ObservedDataPlane => ({
  isAclOn: true,
  ...(instance.accounts[account] === undefined ? {} : { account: instance.accounts[account] }),
  entries: instance.acl.filter((one) => one.account === account).map((one) => one.entry),
  forEveryone: [],
});
const others = (instance: Instance, account: string): Instance => {
  const { [account]: _, ...accounts } = instance.accounts;
  return { accounts, acl: instance.acl.filter((one) => one.account !== account) };
};
const doing = (instance: Instance, account: string, steps: readonly DataPlaneStep[]): Instance =>
  steps.reduce((at, step) => doingOne(at, account, step), instance);
function doingOne({ accounts, acl }: Instance, account: string, step: DataPlaneStep): Instance {
  switch (step.kind) {
    case 'createAccount':
      if (accounts[account] !== undefined) throw new Error('made over an account that is there');
      return { accounts: { ...accounts, [account]: { isEnabled: true } }, acl };
    case 'setEnabled':
      return { accounts: { ...accounts, [account]: { isEnabled: step.isEnabled } }, acl };
    case 'deleteAccount': {
      const { [account]: gone, ...rest } = accounts;
      if (gone === undefined) throw new Error('deleted an account that is not there');
      return { accounts: rest, acl };
    }
    case 'addEntry':
      if (accounts[account] === undefined) throw new Error('an ACL for an account that is not there');
      return { accounts, acl: [...acl, { account, entry: step.entry }] };
    case 'removeEntry':
      return {
        accounts,
        acl: acl.filter(
          (one) => one.account !== account || canonicalJson(one.entry) !== canonicalJson(step.entry),
        ),
      };
  }
}

describe('the steps of any plan', () => {
  const grant = validGrant
    .filter((one) => 'dataPlane' in one && one.dataPlane !== undefined)
    .map((one) => one as KafkaGrant | RocketmqGrant);
  const anyEntry = fc.record({
    resourceType: fc.constantFrom('Topic', 'Group', 'Cluster'),
    resourceName: fc.constantFrom('a', 'x', 'orders', '*'),
    match: fc.constantFrom('exact' as const, 'prefix' as const),
    operation: fc.constantFrom('Write', 'Read', 'Pub', 'Sub', 'Pub|Sub'),
    effect: fc.constantFrom('allow' as const, 'deny' as const),
    from: fc.constantFrom([], ['10.0.0.1']),
  });
  const goal = fc.constantFrom<DataPlaneGoal>('open', 'suspended', 'gone');
  /** The account of the grant, another of ours, and a stranger's, each with something or nothing. */
  const world = grant.chain((one) => {
    const wanted = accountOf(one);
    const names = [wanted.account, 'lh-0000000000000000', 'admin'];
    return fc.record({
      wanted: fc.constant(wanted),
      goal,
      isHandedOver: fc.boolean(),
      instance: fc.record({
        accounts: fc.dictionary(fc.constantFrom(...names), fc.record({ isEnabled: fc.boolean() })),
        acl: fc.uniqueArray(
          fc.record({
            account: fc.constantFrom(...names),
            entry: fc.oneof(anyEntry, fc.constantFrom(...wanted.entries)),
          }),
          { selector: canonicalJson, maxLength: 8 },
        ),
      }),
    });
  });
  type Given = typeof world extends fc.Arbitrary<infer T> ? T : never;
  const law = (check: (given: Given) => void) => fc.assert(fc.property(world, check), { numRuns: 300 });

  it('converge: nothing is left to plan after them, also when the last one was cut short', () => {
    law(({ wanted, goal: to, isHandedOver, instance }) => {
      const steps = stepsTo(to, wanted, look(instance, wanted.account), { isIntended: true, isHandedOver });
      for (let done = 0; done <= steps.length; done++) {
        const begun = doing(instance, wanted.account, steps.slice(0, done));
        // A password that was made in a run that died is handed over by nobody.
        const died = done < steps.length && steps.slice(0, done).some(({ kind }) => kind === 'createAccount');
        const standing = { isIntended: true, isHandedOver: isHandedOver && !died };
        const rest = stepsTo(to, wanted, look(begun, wanted.account), standing);
        const ended = doing(begun, wanted.account, done === steps.length ? [] : rest);
        expect(stepsTo(to, wanted, look(ended, wanted.account), KNOWN)).toEqual([]);
      }
    });
  });

  it('are the same before and after the intent is written, of an account whose name is free', () => {
    law(({ wanted, isHandedOver, instance: { accounts, acl } }) => {
      const { [wanted.account]: _, ...others } = accounts;
      const free = { accounts: others, acl: acl.filter(({ account }) => account !== wanted.account) };
      const planned = (isIntended: boolean) =>
        stepsTo('open', wanted, look(free, wanted.account), { isIntended, isHandedOver });
      expect(planned(false)).toEqual(planned(true));
      expect(planned(false)).not.toEqual([]);
    });
  });

  it('leave every account and ACL of others as it was', () => {
    law(({ wanted, goal: to, isHandedOver, instance }) => {
      const steps = stepsTo(to, wanted, look(instance, wanted.account), { isIntended: true, isHandedOver });
      expect(others(doing(instance, wanted.account, steps), wanted.account)).toEqual(
        others(instance, wanted.account),
      );
    });
  });

  it('end with nothing of ours when it is to be gone, and with nothing that is of use when suspended', () => {
    law(({ wanted, goal: to, instance }) => {
      const ended = look(
        doing(instance, wanted.account, stepsTo(to, wanted, look(instance, wanted.account), KNOWN)),
        wanted.account,
      );
      if (to === 'gone') expect([ended.account, ended.entries]).toEqual([undefined, []]);
      if (to === 'suspended') expect([ended.account?.isEnabled ?? false, ended.entries]).toEqual([false, []]);
      if (to === 'open')
        expect([ended.account?.isEnabled, ended.entries.map(canonicalJson).sort()]).toEqual([
          true,
          wanted.entries.map(canonicalJson).sort(),
        ]);
    });
  });

  it('never hold more at any moment than before and after together', () => {
    law(({ wanted, goal: to, isHandedOver, instance }) => {
      const steps = stepsTo(to, wanted, look(instance, wanted.account), { isIntended: true, isHandedOver });
      const entriesOf = (at: Instance) => look(at, wanted.account).entries.map(canonicalJson);
      const allowed = new Set([...entriesOf(instance), ...entriesOf(doing(instance, wanted.account, steps))]);
      for (let done = 0; done <= steps.length; done++)
        for (const one of entriesOf(doing(instance, wanted.account, steps.slice(0, done))))
          expect(allowed).toContain(one);
    });
  });

  it('name exact topics and groups that were asked for, never a prefix nor everything', () => {
    fc.assert(
      fc.property(grant, (one) => {
        const named = [...(one.topics ?? []), ...(one.groups ?? [])];
        for (const { resourceName, match, effect } of accountOf(one).entries)
          expect([named.includes(resourceName), match, effect]).toEqual([true, 'exact', 'allow']);
      }),
    );
  });
});
