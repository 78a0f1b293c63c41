/** What Leasehold does, each in few steps that fail when a right is missing. Together they need every right it has. */
import { expect } from 'vitest';
import { approvedPlan } from '../../shared/app/plan/approved-plan.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { addSeconds, instantOf, parseAccountId, parseContractId } from '../../shared/domain/values.js';
import { throttled } from '../../shared/loopback/dispatch.js';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { sampleSeed, withResources } from '../../shared/loopback/products/seed.js';
import { answer, approvedBy, type Signer, signed } from './approvers.js';
import { amend, hearNth, resume, suspend } from './changes.js';
import { addEve, WIDE } from './drift-stage.js';
import { holdFirst } from './hold-first.js';
import { letUsIn, managedGrantee, usersThere } from './managed.js';
import { kafkaGrant, OWNER, PARTNER, REGION, request } from './requests.js';
import {
  grantee,
  kafkaDoor,
  LETS_ALL_THROUGH,
  openInbox,
  portsAsRoot,
  rabbitmqDoor,
  rocketmqDoor,
  ruleDoor,
  rulesOn,
} from './side-doors.js';
import { startWorld, type World } from './world.js';

export type Scenario = (world: World, id: string) => Promise<void>;

const DAY = 86_400;
const { lease } = request();
const roleOf = (id: string) => roleNameOf(parseContractId(id));
const later = (world: World, seconds: number) => addSeconds(instantOf(world.clock.now()), seconds);
const jumpBy = (world: World, seconds: number) => world.clock.jumpTo(world.clock.now() + seconds * 1000);
const ram = (world: World, action: string, params: Readonly<Record<string, string>>) =>
  world.asOwner('2015-05-01', action, params);

async function granted(world: World, id: string, changes: Parameters<World['onboard']>[1] = {}) {
  await world.onboard(id, changes);
  const heard = await world.hear(id, 'granted', 'failed', 'rejected', 'approval-needed');
  expect(heard.type).toBe('partner.access.granted');
  return heard.data;
}

async function ended(world: World, id: string) {
  await world.terminate(id);
  const heard = await world.hear(id, 'revoked');
  expect(await world.roles()).not.toContain(roleOf(id));
  return heard.data;
}

async function amended(world: World, id: string, changes: Parameters<typeof amend>[2]) {
  await amend(world, id, changes);
  const heard = await hearNth(world, id, 'amended', changes.revision);
  expect(heard.data).toMatchObject({ revision: changes.revision });
}

const load = (kind: 'clb' | 'alb' | 'nlb', id: string) =>
  ({ service: 'slb', kind, access: 'read', region: REGION, loadBalancerIds: [id] }) as const;
const onBus = { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'orders' } as const;
const onQueue = {
  service: 'rabbitmq',
  access: 'read',
  region: REGION,
  instanceId: 'amqp-cn-x1',
  virtualHosts: ['shop'],
} as const;
const OF_EVERY_PRODUCT = [
  kafkaGrant,
  onQueue,
  {
    service: 'rocketmq',
    series: '4.x',
    access: 'read',
    region: REGION,
    instanceId: 'MQ_INST_1000000000000001_x1',
  },
  { service: 'rocketmq', series: '5.x', access: 'read', region: REGION, instanceId: 'rmq-cn-x1' },
  onBus,
  load('clb', 'lb-x1'),
  load('alb', 'alb-x1'),
  load('nlb', 'nlb-x1'),
] as readonly ResourceGrant[];

const operate = { access: 'operate', region: REGION } as const;
const TO_OPERATE = [
  { ...operate, service: 'kafka', instanceId: 'alikafka_pre-cn-x1' },
  { ...operate, service: 'rabbitmq', instanceId: 'amqp-cn-x1', virtualHosts: ['shop'] },
  {
    ...operate,
    service: 'rocketmq',
    series: '5.x',
    instanceId: 'rmq-cn-x1',
    topics: ['orders'],
    groups: ['GID_globex'],
  },
  { ...operate, service: 'slb', kind: 'clb', loadBalancerIds: ['lb-x1'], ecsInstanceIds: ['i-x1'] },
  { ...operate, service: 'slb', kind: 'nlb', loadBalancerIds: ['nlb-x1'] },
] as readonly ResourceGrant[];
const doorsOf = (topics: readonly string[] = ['orders'], types?: readonly string[]) => [
  kafkaDoor({ topics }),
  rocketmqDoor({ topics }),
  rabbitmqDoor({ exchanges: topics }),
  ruleDoor(types === undefined ? {} : { events: { types } }),
];

/** One of the owner's that is in a resource group. */
const IN_A_GROUP = {
  service: 'kafka',
  access: 'read',
  region: REGION,
  instanceId: 'alikafka_in-1',
  resourceGroupId: 'rg-one',
} as const;

/** A world for scenarios in which `boss` approves; the partner has let Leasehold in. */
export async function worldOf(boss: Signer, onDrift: 'heal' | 'suspend'): Promise<World> {
  const world = await startWorld({
    runner: 'in-process',
    env: {
      ...approvedBy([boss]),
      ...LETS_ALL_THROUGH,
      LEASEHOLD_ON_DRIFT: onDrift,
      // What is refused for want of a right is refused at once; nothing here is worth waiting for.
      LEASEHOLD_VERDICT_PATIENCE_SECONDS: '0.2',
    },
    seed: withResources(sampleSeed(OWNER), OWNER, [IN_A_GROUP]),
  });
  await letUsIn(world);
  await openInbox(world);
  return world;
}

const indexOf = (world: World) =>
  makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);
/** What the sweep must look at of a contract, but for what is done within minutes. */
const dueOf = async (world: World, id: string) =>
  (await indexOf(world).list('due/', 10_000)).filter(
    (key) => key.includes(`/${id}/`) && /warning|expiry/.test(key),
  );

const hour = async (world: World): Promise<void> => {
  await world.clock.advance(3_600_000);
  await world.calm();
};
/** What was found to be otherwise than approved, at the next hour. */
async function healed(world: World, id: string, ...codes: readonly string[]) {
  await hour(world);
  const { data } = await world.hear(id, 'drift-found');
  const found = (data['findings'] as readonly { readonly code: string }[]).map(({ code }) => code);
  expect(found.sort()).toEqual([...codes].sort());
  expect(data['action']).toBe('healed');
}

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

/** Refuses the first call of `action` in each minute as RAM does beyond its rates. */
function onceAMinute(world: World, action: string) {
  let last = Number.NEGATIVE_INFINITY;
  return (call: CallInfo) => {
    const now = world.clock.now();
    if (call.action !== action || now - last < 60_000) return undefined;
    last = now;
    return throttled;
  };
}

/** Where drift is healed. */
export const scenariosWith = (boss: Signer): Readonly<Record<string, Scenario>> => ({
  'waits for its turn where RAM takes no more': async (world, id) => {
    const undo = ['AttachPolicyToRole', 'DetachPolicyFromRole'].map((action) =>
      world.cloud.cloud.faults.add({ before: onceAMinute(world, action) }),
    );
    await granted(world, id);
    await jumpBy(world, 120);
    await ended(world, id);
    for (const one of undo) one();
    expect(await indexOf(world).list('turns/', 1)).toEqual([]);
  },
  'a contract for something of every product, verified against neighbours, and its end': async (
    world,
    id,
  ) => {
    const handOver = await granted(world, id, { grants: OF_EVERY_PRODUCT });
    expect(JSON.stringify(handOver)).not.toContain('no neighbour can be found');
    await ended(world, id);
  },
  'a contract to operate on something of every product, with what is there before and after': async (
    world,
    id,
  ) => {
    const rule = { EventBusName: 'orders', RuleName: `own-${id}`, FilterPattern: '{}' };
    await world.asOwner('2020-04-01', 'CreateRule', rule);
    await granted(world, id, { grants: [...TO_OPERATE, onBus as ResourceGrant] });
    expect(await ended(world, id)).toMatchObject({
      appeared: [],
      notCompared: [expect.stringContaining('more entries of an ACL')],
    });
  },
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
  'a contract by a policy of the vendor, approved by hand': async (world, id) => {
    await world.onboard(id, { grants: [{ systemPolicy: 'AliyunSLBReadOnlyAccess' }] });
    await world.hear(id, 'approval-needed');
    await answer(world, id, { jws: await signed(world, id, boss), id: `yes-${id}` });
    const heard = await world.hear(id, 'granted', 'failed', 'rejected');
    expect(heard.type).toBe('partner.access.granted');
    await ended(world, id);
  },
  'an event that names no contract': async (world, id) => {
    await world.post({
      id,
      source: 'test',
      type: 'partner.onboarding.requested',
      subject: `no contract ${id}`,
      data: { ...request(), contractId: `no contract ${id}` },
    });
    await world.calm();
    const told = world.outbox.heard.filter(({ type }) => type === 'partner.access.rejected');
    expect(JSON.stringify(told)).toContain(`no contract ${id}`);
  },
  'a request that is refused': async (world, id) => {
    await world.onboard(id, { grants: [{ ...onBus, eventBus: 'leasehold' }] });
    await world.hear(id, 'rejected');
  },
  'a contract in a resource group, which an amendment takes away again': async (world, id) => {
    await granted(world, id, { grants: [kafkaGrant, IN_A_GROUP] });
    await amended(world, id, { revision: 1, grants: [kafkaGrant] });
    expect((await world.ram().attachmentsOf(roleOf(id))).map(({ policy }) => policy.name)).toEqual([
      `${roleOf(id)}-1`,
    ]);
    expect(await world.ram().readPolicy({ type: 'Custom', name: `${roleOf(id)}-2` })).toBeUndefined();
    await ended(world, id);
  },
  'a contract in a resource group, and its end': async (world, id) => {
    await granted(world, id, { grants: [IN_A_GROUP] });
    await ended(world, id);
  },
  'an amendment that adds, and puts right what was done by hand': async (world, id) => {
    await granted(world, id);
    await ram(world, 'UntagResources', {
      ResourceType: 'role',
      ResourceNames: JSON.stringify([roleOf(id)]),
      TagKeys: '["leasehold-contract"]',
    });
    await ram(world, 'AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AliyunOSSReadOnlyAccess',
      RoleName: roleOf(id),
    });
    await amended(world, id, { revision: 1, grants: [kafkaGrant, onBus] });
    expect((await world.ram().tagsOfRole(roleOf(id)))['leasehold-contract']).toBe(id);
    await ended(world, id);
  },
  'an amendment that cannot be verified, and is put back': async (world, id) => {
    await granted(world, id);
    await amend(world, id, { revision: 1, grants: [kafkaGrant, { ...onBus, eventBus: 'no-such-bus' }] });
    const { data } = await world.hear(id, 'failed');
    expect(data).toMatchObject({ step: 'VerifyChange', withdrawn: true });
    expect(await world.ram().readPolicy({ type: 'Custom', name: `${roleOf(id)}-1` })).not.toContain(
      'no-such-bus',
    );
  },
  'an amendment that shortens, so that what was due is not': async (world, id) => {
    await granted(world, id, { lease: { ...lease, expiresAt: later(world, 60 * DAY) } });
    const due = () => dueOf(world, id);
    const before = await due();
    await amended(world, id, { revision: 1, lease: { ...lease, expiresAt: later(world, 20 * DAY) } });
    await world.calm();
    expect((await due()).filter((key) => before.includes(key))).toEqual([]);
    await ended(world, id);
  },
  'a suspension, lifted': async (world, id) => {
    await granted(world, id);
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
    await resume(world, id, `s-${id}`);
    const heard = await world.hear(id, 'resumed', 'failed');
    expect(heard.type).toBe('partner.access.resumed');
  },
  'a resumption that cannot be verified, so that the stop is put on again': async (world, id) => {
    await granted(world, id);
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
    const undo = world.cloud.cloud.faults.add({
      before: (call) =>
        call.callerArn?.includes('fn-verify') === true && call.action === 'AssumeRole'
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    await resume(world, id, `s-${id}`);
    await world.hear(id, 'failed');
    undo();
    const attached = await world.ram().attachmentsOf(roleOf(id));
    expect(attached.map(({ policy }) => policy.name)).toContain('leasehold-suspended');
  },
  'an onboarding that fails, and is withdrawn': async (world, id) => {
    await world.onboard(id, { grants: [{ ...onBus, eventBus: 'no-such-bus' }] });
    const { data } = await world.hear(id, 'failed');
    expect(data).toMatchObject({ step: 'VerifyAccess', withdrawn: true });
    expect(await world.roles()).not.toContain(roleOf(id));
  },
  'a lease that begins later, is warned of, and expires': async (world, id) => {
    const startsAt = later(world, DAY);
    await granted(world, id, { lease: { startsAt, expiresAt: addSeconds(startsAt, 3 * DAY) } });
    await jumpBy(world, DAY + 120);
    await world.calm();
    await jumpBy(world, 2 * DAY + 120);
    await world.hear(id, 'expiring');
    await jumpBy(world, DAY);
    const { data } = await world.hear(id, 'revoked');
    expect(data).toMatchObject({ reason: 'expired' });
    await jumpBy(world, DAY);
    await world.calm();
  },
  'drift of a role, its policies and tags, healed': async (world, id) => {
    await granted(world, id);
    const role = await world.ram().observeRole(roleOf(id));
    await world.ram().setTrust(roleOf(id), addEve(role?.trust ?? ''));
    await world.ram().setPolicyDocument(`${roleOf(id)}-1`, WIDE);
    await ram(world, 'UntagResources', {
      ResourceType: 'role',
      ResourceNames: JSON.stringify([roleOf(id)]),
      TagKeys: '["leasehold-contract"]',
    });
    await ram(world, 'AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AdministratorAccess',
      RoleName: roleOf(id),
    });
    await healed(world, id, 'TRUST_CHANGED', 'POLICY_CHANGED', 'TAGS_LOST', 'FOREIGN_POLICY');
  },
  'drift of a policy that is gone, and of one too many, healed': async (world, id) => {
    await granted(world, id);
    const [policy, extra] = [`${roleOf(id)}-1`, `${roleOf(id)}-7`];
    await ram(world, 'CreatePolicy', {
      PolicyName: extra,
      PolicyDocument: WIDE,
      Tag: JSON.stringify(
        Object.entries(await world.ram().tagsOfPolicy(policy)).map(([Key, Value]) => ({ Key, Value })),
      ),
    });
    await ram(world, 'AttachPolicyToRole', { PolicyType: 'Custom', PolicyName: extra, RoleName: roleOf(id) });
    await ram(world, 'DetachPolicyFromRole', {
      PolicyType: 'Custom',
      PolicyName: policy,
      RoleName: roleOf(id),
    });
    await ram(world, 'DeletePolicy', { PolicyName: policy });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect(await world.ram().readPolicy({ type: 'Custom', name: extra })).toBeUndefined();
    expect((await world.ram().attachmentsOf(roleOf(id))).map((one) => one.policy.name)).toEqual([policy]);
  },
  'drift in a resource group, healed': async (world, id) => {
    await granted(world, id);
    await world.asOwner('2020-03-31', 'AttachPolicy', {
      PolicyType: 'System',
      PolicyName: 'AliyunOSSReadOnlyAccess',
      PrincipalType: 'ServiceRole',
      PrincipalName: `${roleOf(id)}@role.${OWNER}.onaliyunservice.com`,
      ResourceGroupId: 'rg-one',
    });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect((await world.ram().attachmentsOf(roleOf(id))).map((one) => one.policy.name)).toEqual([
      `${roleOf(id)}-1`,
    ]);
  },
  'a stop that was taken off a suspended contract, put on again': async (world, id) => {
    await granted(world, id);
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
    await ram(world, 'DetachPolicyFromRole', {
      PolicyType: 'Custom',
      PolicyName: 'leasehold-suspended',
      RoleName: roleOf(id),
    });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect((await world.ram().attachmentsOf(roleOf(id))).map((one) => one.policy.name)).toContain(
      'leasehold-suspended',
    );
  },
  'a role that looks like ours and is nobody’s': async (world, id) => {
    await ram(world, 'CreateRole', {
      RoleName: `lease-${id.toLowerCase()}`,
      AssumeRolePolicyDocument: TRUST_NOBODY,
    });
    await ram(world, 'CreatePolicy', { PolicyName: `lease-${id.toLowerCase()}-1`, PolicyDocument: WIDE });
    const before = world.outbox.heard.length;
    await hour(world);
    await hour(world);
    const told = world.outbox.heard.slice(before).filter(({ type }) => type.endsWith('drift-found'));
    expect(JSON.stringify(told)).toContain(`lease-${id.toLowerCase()}`);
  },
  'a grantee whose users Leasehold sets up, comings and goings, and the end of them': async (world, id) => {
    const user = (logonName: string) =>
      ({ logonName: `${logonName}-${id.toLowerCase()}`, access: 'programmatic' }) as const;
    await granted(world, id, { grantee: managedGrantee({ users: [user('etl')] }) });
    await amended(world, id, { revision: 1, grantee: managedGrantee({ users: [user('bob')] }) });
    await hour(world);
    expect(await ended(world, id)).toMatchObject({ leftBehind: [] });
  },
  'a grantee whose joiner must leave again, since the amendment cannot be verified': async (world, id) => {
    const user = (logonName: string) =>
      ({ logonName: `${logonName}-${id.toLowerCase()}`, access: 'programmatic' }) as const;
    await granted(world, id, { grantee: managedGrantee({ users: [user('etl')] }) });
    await amend(world, id, {
      revision: 1,
      grantee: managedGrantee({ users: [user('etl'), user('eve')] }),
      grants: [kafkaGrant, { ...onBus, eventBus: 'no-such-bus' }],
    });
    await world.hear(id, 'failed');
    expect(await usersThere(world)).not.toContain(user('eve').logonName);
    await ended(world, id);
  },
  'a grantee whose joiner is made after its amendment has failed, and leaves again': async (world, id) => {
    const user = (logonName: string) =>
      ({ logonName: `${logonName}-${id.toLowerCase()}`, access: 'programmatic' }) as const;
    await granted(world, id, { grantee: managedGrantee({ users: [user('etl')] }) });
    const isIt = ({ action, params }: CallInfo) =>
      action === 'CreateUser' && JSON.stringify(params).includes(user('eve').logonName);
    const wasHeld = holdFirst(world, isIt, 90);
    await amend(world, id, {
      revision: 1,
      grantee: managedGrantee({ users: [user('etl'), user('eve')] }),
      grants: [kafkaGrant, { ...onBus, eventBus: 'no-such-bus' }],
    });
    await world.hear(id, 'failed');
    await world.jumpTo(world.clock.now() + 120_000);
    expect(wasHeld()).toBe(true);
    expect(await usersThere(world)).toContain(user('eve').logonName);
    await hour(world);
    expect(await usersThere(world)).not.toContain(user('eve').logonName);
    await ended(world, id);
  },
  'a grantee who has not let Leasehold in': async (world, id) => {
    const accountId = parseAccountId(`31${id.replace(/\D/g, '').padStart(14, '0')}`);
    await world.onboard(id, {
      grantee: { ...managedGrantee({ users: [{ logonName: 'etl', access: 'programmatic' }] }), accountId },
    });
    const { data } = await world.hear(id, 'rejected');
    expect(JSON.stringify(data)).toContain('PROVISIONING');
  },
  'a foreign policy on a role at its end': async (world, id) => {
    await granted(world, id);
    await ram(world, 'AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AliyunOSSReadOnlyAccess',
      RoleName: roleOf(id),
    });
    await ended(world, id);
  },
  'a policy of the contract that somebody else was given, which keeps up its end until he loses it': async (
    world,
    id,
  ) => {
    await granted(world, id);
    const [PolicyName = ''] = (await world.contract(id)).created?.policies ?? [];
    const given = { PolicyType: 'Custom', PolicyName, UserName: `bob-${id}` };
    await ram(world, 'CreateUser', { UserName: given.UserName });
    await ram(world, 'AttachPolicyToUser', given);
    await world.terminate(id);
    const { data } = await world.hear(id, 'failed');
    expect(data).toMatchObject({
      step: 'RemoveAccess',
      code: 'BrokenPromiseError',
      reason: expect.stringContaining(`${PolicyName} was given to user ${given.UserName} by hand`),
    });
    expect(await world.roles()).not.toContain(roleOf(id));
    await ram(world, 'DetachPolicyFromUser', given);
    await world.hear(id, 'revoked');
  },
  'a stop that somebody has edited': async (world, id) => {
    await granted(world, id);
    const PolicyName = 'leasehold-ended';
    const PolicyDocument = DENY_LITTLE;
    const { PolicyVersion } = (await ram(world, 'CreatePolicyVersion', {
      PolicyName,
      PolicyDocument,
      SetAsDefault: 'true',
    })) as { readonly PolicyVersion: { readonly VersionId: string } };
    expect((await ended(world, id))['witness']).toContain('was edited');
    await ram(world, 'SetDefaultPolicyVersion', { PolicyName, VersionId: 'v1' });
    await ram(world, 'DeletePolicyVersion', { PolicyName, VersionId: PolicyVersion.VersionId });
  },
  'an index entry that was lost, made again': async (world, id) => {
    await granted(world, id);
    const index = indexOf(world);
    const key = `grantees/${PARTNER}/${id}`;
    await index.remove(key);
    await hour(world);
    expect(await index.list(key, 1)).toEqual([key]);
  },
  'an event that could not be delivered, carried out all the same': async (world, id) => {
    await granted(world, id);
    const undo = world.cloud.cloud.faults.add({
      before: (call) =>
        call.action === 'StartExecution' &&
        call.params['FlowName'] === 'leasehold-revocation' &&
        call.callerArn?.includes('fn-events')
          ? { kind: 'error', status: 500, code: 'InternalServerError' }
          : undefined,
    });
    await world.terminate(id);
    await jumpBy(world, 2 * DAY);
    await world.calm();
    undo();
    const { data } = await world.hear(id, 'failed');
    expect(data).toMatchObject({ code: 'UNDELIVERED' });
    await world.hear(id, 'revoked');
  },
});

/** Where a contract is suspended for it. */
export const scenariosOfSuspending: Readonly<Record<string, Scenario>> = {
  'drift that suspends a contract': async (world, id) => {
    await granted(world, id);
    await ram(world, 'AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AliyunOSSReadOnlyAccess',
      RoleName: roleOf(id),
    });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect((await world.contract(id)).state).toBe('suspended');
    expect((await world.ram().attachmentsOf(roleOf(id))).map((one) => one.policy.name)).toContain(
      'leasehold-suspended',
    );
  },
};

const DENY_LITTLE = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Deny', Action: 'oss:*', Resource: '*' }],
});
const TRUST_NOBODY = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['nobody.aliyuncs.com'] } }],
});
