/** Accounts in data planes and rules, made, changed and taken away. */
import { expect } from 'vitest';
import { approvedPlan } from '../../../shared/app/plan/approved-plan.js';
import type { CallInfo } from '../../../shared/loopback/kernel.js';
import { amend, hearNth, resume, suspend } from '../changes.js';
import { WIDE } from '../drift-stage.js';
import { redeploy } from '../redeploy.js';
import { kafkaGrant } from '../requests.js';
import {
  grantee,
  kafkaDoor,
  portsAsRoot,
  rabbitmqDoor,
  rocketmqDoor,
  ruleDoor,
  rulesOn,
} from '../side-doors.js';
import type { World } from '../world.js';
import { amended, ended, granted, hour, makeBeside, onBus, ram, roleOf, type Scenario } from './steps.js';

const doorsOf = (topics: readonly string[] = ['orders'], types?: readonly string[]) => [
  kafkaDoor({ topics }),
  rocketmqDoor({ topics }),
  rabbitmqDoor({ exchanges: topics }),
  ruleDoor(types === undefined ? {} : { events: { types } }),
];

/** The one rule of a contract, for hands that change it. */
async function doorOf(world: World, id: string) {
  const [known] = (await world.contract(id)).sideDoors.routes;
  if (known === undefined) throw new Error(`${id} has no rule`);
  const { eventBus: EventBusName, rule: RuleName } = known;
  const call = (action: string, params: Readonly<Record<string, string>> = {}) =>
    world.asOwner('2020-04-01', action, { EventBusName, RuleName, ...params }) as Promise<{
      readonly Data: { readonly Targets: readonly { readonly Id: string }[] };
    }>;
  return {
    call,
    targets: async () => (await call('ListTargets')).Data.Targets.map(({ Id }) => Id),
    state: async () => (await rulesOn(world, EventBusName))[RuleName],
  };
}

/** What somebody may give an account besides: a topic, or policies of his and of the vendor's. */
async function othersFor(world: World, id: string, product: string): Promise<readonly string[]> {
  if (product !== 'rabbitmq') return [`else-${id}`];
  const name = `somebodys-${id}`.toLowerCase();
  await ram(world, 'CreatePolicy', { PolicyName: name, PolicyDocument: WIDE });
  return [name, 'system/AliyunOSSReadOnlyAccess'];
}

/** Gives the account of RabbitMQ that the contract has what nobody asked for. */
async function giveBesides(world: World, id: string): Promise<void> {
  const known = (await world.contract(id)).sideDoors.accounts.find(
    ({ instance }) => instance.product === 'rabbitmq',
  );
  if (known === undefined) throw new Error(`${id} has no account of RabbitMQ`);
  const [entry] = known.entries;
  if (entry === undefined) throw new Error(`${id}: its account holds nothing`);
  for (const resourceName of await othersFor(world, id, 'rabbitmq'))
    await portsAsRoot(world).dataPlanes.apply(known.instance, known.account, {
      kind: 'addEntry',
      entry: { ...entry, resourceName },
    });
}

/** A contract with an account in each data plane and a rule, suspended. */
async function underSuspension(world: World, id: string) {
  await granted(world, id, { grantee, grants: doorsOf() });
  await world.calm();
  await suspend(world, id, `s-${id}`);
  await world.hear(id, 'suspended');
  await world.calm();
  return doorOf(world, id);
}

export const sideDoorScenarios: Readonly<Record<string, Scenario>> = {
  'accounts and rules that are made, changed, suspended, resumed and taken away': async (world, id) => {
    await granted(world, id, { grantee, grants: doorsOf() });
    await world.calm();
    await amended(world, id, { revision: 1, grantee, grants: doorsOf(['invoices'], ['order.paid']) });
    await world.calm();
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
    await world.calm();
    await resume(world, id, `s-${id}`);
    await world.hear(id, 'resumed');
    await world.calm();
    await ended(world, id);
  },
  'an account of RabbitMQ that was given more by hand under a suspension, put right by its resumption':
    async (world, id) => {
      await underSuspension(world, id);
      await giveBesides(world, id);
      await resume(world, id, `s-${id}`);
      await world.hear(id, 'resumed');
      await world.calm();
      expect((await world.contract(id)).drift).toBeUndefined();
      await ended(world, id);
    },
  'an account of RabbitMQ that was given more by hand, and its end': async (world, id) => {
    await granted(world, id, { grantee, grants: [rabbitmqDoor()] });
    await world.calm();
    await giveBesides(world, id);
    await ended(world, id);
  },
  'an amendment after which the contract has fewer policies, which an account holds': async (world, id) => {
    const exchanges = Array.from({ length: 49 }, (_, index) => `exchange-${index}`.padEnd(120, 'x'));
    await granted(world, id, { grantee, grants: [rabbitmqDoor({ exchanges })] });
    await world.calm();
    expect((await world.contract(id)).sideDoors.accounts[0]?.entries.length).toBeGreaterThan(1);
    await amended(world, id, { revision: 1, grantee, grants: [rabbitmqDoor()] });
    await ended(world, id);
  },
  'an amendment to accounts and rules that cannot be verified, and is put back': async (world, id) => {
    await granted(world, id, { grantee, grants: doorsOf() });
    await world.calm();
    await amend(world, id, {
      revision: 1,
      grantee,
      grants: [...doorsOf(['invoices'], ['order.paid']), { ...onBus, eventBus: 'no-such-bus' }],
    });
    await world.hear(id, 'failed');
    await ended(world, id);
  },
  'an onboarding with accounts and rules that fails, and is withdrawn': async (world, id) => {
    await world.onboard(id, { grantee, grants: [...doorsOf(), { ...onBus, eventBus: 'no-such-bus' }] });
    await world.hear(id, 'failed');
    await world.calm();
    expect((await world.contract(id)).state).toBe('failed');
  },
  'drift of accounts and rules, healed': async (world, id) => {
    await granted(world, id, { grantee, grants: doorsOf() });
    await world.calm();
    const { accounts, routes } = (await world.contract(id)).sideDoors;
    const ports = portsAsRoot(world);
    for (const { instance, account, entries } of accounts)
      for (const entry of entries)
        await ports.dataPlanes.apply(instance, account, { kind: 'removeEntry', entry });
    for (const { instance, account, entries } of accounts)
      for (const entry of entries.slice(0, 1))
        for (const resourceName of await othersFor(world, id, instance.product))
          await ports.dataPlanes.apply(instance, account, {
            kind: 'addEntry',
            entry: { ...entry, resourceName },
          });
    const [door] = routes;
    await world.asOwner('2020-04-01', 'UpdateRule', {
      EventBusName: door?.eventBus ?? '',
      RuleName: door?.rule ?? '',
      FilterPattern: '{"type":["other"]}',
    });
    await hour(world);
    const { data } = await world.hear(id, 'drift-found');
    expect(data['action']).toBe('healed');
    expect((await world.contract(id)).drift).toBeUndefined();
    await ended(world, id);
  },
  'a policy too many, which the role and an account of RabbitMQ were given by hand, taken away': async (
    world,
    id,
  ) => {
    await granted(world, id, { grantee, grants: [rabbitmqDoor()] });
    await world.calm();
    const [known] = (await world.contract(id)).sideDoors.accounts;
    const [policy, extra] = [`${roleOf(id)}-1`, `${roleOf(id)}-7`];
    await makeBeside(world, policy, extra);
    const given = { PolicyType: 'Custom', PolicyName: extra };
    await ram(world, 'AttachPolicyToRole', { ...given, RoleName: roleOf(id) });
    await ram(world, 'AttachPolicyToUser', { ...given, UserName: known?.account ?? '' });
    await hour(world);
    const { data } = await world.hear(id, 'drift-found');
    expect(data['action']).toBe('healed');
    expect(await world.ram().readPolicy({ type: 'Custom', name: extra })).toBeUndefined();
    expect((await world.contract(id)).drift).toBeUndefined();
    await ended(world, id);
  },
  'a rule that was deleted by hand, made again': async (world, id) => {
    await granted(world, id, { grantee, grants: [ruleDoor()] });
    await world.calm();
    const [door] = (await world.contract(id)).sideDoors.routes;
    await world.asOwner('2020-04-01', 'DeleteRule', {
      EventBusName: door?.eventBus ?? '',
      RuleName: door?.rule ?? '',
    });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect((await world.contract(id)).drift).toBeUndefined();
    await ended(world, id);
  },
  'a rule that was changed by hand under a suspension, put right by its resumption': async (world, id) => {
    const door = await underSuspension(world, id);
    await door.call('UpdateRule', { FilterPattern: '{"type":["other"]}' });
    await door.call('DeleteTargets', { TargetIds: JSON.stringify(await door.targets()) });
    await resume(world, id, `s-${id}`);
    await world.hear(id, 'resumed');
    await world.calm();
    expect(await door.state()).toBe('ENABLE');
    await ended(world, id);
  },
  'a rule that was deleted under a suspension, made again by its resumption': async (world, id) => {
    const door = await underSuspension(world, id);
    await door.call('DeleteRule');
    await resume(world, id, `s-${id}`);
    await world.hear(id, 'resumed', 'failed');
    await world.calm();
    expect(await door.state()).toBe('ENABLE');
    await ended(world, id);
  },
  'a rule that was changed by hand, under an amendment that leaves it': async (world, id) => {
    await granted(world, id, { grantee, grants: [ruleDoor()] });
    await world.calm();
    const door = await doorOf(world, id);
    await door.call('UpdateRule', { FilterPattern: '{"type":["other"]}' });
    await door.call('DeleteTargets', { TargetIds: JSON.stringify(await door.targets()) });
    await amended(world, id, { revision: 1, grantee, grants: [ruleDoor(), kafkaGrant] });
    await world.calm();
    expect((await door.targets()).length).toBe(1);
    await ended(world, id);
  },
  'a rule whose target was taken away by hand, given it again': async (world, id) => {
    await granted(world, id, { grantee, grants: [ruleDoor()] });
    await world.calm();
    const door = await doorOf(world, id);
    await door.call('DeleteTargets', { TargetIds: JSON.stringify(await door.targets()) });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect((await door.targets()).length).toBe(1);
    await ended(world, id);
  },
  'a rule that was changed by hand while it was made, made as it must be': async (world, id) => {
    const isMaking = (call: CallInfo) =>
      call.action === 'CreateRule' && call.callerArn?.includes('fn-grant/') === true;
    let made = 0;
    const undo = world.cloud.cloud.faults.add({
      before: (call) => {
        if (isMaking(call)) made += 1;
        return isMaking(call) && made === 1 ? { kind: 'lost-reply' } : undefined;
      },
      after: async (call) => {
        if (!isMaking(call) || made !== 1) return;
        const { EventBusName = '', RuleName = '' } = call.params;
        const byHand = (action: string, params: Readonly<Record<string, string>> = {}) =>
          world.asOwner('2020-04-01', action, { EventBusName, RuleName, ...params });
        await byHand('UpdateRule', { FilterPattern: '{"type":["other"]}' });
        await byHand('EnableRule');
        const { Data } = (await byHand('ListTargets')) as {
          readonly Data: { readonly Targets: readonly { readonly Id: string }[] };
        };
        await byHand('DeleteTargets', { TargetIds: JSON.stringify(Data.Targets.map(({ Id }) => Id)) });
      },
    });
    await granted(world, id, { grantee, grants: [ruleDoor()] });
    undo();
    await world.calm();
    const door = await doorOf(world, id);
    expect([await door.state(), (await door.targets()).length]).toEqual(['ENABLE', 1]);
    await ended(world, id);
  },
  'an account whose maker dies before it is handed over, made again': async (world, id) => {
    for (const [product, door, made] of [
      ['k', kafkaDoor, 'CreateAcl'],
      ['r', rocketmqDoor, 'CreateInstanceAcl'],
      ['a', rabbitmqDoor, 'AttachPolicyToUser'],
    ] as const) {
      let refused = 0;
      let isDead = false;
      // RocketMQ checks signatures itself, so its calls do not tell whose they are.
      const isBy = (call: CallInfo) =>
        call.product === 'RocketMQ' || call.callerArn?.includes('fn-grantee/') === true;
      const undo = world.cloud.cloud.faults.add({
        before: (call) => {
          if (!isDead || !isBy(call)) return undefined;
          refused += 1;
          if (refused === 8) isDead = false;
          return { kind: 'error', status: 503, code: 'ServiceUnavailable' };
        },
        after: (call) => {
          if (refused === 0 && call.action === made && isBy(call)) isDead = true;
        },
      });
      await world.onboard(`${id}-${product}`, { grantee, grants: [door()] });
      await hearNth(world, `${id}-${product}`, 'granted', 1);
      undo();
      expect(refused).toBeGreaterThan(0);
    }
  },
  'accounts and a rule that an amendment took away and its last step left, taken away': async (world, id) => {
    await granted(world, id, { grantee, grants: [kafkaGrant, ...doorsOf()] });
    await world.calm();
    const { accounts, routes } = (await world.contract(id)).sideDoors;
    // The hand-over, which is tried again, sees nothing it could take away: that is left to the hour's look.
    const undo = world.cloud.cloud.faults.add({
      before: (call) =>
        call.action === 'DescribeSaslUsers' && call.callerArn?.includes('fn-grantee/') === true
          ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
          : undefined,
    });
    await amend(world, id, { revision: 1, grantee, grants: [kafkaGrant] });
    await world.hear(id, 'failed');
    await hour(world);
    undo();
    const ports = portsAsRoot(world);
    for (const { instance, account } of accounts)
      expect((await ports.dataPlanes.observe(instance, account, []))?.account).toBeUndefined();
    for (const { rule } of routes) expect(Object.keys(await rulesOn(world))).not.toContain(rule);
  },
  'accounts and a rule that appear after the end, taken away': async (world, id) => {
    await granted(world, id, { grantee, grants: doorsOf() });
    await world.calm();
    const { accounts, routes } = (await world.contract(id)).sideDoors;
    const planned = approvedPlan(await world.contract(id)).routes;
    await ended(world, id);
    const ports = portsAsRoot(world);
    for (const { instance, account } of accounts)
      await ports.dataPlanes.apply(instance, account, { kind: 'createAccount' });
    for (const route of planned) await ports.routes.apply(route, { kind: 'createRule' });
    await world.clock.advance(11 * 60_000);
    await world.calm();
    for (const { instance, account } of accounts)
      expect((await ports.dataPlanes.observe(instance, account, []))?.account).toBeUndefined();
    expect(Object.keys(await rulesOn(world))).not.toContain(routes[0]?.rule);
  },
  'a rule that is switched on again by a resumption though the approval rule covers nothing any more': async (
    world,
    id,
  ) => {
    await granted(world, id, { grantee, grants: [ruleDoor()] });
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
    await world.calm();
    await redeploy(world, { LEASEHOLD_AUTO_APPROVAL: '{"maxLeaseSeconds":0}' });
    await resume(world, id, `s-${id}`);
    const { type } = await world.hear(id, 'resumed', 'failed');
    await redeploy(world, {});
    expect(type).toBe('partner.access.resumed');
    await ended(world, id);
  },
  'accounts and rules that were opened under a suspension, closed again': async (world, id) => {
    const door = await underSuspension(world, id);
    await door.call('EnableRule');
    const ports = portsAsRoot(world);
    for (const { instance, account } of (await world.contract(id)).sideDoors.accounts)
      if (instance.product !== 'kafka')
        await ports.dataPlanes.apply(instance, account, { kind: 'setEnabled', isEnabled: true });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect(await door.state()).toBe('DISABLE');
    await ended(world, id);
  },
};
