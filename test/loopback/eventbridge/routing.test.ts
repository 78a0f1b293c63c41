import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../shared/loopback/eventbridge/events.js';
import { allow, ownerId, partnerId } from '../identity-clients.js';
import { type BridgeWorld, flowTarget, REGION, START, startBridgeWorld } from './bridge-world.js';

let world: BridgeWorld;
beforeEach(async () => {
  world = await startBridgeWorld();
});
afterEach(() => world.running.close());

const busTarget = (account: string, bus: string, role?: string) => ({
  Id: 'bus',
  Type: 'acs.eventbridge',
  Endpoint: `acs:eventbridge:${REGION}:${account}:eventbus/${bus}`,
  ParamList: [
    { ResourceKey: 'RegionId', Form: 'CONSTANT', Value: REGION },
    {
      ResourceKey: 'AccountType',
      Form: 'CONSTANT',
      Value: account === ownerId ? 'SameAccount' : 'AnotherAccount',
    },
    { ResourceKey: 'AccountId', Form: 'CONSTANT', Value: account },
    { ResourceKey: 'EventBusName', Form: 'CONSTANT', Value: bus },
    ...(role === undefined ? [] : [{ ResourceKey: 'RAMRoleName', Form: 'CONSTANT', Value: role }]),
    { ResourceKey: 'Body', Form: 'ORIGINAL' },
  ],
});
function hear(account: string, bus: string): CloudEvent[] {
  const heard: CloudEvent[] = [];
  world.bridge.tap(account, bus, (event) => heard.push(event));
  return heard;
}

describe('a rule that routes to a bus of its own account', () => {
  it('publishes the event there, stamped anew', async () => {
    await world.control('CreateEventBus', { EventBusName: 'next' });
    await world.makeRule('r', busTarget(ownerId, 'next'));
    const heard = hear(ownerId, 'next');
    await world.post('1');
    expect(heard).toMatchObject([{ id: '1', aliyuneventbusname: 'next', aliyunoriginalaccountid: ownerId }]);
  });

  it.each(['RegionId', 'AccountType', 'EventBusName', 'Body'])('is refused without %s', async (key) => {
    const target = busTarget(ownerId, 'next');
    const ParamList = target.ParamList.filter(({ ResourceKey }) => ResourceKey !== key);
    await expect(world.makeRule('r', { ...target, ParamList })).rejects.toMatchObject({
      code: 'EventTargetInvalid',
    });
  });

  it('in a circle comes to rest', async () => {
    await world.makeRule('r', busTarget(ownerId, 'orders'));
    const heard = hear(ownerId, 'orders');
    await world.post('1');
    expect(heard.length).toBeLessThan(20);
    expect(world.bridge.deliveries.at(0)).toMatchObject({ outcome: 'dropped', failure: 'RoutedInACircle' });
  });
});

describe('a rule that routes to a bus of another account', () => {
  const trusted = `${ownerId}@eventbridge.aliyuncs.com`;
  const theirBus = `acs:eventbridge:${REGION}:${partnerId}:eventbus/inbox`;
  beforeEach(() => world.control('CreateEventBus', { EventBusName: 'inbox' }, partnerId));

  it('publishes as the role there, and the event keeps its original account', async () => {
    await world.makeServiceRole('let-in', trusted, allow('eventbridge:PutEvents', theirBus), partnerId);
    await world.makeRule('r', busTarget(partnerId, 'inbox', 'let-in'));
    const heard = hear(partnerId, 'inbox');
    await world.post('1');
    expect(heard).toMatchObject([{ id: '1', aliyunaccountid: partnerId, aliyunoriginalaccountid: ownerId }]);
  });

  it.each([
    ['trusts EventBridge of yet another account', `${partnerId}@eventbridge.aliyuncs.com`, allow('*')],
    ['trusts EventBridge at large', 'eventbridge.aliyuncs.com', allow('*')],
    ['may publish to other buses only', trusted, allow('eventbridge:PutEvents', `${theirBus}-2`)],
  ])('is not let in when the role there %s', async (_what, service, policy) => {
    await world.makeServiceRole('let-in', service, policy, partnerId);
    await world.makeRule('r', busTarget(partnerId, 'inbox', 'let-in'));
    const heard = hear(partnerId, 'inbox');
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(heard).toEqual([]);
    expect(world.bridge.deliveries).toMatchObject([{ outcome: 'dropped' }]);
  });

  it.each(['AccountId', 'RAMRoleName'])('is refused without %s', async (key) => {
    const target = busTarget(partnerId, 'inbox', 'let-in');
    const ParamList = target.ParamList.filter(({ ResourceKey }) => ResourceKey !== key);
    await expect(world.makeRule('r', { ...target, ParamList })).rejects.toMatchObject({
      code: 'EventTargetInvalid',
    });
  });
});

describe('a scheduled source', () => {
  const source = (Schedule: string, more: object = {}) => ({
    EventBusName: 'orders',
    EventSourceName: 'my.clock',
    SourceScheduledEventParameters: JSON.stringify({ Schedule, TimeZone: 'GMT+8:00', ...more }),
  });
  const minute = 60_000;

  it('publishes when the cloud’s clock says so', async () => {
    const heard = hear(ownerId, 'orders');
    await world.control('CreateEventSource', source('0 * * * * *', { UserData: '{"a":"b"}' }));
    await world.clock.advance(minute - 1);
    expect(heard).toHaveLength(0);
    await world.clock.advance(1);
    await world.clock.advance(minute);
    expect(heard).toHaveLength(2);
    expect(heard[0]).toMatchObject({
      source: 'my.clock',
      type: 'eventbridge:Events:ScheduledEvent',
      time: new Date(START + minute).toISOString().replace('.000', ''),
      data: { TimeZone: 'GMT+8:00', Schedule: '0 * * * * *', UserData: { a: 'b' } },
      aliyunaccountid: ownerId,
    });
    expect(new Set(heard.map(({ id }) => id)).size).toBe(2);
  });

  it('starts the targets of the rules it matches', async () => {
    await world.makeServiceRole('starter', 'eventbridge.aliyuncs.com', allow('fnf:*'));
    await world.makeRule('r', flowTarget(), { source: ['my.clock'] });
    await world.control('CreateEventSource', source('60'));
    await world.clock.advance(minute);
    await world.clock.settled();
    expect(world.flows.starts).toHaveLength(1);
  });

  it('changes its schedule, and ends with its deletion', async () => {
    const heard = hear(ownerId, 'orders');
    await world.control('CreateEventSource', source('60'));
    await world.control('UpdateEventSource', source('3600'));
    await world.clock.advance(minute);
    expect(heard).toHaveLength(0);
    await world.clock.advance(59 * minute);
    expect(heard).toHaveLength(1);
    await world.control('DeleteEventSource', source('60'));
    await world.clock.advance(120 * minute);
    expect(heard).toHaveLength(1);
  });

  it('keeps an idle cloud from resting no longer than its work', async () => {
    await world.control('CreateEventSource', source('60'));
    await world.clock.runUntilIdle();
    expect(world.clock.now()).toBe(START);
  });

  it('holds its bus', async () => {
    await world.control('CreateEventSource', source('60'));
    await expect(world.control('DeleteEventBus', { EventBusName: 'orders' })).rejects.toMatchObject({
      code: 'EventBusSourceNotEmptyForDelete',
    });
  });
});
