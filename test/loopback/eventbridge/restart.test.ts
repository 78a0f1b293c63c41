import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeVirtualClock } from '../../../shared/loopback/clock.js';
import { allow, ownerId } from '../identity-clients.js';
import {
  type BridgeWorld,
  failingTimes,
  flowTarget,
  REGION,
  START,
  startBridgeWorld,
} from './bridge-world.js';

let data: string;
let world: BridgeWorld;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'leasehold-bridge-'));
  world = await startBridgeWorld(undefined, data);
  await world.makeServiceRole('starter', 'eventbridge.aliyuncs.com', allow('fnf:StartExecution'));
});
afterEach(async () => {
  await world.running.close();
  rmSync(data, { recursive: true, force: true });
});

async function restart(later = 0): Promise<void> {
  const at = world.clock.now() + later;
  await world.running.close();
  world = await startBridgeWorld(makeVirtualClock({ startAt: at }), data);
}
const always = () => failingTimes(1_000)();

describe('after a restart', () => {
  it('an event that waits for its retry is tried again when it is due, as often as is left', async () => {
    await world.makeRule('r', flowTarget({ PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' }));
    world.flows.answer = always;
    await world.post('e1');
    await world.clock.advance(3_500); // tried at 0, 1 and 3 s; due again at 7 s
    expect(world.flows.starts).toHaveLength(3);
    await restart();
    await world.clock.advance(3_400);
    expect(world.flows.starts).toHaveLength(0);
    await world.clock.advance(200);
    expect(world.flows.starts).toHaveLength(1);
    await restart();
    await world.clock.advance(86_400_000);
    expect(world.flows.starts).toHaveLength(0);
  });

  it('an event whose retry came due meanwhile is tried at once', async () => {
    await world.makeRule('r', flowTarget({ PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' }));
    world.flows.answer = always;
    await world.post('e1');
    await restart(3_600_000);
    await world.clock.settled();
    await world.clock.advance(0);
    expect(world.flows.starts).toHaveLength(1);
    expect(world.bridge.deliveries).toMatchObject([{ outcome: 'delivered', attempts: 2 }]);
  });

  it('events behind one that blocks its target are still held back, in their order, until the target is put anew', async () => {
    const target = flowTarget({ ErrorsTolerance: 'NONE' }, [
      { ResourceKey: 'ExecutionName', Form: 'JSONPATH', Value: '$.id' },
    ]);
    await world.makeRule('r', target);
    world.flows.answer = always;
    await world.post('e1');
    await world.clock.advance(120_000);
    await world.post('e2', 'e3');
    await restart();
    await world.post('e4');
    await world.clock.advance(3_600_000);
    expect(world.flows.starts).toEqual([]);
    const Targets = JSON.stringify([target]);
    await world.control('PutTargets', { EventBusName: 'orders', RuleName: 'r', Targets });
    await world.clock.settled();
    expect(world.flows.starts.map(({ params }) => params['ExecutionName'])).toEqual(['e1', 'e2', 'e3', 'e4']);
    await restart();
    await world.clock.advance(3_600_000);
    expect(world.flows.starts).toEqual([]);
  });

  it('rules, sources and queues are as they were, and what was deleted is not there', async () => {
    const queue = { ResourceKey: 'queue', Form: 'CONSTANT', Value: 'q' };
    await world.makeRule('to-queue', {
      Id: 'q',
      Type: 'acs.mns.queue',
      Endpoint: `acs:mns:${REGION}:${ownerId}:/queues/q`,
      ParamList: [queue, { ResourceKey: 'Body', Form: 'JSONPATH', Value: '$.id' }],
    });
    await world.makeRule('gone', flowTarget());
    await world.control('DeleteRule', { EventBusName: 'orders', RuleName: 'gone' });
    await world.control('CreateEventBus', { EventBusName: 'gone' });
    await world.control('DeleteEventBus', { EventBusName: 'gone' });
    await world.control('CreateEventSource', {
      EventBusName: 'orders',
      EventSourceName: 'tick',
      SourceScheduledEventParameters: '{"Schedule":"0 * * * * *","TimeZone":"GMT+0:00"}',
    });
    await world.post('e1');
    const shown = async () => [
      await world.control('ListEventBuses', {}),
      await world.control('ListRules', { EventBusName: 'orders' }),
      await world.control('ListUserDefinedEventSources', { EventBusName: 'orders' }),
      world.bridge.queue(ownerId, 'q'),
    ];
    const before = await shown();
    await restart();
    expect(await shown()).toEqual(before);
    await world.post('e2');
    expect(world.bridge.queue(ownerId, 'q')).toEqual(['e1', 'e2']);
    const ticks: unknown[] = [];
    world.bridge.tap(ownerId, 'orders', (event) => ticks.push(event));
    await world.clock.advance(60_000);
    expect(ticks).toMatchObject([{ type: 'eventbridge:Events:ScheduledEvent' }]);
    expect(world.clock.now()).toBe(START + 60_000);
  });
});
