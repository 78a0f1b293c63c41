import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ports } from '../../shared/cloud/ports.js';
import type { AclEntry } from '../../shared/domain/data-plane.js';
import type { DriftFinding } from '../../shared/domain/fact.js';
import type { Grant } from '../../shared/domain/grant.js';
import { suspend } from '../support/changes.js';
import { stage } from '../support/drift-stage.js';
import { OWNER, REGION } from '../support/requests.js';
import {
  accountsIn,
  grantee,
  kafkaDoor,
  LETS_ALL_THROUGH,
  logOn,
  portsAsRoot,
  rocketmqDoor,
  ruleDoor,
  rulesOn,
} from '../support/side-doors.js';

const entry = (resourceName: string, operation = 'Write'): AclEntry => ({
  resourceType: 'Topic',
  resourceName,
  match: 'exact',
  operation,
  effect: 'allow',
  from: [],
});

/** What people do to side doors by hand, and what Leasehold says of it and does. */
const doorStage = (onDrift: string) => {
  const base = stage({ ...LETS_ALL_THROUGH, LEASEHOLD_ON_DRIFT: onDrift });
  let ports: Ports;
  const world = () => base.world();
  const rule = async (id: string) => (await world().contract(id)).sideDoors.routes[0]!;
  return {
    ...base,
    start: async () => {
      await base.start();
      ports = portsAsRoot(world());
    },
    /** With the account that was handed over, where there is one. */
    begin: async (id: string, ...grants: readonly Grant[]) => {
      await world().onboard(id, { grantee, grants });
      const [account] = await accountsIn(await world().hear(id, 'granted', 'failed'));
      await world().calm();
      return account;
    },
    account: async (id: string) => (await world().contract(id)).sideDoors.accounts[0]!,
    rule,
    onAccount: async (id: string, step: Parameters<Ports['dataPlanes']['apply']>[2]) => {
      const [known] = (await world().contract(id)).sideDoors.accounts;
      await ports.dataPlanes.apply(known!.instance, known!.account, step);
    },
    onRule: async (id: string, action: string, params: Readonly<Record<string, string>> = {}) => {
      const { eventBus, rule: name } = await rule(id);
      const { cloud, accounts } = world().cloud;
      const query = { EventBusName: eventBus, RuleName: name, ...params };
      await cloud.call(accounts.rootOf(OWNER), '2020-04-01', action, query, REGION);
    },
    state: async (id: string) => (await rulesOn(world()))[(await rule(id)).rule],
    look: async (id: string) => {
      await base.ask(id);
      await world().calm();
      const found = await base.found(id);
      return { codes: found?.findings.map(({ code }: DriftFinding) => code), action: found?.action };
    },
  };
};

describe('a rule of a lease that begins while contracts are suspended for drift', () => {
  const at = doorStage('suspend');
  beforeAll(() => at.start());
  afterAll(() => at.close());

  it('is switched on by whoever opens it, and is no drift until then, whose turn ever comes first', async () => {
    const now = at.world().clock.now();
    const inHours = (hours: number) => new Date(now + hours * 3_600_000).toISOString().replace('.000', '');
    const lease = { startsAt: inHours(2), expiresAt: inHours(40 * 24) };
    await at.world().onboard('B-rule', { grantee, grants: [ruleDoor()], lease } as never);
    await at.world().hear('B-rule', 'granted');
    // As after an outage: the hourly round and the minute's tick come at once.
    await at.world().jumpTo(now + 3 * 3_600_000);
    await at.world().settle();
    expect(await at.state('B-rule')).toBe('ENABLE');
    expect((await at.world().contract('B-rule')).state).toBe('active');
    expect(at.told('B-rule')).toEqual([]);
  });
});

describe('side doors that were changed by hand, where drift is healed', () => {
  const at = doorStage('heal');
  beforeAll(() => at.start());
  afterAll(() => at.close());

  it.each([
    ['kafka', kafkaDoor, 'Write'],
    ['rocketmq5', rocketmqDoor, 'Pub'],
  ] as const)(
    'lose what an account of %s was given besides, and get back what it lost',
    async (product, door, operation) => {
      const id = `H-${product}`;
      const account = await at.begin(id, door());
      await at.onAccount(id, { kind: 'addEntry', entry: entry('invoices', operation) });
      await at.onAccount(id, { kind: 'removeEntry', entry: (await at.account(id)).entries[0]! });
      expect(logOn(at.world(), account!, 'invoices')).toBe('allowed');
      expect(await at.look(id)).toEqual({ codes: ['ACL_CHANGED', 'ACL_CHANGED'], action: 'healed' });
      expect([logOn(at.world(), account!), logOn(at.world(), account!, 'invoices')]).toEqual([
        'allowed',
        'NO_RIGHT',
      ]);
      expect((await at.world().contract(id)).drift).toBeUndefined();
    },
  );

  it('are switched on again, with the pattern and the target that were approved', async () => {
    await at.begin('H-rule', ruleDoor());
    await at.onRule('H-rule', 'UpdateRule', { FilterPattern: '{"type":["other"]}' });
    await at.onRule('H-rule', 'DisableRule');
    expect(await at.look('H-rule')).toEqual({ codes: ['RULE_CHANGED', 'DOOR_SHUT'], action: 'healed' });
    expect(await at.state('H-rule')).toBe('ENABLE');
  });

  it('get a rule back that was deleted', async () => {
    await at.begin('H-rule-gone', ruleDoor());
    await at.onRule('H-rule-gone', 'DeleteRule');
    expect((await at.look('H-rule-gone')).codes).toEqual(['RULE_GONE']);
    expect(await at.state('H-rule-gone')).toBe('ENABLE');
  });

  it('tell that an account is gone, which only a hand-over can make again', async () => {
    await at.begin('H-gone', kafkaDoor());
    await at.onAccount('H-gone', { kind: 'deleteAccount' });
    expect(await at.look('H-gone')).toEqual({ codes: ['ACCOUNT_GONE'], action: 'reported' });
    const event = at.told('H-gone').at(-1);
    expect(event?.data['next']).toContain('suspend and resume');
  });

  it('tell of a target that somebody else put on a rule, and leave it', async () => {
    await at.begin('H-target', ruleDoor());
    const target = {
      Id: 'copy',
      Type: 'https',
      Endpoint: 'https://127.0.0.1:1/in',
      ParamList: [
        { ResourceKey: 'url', Form: 'CONSTANT', Value: 'https://127.0.0.1:1/in' },
        { ResourceKey: 'Network', Form: 'CONSTANT', Value: 'PublicNetwork' },
        { ResourceKey: 'Body', Form: 'ORIGINAL' },
      ],
    };
    await at.onRule('H-target', 'PutTargets', { Targets: JSON.stringify([target]) });
    expect(await at.look('H-target')).toEqual({ codes: ['FOREIGN_TARGET'], action: 'reported' });
    await at.world().terminate('H-target');
    const revoked = await at.world().hear('H-target', 'revoked');
    expect(revoked.data['foreign']).toEqual([expect.stringContaining('target copy on rule lh-')]);
  });
});

describe('side doors that were changed by hand, where drift is only told', () => {
  const at = doorStage('report');
  beforeAll(() => at.start());
  afterAll(() => at.close());

  it('stay as they are while the contract is open', async () => {
    const account = await at.begin('T-open', kafkaDoor());
    await at.onAccount('T-open', { kind: 'addEntry', entry: entry('invoices') });
    expect(await at.look('T-open')).toEqual({ codes: ['ACL_CHANGED'], action: 'reported' });
    expect(logOn(at.world(), account!, 'invoices')).toBe('allowed');
  });

  it('are closed again when they were opened under a suspension', async () => {
    const account = await at.begin('T-stop', rocketmqDoor(), ruleDoor());
    await suspend(at.world(), 'T-stop', 't-stop');
    await at.world().hear('T-stop', 'suspended');
    await at.onAccount('T-stop', { kind: 'setEnabled', isEnabled: true });
    await at.onAccount('T-stop', { kind: 'addEntry', entry: entry('orders', 'Pub') });
    await at.onRule('T-stop', 'EnableRule');
    expect(logOn(at.world(), account!)).toBe('allowed');
    expect(await at.look('T-stop')).toEqual({ codes: ['DOOR_OPEN', 'DOOR_OPEN'], action: 'stopped-again' });
    expect(logOn(at.world(), account!)).toBe('ACCOUNT_DISABLED');
    expect(await at.state('T-stop')).toBe('DISABLE');
  });
});

describe('side doors that were changed by hand, where drift suspends', () => {
  const at = doorStage('suspend');
  beforeAll(() => at.start());
  afterAll(() => at.close());

  it('are closed with the role', async () => {
    const account = await at.begin('S-open', kafkaDoor());
    await at.onAccount('S-open', { kind: 'addEntry', entry: entry('invoices') });
    expect((await at.look('S-open')).action).toBe('suspended');
    await at.world().hear('S-open', 'suspended');
    expect(logOn(at.world(), account!)).toBe('BAD_CREDENTIALS');
  });
});
