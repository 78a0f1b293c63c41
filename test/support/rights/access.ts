/** Contracts as they are granted, changed, suspended, resumed and ended. */
import { expect } from 'vitest';
import type { ResourceGrant } from '../../../shared/domain/grant.js';
import { addSeconds, instantOf } from '../../../shared/domain/values.js';
import { throttled } from '../../../shared/loopback/dispatch.js';
import type { CallInfo } from '../../../shared/loopback/kernel.js';
import { answer, type Signer, signed } from '../approvers.js';
import { amend, resume, suspend } from '../changes.js';
import { kafkaGrant, OWNER, REGION, request } from '../requests.js';
import type { World } from '../world.js';
import {
  amended,
  ended,
  granted,
  healed,
  IN_A_GROUP,
  indexOf,
  lease,
  onBus,
  ram,
  roleOf,
  type Scenario,
} from './steps.js';

const DAY = 86_400;

const later = (world: World, seconds: number) => addSeconds(instantOf(world.clock.now()), seconds);

const jumpBy = (world: World, seconds: number) => world.clock.jumpTo(world.clock.now() + seconds * 1000);

const load = (kind: 'clb' | 'alb' | 'nlb', id: string) =>
  ({ service: 'slb', kind, access: 'read', region: REGION, loadBalancerIds: [id] }) as const;

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

/** What the sweep must look at of a contract, but for what is done within minutes. */
const dueOf = async (world: World, id: string) =>
  (await indexOf(world).list('due/', 10_000)).filter(
    (key) => key.includes(`/${id}/`) && /warning|expiry/.test(key),
  );

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

export const accessScenarios = (boss: Signer): Readonly<Record<string, Scenario>> => ({
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
  'a contract by a policy of the vendor, approved by hand': async (world, id) => {
    const [everywhere, inGroup] = ['AliyunSLBReadOnlyAccess', 'AliyunALBReadOnlyAccess'];
    await world.onboard(id, {
      grants: [{ systemPolicy: everywhere }, { systemPolicy: inGroup, resourceGroupId: 'rg-one' }],
    });
    await world.hear(id, 'approval-needed');
    await answer(world, id, { jws: await signed(world, id, boss), id: `yes-${id}` });
    const heard = await world.hear(id, 'granted', 'failed', 'rejected');
    expect(heard.type).toBe('partner.access.granted');
    await ended(world, id);
  },
  'what was given in a resource group, and policies of the vendor, taken off by hand and put back': async (
    world,
    id,
  ) => {
    const [everywhere, inGroup] = ['AliyunSLBReadOnlyAccess', 'AliyunALBReadOnlyAccess'];
    const { resourceGroupId: ResourceGroupId } = IN_A_GROUP;
    const byVendor = [
      { systemPolicy: everywhere },
      { systemPolicy: inGroup, resourceGroupId: ResourceGroupId },
    ];
    await world.onboard(id, { grants: [IN_A_GROUP, ...byVendor] });
    await world.hear(id, 'approval-needed');
    await answer(world, id, { jws: await signed(world, id, boss), id: `yes-${id}` });
    await world.hear(id, 'granted');
    const attached = async () =>
      (await world.ram().attachmentsOf(roleOf(id))).map((one) => JSON.stringify(one)).sort();
    const before = await attached();
    const onRole = { RoleName: roleOf(id), PolicyType: 'System' };
    for (const [PolicyType, PolicyName] of [
      ['Custom', `${roleOf(id)}-2`],
      ['System', inGroup],
    ] as const)
      await world.asOwner('2020-03-31', 'DetachPolicy', {
        PolicyType,
        PolicyName: PolicyName ?? '',
        PrincipalType: 'ServiceRole',
        PrincipalName: `${roleOf(id)}@role.${OWNER}.onaliyunservice.com`,
        ResourceGroupId,
      });
    await ram(world, 'DetachPolicyFromRole', { ...onRole, PolicyName: everywhere ?? '' });
    // What somebody put on goes after all else came: it would stay where something could not be put back.
    await ram(world, 'AttachPolicyToRole', { ...onRole, PolicyName: 'AdministratorAccess' });
    await healed(world, id, 'FOREIGN_POLICY', 'NOT_ATTACHED', 'NOT_ATTACHED', 'NOT_ATTACHED');
    expect(await attached()).toEqual(before);
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
  'a termination that cannot be read': async (world, id) => {
    await world.post({
      id: `unreadable-${id}`,
      source: 'test',
      type: 'partner.contract.terminated',
      subject: id,
      data: {},
    });
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
