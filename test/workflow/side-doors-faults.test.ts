import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeDirectly } from '../../shared/app/ending/revoke-directly.js';
import { handOverAccess } from '../../shared/app/granting/hand-over-access.js';
import type { Ports } from '../../shared/cloud/ports.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import { failing } from '../../shared/loopback/dispatch.js';
import { hearNth, resume, suspend } from '../support/changes.js';
import { befalling, FAULTS, failEachOnce } from '../support/fail-once.js';
import { OWNER, REGION, request } from '../support/requests.js';
import {
  accountsIn,
  grantee,
  kafkaDoor,
  logOn,
  portsAsRoot,
  rocketmqDoor,
  ruleDoor,
  rulesOn,
  startDoors,
} from '../support/side-doors.js';
import type { World } from '../support/world.js';

let world: World;
let ports: Ports;
beforeAll(async () => {
  world = await startDoors();
  ports = portsAsRoot(world);
});
afterAll(() => world?.cloud.close());

const doors = [kafkaDoor(), rocketmqDoor(), ruleDoor()];
const idOf = (...parts: readonly string[]) => parts.join('-').replace(/[^A-Za-z0-9-]/g, '');
/** Calls of Function Compute's steps by paths carry no caller in this cloud's record; nobody else makes these. */
const isBy = (step: string, call: { readonly product: string; readonly callerArn?: string }): boolean =>
  call.product === 'RocketMQ' || call.callerArn?.includes(step) === true;
const rulesOf = async (id: string) => (await world.contract(id)).sideDoors.routes.map(({ rule }) => rule);

describe.each(
  befalling([
    'CreateSaslUser',
    'CreateAcl',
    'CreateInstanceAccount',
    'CreateInstanceAcl',
    'CreateRule',
    'EnableRule',
  ]),
)('as a side door is made, and $where once,', ({ where, actions, fault }) => {
  it('an onboarding ends with accounts that work and a rule that is on', async () => {
    const id = idOf('ON', where);
    const missed = failEachOnce(world, actions, fault);
    await world.onboard(id, { grantee, grants: doors });
    const accounts = await accountsIn(await world.hear(id, 'granted', 'failed'));
    expect(missed()).toEqual([]);
    expect(accounts.map((account) => logOn(world, account))).toEqual(['allowed', 'allowed']);
    const [rule] = await rulesOf(id);
    expect((await rulesOn(world))[rule!]).toBe('ENABLE');
    await world.terminate(id);
    await world.hear(id, 'revoked');
  });
});

describe('an onboarding with an account that is begun again while it', () => {
  it.each([
    ['looks for it', 'DescribeSaslUsers'],
    ['makes it', 'CreateSaslUser'],
    ['gives it rights', 'CreateAcl'],
    ['tells of it', 'PutEvents'],
  ])('%s tells once, of one that works', async (_, moment) => {
    const id = idOf('AGAIN', moment);
    let isHandingOver = false;
    let isBegunAgain = false;
    const undo = world.cloud.cloud.faults.add({
      before: async (call) => {
        isHandingOver ||= isBy('fn-grantee', call);
        if (isBegunAgain || !isHandingOver || call.action !== moment) return undefined;
        isBegunAgain = true;
        await world.onboard(id, { grantee, grants: [kafkaDoor()] });
        // Held on its way until the other is as far as it gets.
        await world.cloud.cloud.clock.sleep(5_000);
        return undefined;
      },
    });
    await world.onboard(id, { grantee, grants: [kafkaDoor()] });
    await world.settle();
    undo();
    expect(isBegunAgain).toBe(true);
    const told = world.outbox.heard.filter(({ subject }) => subject === id);
    expect(told.map(({ type }) => type)).toEqual(['partner.access.granted']);
    const [account] = await accountsIn(told[0]!);
    expect(logOn(world, account!)).toBe('allowed');
    await world.terminate(id);
    await world.hear(id, 'revoked');
  });
});

describe('an onboarding whose account could not be made', () => {
  it('is begun again by the same event, and need not wait for the one that gave up', async () => {
    const id = 'GIVEN-UP';
    const undo = world.cloud.cloud.faults.add({
      before: ({ action }) =>
        action === 'CreateSaslUser' ? { kind: 'error', status: 403, code: 'NoPermission' } : undefined,
    });
    await world.onboard(id, { grantee, grants: [kafkaDoor()] });
    await world.hear(id, 'failed');
    undo();
    const mended = world.clock.now();
    await world.onboard(id, { grantee, grants: [kafkaDoor()] });
    const [account] = await accountsIn(await hearNth(world, id, 'granted', 1));
    expect(world.clock.now() - mended).toBeLessThan(60_000);
    expect(logOn(world, account!)).toBe('allowed');
    await world.terminate(id);
    await world.hear(id, 'revoked');
  });
});

describe('a lease whose account cannot be made when it begins', () => {
  it('has that tried ever more seldom, so that its register stays small, and at once by hand', async () => {
    const id = 'REST';
    const startsAt = addSeconds(instantOf(world.clock.now()), 3600);
    await world.onboard(id, { grantee, grants: [kafkaDoor()], lease: { ...request().lease, startsAt } });
    await world.hear(id, 'granted');
    const full = { kind: 'error', status: 400, code: 'Quota.Exceeded' } as const;
    const undo = world.cloud.cloud.faults.add(failing({ action: 'CreateSaslUser' }, full));
    await world.clock.jumpTo(Date.parse(startsAt) + 60_000);
    await world.clock.jumpTo(Date.parse(startsAt) + 12 * 3_600_000);
    const triedIn = async () =>
      new Set(
        (await world.facts(id))
          .filter(({ kind }) => kind === 'handing-over')
          .map(({ at }) => at.slice(0, 13)),
      );
    const before = (await triedIn()).size;
    for (let hour = 0; hour < 6; hour++) await world.clock.jumpTo(world.clock.now() + 3_600_000);
    // A quarter of twelve hours is three.
    expect((await triedIn()).size - before).toBeLessThanOrEqual(2);
    undo();
    await handOverAccess(parseContractId(id), ports);
    expect(await accountsIn(await world.hear(id, 'opened'))).toHaveLength(1);
    await world.terminate(id);
    await world.hear(id, 'revoked');
  }, 60_000);
});

describe('an account in Kafka of which nothing tells whether it was made', () => {
  /** What becomes of the calls that make it, one after the other. */
  const befall = (...fates: readonly ('held' | 'lost' | 'maker dies')[]) => {
    const left = [...fates];
    return world.cloud.cloud.faults.add({
      before: async ({ action }) => {
        const fate = action === 'CreateSaslUser' ? left.shift() : undefined;
        // Longer than its caller waits.
        if (fate === 'held') await world.cloud.cloud.clock.sleep(30_000);
        if (fate === 'maker dies') world.cloud.functions.crash();
        return fate === undefined || fate === 'held' ? undefined : { kind: 'lost-request' };
      },
    });
  };

  it('is made anew once it is there, for it would replace the password that was told', async () => {
    const undo = befall('held');
    await world.onboard('LATE', { grantee, grants: [kafkaDoor()] });
    const [account] = await accountsIn(await hearNth(world, 'LATE', 'granted', 1));
    await world.calm();
    undo();
    expect(logOn(world, account!)).toBe('allowed');
    await world.terminate('LATE');
    await world.hear('LATE', 'revoked');
  });

  it.each([
    ['is lost', ['lost']],
    ['finds its maker dead', ['maker dies']],
    ['is lost, and of another whose maker dies', ['lost', 'maker dies']],
  ] as const)(
    'is made anew after twenty minutes, if nothing comes of a call that %s',
    async (what, fates) => {
      const id = idOf('NEVER', what);
      const undo = befall(...fates);
      const from = world.clock.now();
      await world.onboard(id, { grantee, grants: [kafkaDoor()] });
      const failed = await world.hear(id, 'failed');
      expect(failed.data).toMatchObject({ step: 'HandOverAccess', code: 'TryLaterError' });
      const [account] = await accountsIn(await hearNth(world, id, 'granted', 1));
      undo();
      // Instants in the register are whole seconds.
      expect(world.clock.now() - from).toBeGreaterThan(fates.length * 1_199_000);
      expect(logOn(world, account!)).toBe('allowed');
      await world.terminate(id);
      await world.hear(id, 'revoked');
    },
  );
});

describe.each(Object.entries(FAULTS))(
  'where each call that removes a side door is %s once',
  (what, fault) => {
    it('a revocation ends with nothing left', async () => {
      const id = idOf('OFF', what);
      await world.onboard(id, { grantee, grants: doors });
      const accounts = await accountsIn(await world.hear(id, 'granted', 'failed'));
      const [rule] = await rulesOf(id);
      const missed = failEachOnce(
        world,
        [
          ...['DisableRule', 'DeleteAcl', 'DeleteSaslUser', 'UpdateInstanceAccount', 'DeleteInstanceAcl'],
          ...['DeleteInstanceAccount', 'DeleteTargets', 'DeleteRule'],
        ],
        fault,
      );
      await world.terminate(id);
      await world.hear(id, 'revoked');
      expect(missed()).toEqual([]);
      expect(accounts.map((account) => logOn(world, account))).toEqual([
        'BAD_CREDENTIALS',
        'BAD_CREDENTIALS',
      ]);
      expect(Object.keys(await rulesOn(world))).not.toContain(rule);
    });
  },
);

describe.each([
  ['kafka', kafkaDoor, 'CreateAcl', 'DeleteSaslUser'],
  ['rocketmq5', rocketmqDoor, 'CreateInstanceAcl', 'DeleteInstanceAccount'],
] as const)('an account in %s', (product, door, made, deleted) => {
  it('whose maker dies before it is handed over is deleted and made again', async () => {
    const id = idOf('DIES', product);
    let isDead = false;
    let refused = 0;
    const undo = world.cloud.cloud.faults.add({
      before: (call) => {
        if (!isDead || !isBy('fn-grantee', call)) return undefined;
        refused += 1;
        // Nothing of what it would do on its way out is done either; the next try lives.
        if (refused === 8) isDead = false;
        return { kind: 'error', status: 503, code: 'ServiceUnavailable' };
      },
      after: (call) => {
        if (refused === 0 && call.action === made && isBy('fn-grantee', call)) isDead = true;
      },
    });
    const from = world.cloud.calls.length;
    await world.onboard(id, { grantee, grants: [door()] });
    const [account] = await accountsIn(await hearNth(world, id, 'granted', 1));
    undo();
    expect(refused).toBeGreaterThan(0);
    expect(logOn(world, account!)).toBe('allowed');
    const calls = world.cloud.calls
      .slice(from)
      .filter((call) => call.action === deleted && isBy('fn-grantee', call));
    expect(calls.length).toBeGreaterThan(0);
    await world.calm();
    expect(logOn(world, account!)).toBe('allowed');
  }, 60_000);

  it.each(['terminated', 'suspended'] as const)(
    'whose contract is %s while it is made is left to nobody',
    async (what) => {
      const id = idOf('RACE', product, what);
      let held: Promise<unknown> | undefined;
      const undo = world.cloud.cloud.faults.add({
        after: async (call) => {
          if (held !== undefined || call.action !== made || !isBy('fn-grantee', call)) return;
          held = (async () => {
            if (what === 'terminated') await world.terminate(id);
            else await suspend(world, id, `s-${id}`);
            const isThere = async () => {
              const { state } = await world.contract(id);
              return state === 'suspended' || state === 'ending' || state === 'ended';
            };
            while (!(await isThere())) await new Promise((resolve) => setImmediate(resolve));
          })();
          await held;
        },
      });
      await world.onboard(id, { grantee, grants: [door()] });
      await world.hear(id, what === 'terminated' ? 'revoked' : 'suspended');
      await world.calm();
      undo();
      expect(held).toBeDefined();
      const { sideDoors, credentials, state } = await world.contract(id);
      expect(state).toBe(what === 'terminated' ? 'ended' : 'suspended');
      expect(credentials).toEqual([]);
      const [{ account, instance, entries }] = sideDoors.accounts as [(typeof sideDoors.accounts)[number]];
      const there = await ports.dataPlanes.observe(instance, account, entries);
      expect(there).toMatchObject({ entries: [] });
      expect(there?.account?.isEnabled ?? false).toBe(false);
      if (what === 'terminated') {
        expect(there?.account).toBeUndefined();
        return;
      }
      await resume(world, id, `s-${id}`);
      await world.hear(id, 'resumed', 'failed');
      // Whatever is told first has the one password: what was owed before the suspension, or the news that it is over.
      const told = world.outbox.heard.filter(({ subject }) => subject === id);
      const accounts = (await Promise.all(told.map(accountsIn))).flat();
      expect(accounts.map((one) => logOn(world, one))).toEqual(['allowed']);
    },
  );
});

describe('a write that is applied after the end', () => {
  it('of an account is found by the closing watch, and taken away', async () => {
    await world.onboard('LATE-account', { grantee, grants: [kafkaDoor()] });
    await world.hear('LATE-account', 'granted');
    await world.calm();
    const [known] = (await world.contract('LATE-account')).sideDoors.accounts;
    await world.terminate('LATE-account');
    await world.hear('LATE-account', 'revoked');
    await ports.dataPlanes.apply(known!.instance, known!.account, { kind: 'createAccount' });
    await world.clock.advance(11 * 60_000);
    await world.hear('LATE-account', 'drift-found');
    await world.calm();
    const there = await ports.dataPlanes.observe(known!.instance, known!.account, []);
    expect(there?.account).toBeUndefined();
  });
});

describe('an onboarding on a bus that takes no more rules', () => {
  it('says so, and leaves nothing', async () => {
    const { cloud, accounts } = world.cloud;
    const onBus = (action: string, RuleName: string) =>
      cloud.call(
        accounts.rootOf(OWNER),
        '2020-04-01',
        action,
        {
          EventBusName: 'orders',
          RuleName,
          FilterPattern: '{"source":["orders"]}',
          EventTargets: '[]',
        },
        REGION,
      );
    const others = Array.from({ length: 50 }, (_, index) => `of-the-owner-${index}`);
    const before = await rulesOn(world);
    const added = others.slice(Object.keys(before).length);
    for (const rule of added) await onBus('CreateRule', rule);
    await world.onboard('FULL', { grantee, grants: doors });
    const failed = await world.hear('FULL', 'failed', 'granted');
    const left = Object.keys(await rulesOn(world)).filter((rule) => !added.includes(rule));
    for (const rule of added) await onBus('DeleteRule', rule);
    expect(failed.data).toMatchObject({ step: 'GrantAccess', withdrawn: true });
    const errors = world.lines.filter((line) => line.includes('function-error'));
    expect(errors.at(-1)).toContain('EventRuleCountExceedLimit: it takes no more');
    expect(left).toEqual(Object.keys(before));
    expect(await ports.ram.observeRole(roleNameOf(parseContractId('FULL')))).toBeUndefined();
  });
});

describe('an end', () => {
  it('from a person’s own machine closes side doors too', async () => {
    await world.onboard('DIRECT', { grantee, grants: doors });
    const accounts = await accountsIn(await world.hear('DIRECT', 'granted'));
    await world.calm();
    await revokeDirectly(parseContractId('DIRECT'), { detail: 'an incident', by: 'operator' }, ports);
    expect(accounts.map((account) => logOn(world, account))).toEqual(['BAD_CREDENTIALS', 'BAD_CREDENTIALS']);
  });

  it('closes the doors that can be closed, when one cannot', async () => {
    await world.onboard('STUCK', { grantee, grants: doors });
    const accounts = await accountsIn(await world.hear('STUCK', 'granted'));
    const [rule] = await rulesOf('STUCK');
    await world.calm();
    const undo = world.cloud.cloud.faults.add(
      failing({ action: 'DeleteSaslUser' }, { kind: 'error', status: 403, code: 'Forbidden.RAM' }),
    );
    await world.terminate('STUCK');
    await world.clock.runUntilIdle({ until: world.clock.now() + 60_000 });
    expect(logOn(world, accounts[1]!)).not.toBe('allowed');
    // Without its entries it may nothing, whatever becomes of the account.
    expect(logOn(world, accounts[0]!)).toBe('NO_RIGHT');
    expect((await rulesOn(world))[rule!]).toBe('DISABLE');
    expect((await world.contract('STUCK')).cut).toBeUndefined();
    undo();
    await world.hear('STUCK', 'revoked');
    expect(logOn(world, accounts[0]!)).toBe('BAD_CREDENTIALS');
  });

  it('removes the doors that can be removed, when one cannot be looked at', async () => {
    await world.onboard('UNSEEN', { grantee, grants: doors });
    await world.hear('UNSEEN', 'granted');
    const [rule] = await rulesOf('UNSEEN');
    await world.calm();
    const isRemoving = (callerArn = '') => callerArn.includes('remove-access');
    const undo = world.cloud.cloud.faults.add({
      before: ({ action, callerArn }) =>
        action === 'DescribeSaslUsers' && isRemoving(callerArn)
          ? { kind: 'error', status: 403, code: 'Forbidden.RAM' }
          : undefined,
    });
    await world.terminate('UNSEEN');
    await world.clock.runUntilIdle({ until: world.clock.now() + 60_000 });
    expect((await world.contract('UNSEEN')).cut).toBeDefined();
    expect((await world.contract('UNSEEN')).removed).toBeUndefined();
    expect((await rulesOn(world))[rule!]).toBeUndefined();
    undo();
    await world.hear('UNSEEN', 'revoked');
  });
});
