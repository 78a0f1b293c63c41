import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shuffled } from '../../../shared/loopback/eventbridge/readings.js';
import { ApiError } from '../../../shared/loopback/kernel.js';
import { allow, ownerId } from '../identity-clients.js';
import { type BridgeWorld, failingTimes, flowTarget, REGION, startBridgeWorld } from './bridge-world.js';

let world: BridgeWorld;
beforeEach(async () => {
  world = await startBridgeWorld();
  await world.makeServiceRole('starter', 'eventbridge.aliyuncs.com', allow('fnf:StartExecution'));
});
afterEach(() => world.running.close());

const DECAY = { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' };
const DEAD_QUEUE = { DeadLetterQueue: { Arn: `acs:mns:${REGION}:${ownerId}:/queues/dead` } };
const DEAD_BUS = { DeadLetterQueue: { Arn: `acs:eventbridge:${REGION}:${ownerId}:eventbus/dead` } };
const always = () => {
  throw new ApiError(503, 'ServiceUnavailable', 'busy');
};
const queueTarget = (changes: object = {}, params: readonly object[] = []) => ({
  Id: 'queue',
  Type: 'acs.mns.queue',
  Endpoint: `acs:mns:${REGION}:${ownerId}:queues/q`,
  ParamList: [
    { ResourceKey: 'queue', Form: 'CONSTANT', Value: 'q' },
    { ResourceKey: 'Body', Form: 'JSONPATH', Value: '$.id' },
    ...params,
  ],
  ...changes,
});

/** Milliseconds from the first attempt to each, over two days. */
async function attemptTimes(): Promise<readonly number[]> {
  const times: number[] = [];
  world.flows.answer = () => {
    times.push(world.clock.now());
    return always();
  };
  await world.post('e');
  await world.clock.advance(2 * 86_400_000);
  return times.map((at) => at - (times[0] ?? 0));
}

describe('a flow target', () => {
  it('starts the flow as its role, under the name and with the input that the rule says', async () => {
    await world.makeRule(
      'r',
      flowTarget({}, [
        { ResourceKey: 'ExecutionName', Form: 'TEMPLATE', Value: '{"id":"$.id"}', Template: 'e-\u0024{id}' },
        { ResourceKey: 'Input', Form: 'JSONPATH', Value: '$.data' },
      ]),
    );
    await world.post('1');
    expect(world.flows.starts).toMatchObject([
      {
        params: { FlowName: 'f', ExecutionName: 'e-1', Input: '{"n":1}' },
        caller: { accountId: ownerId, roleName: 'starter' },
        region: REGION,
      },
    ]);
    expect(world.bridge.deliveries).toEqual([
      { rule: 'r', target: 'flow', eventId: '1', attempts: 1, outcome: 'delivered' },
    ]);
  });

  it('names no execution and gives no input when the rule does not', async () => {
    await world.makeRule('r', flowTarget());
    await world.post('1');
    expect(world.flows.starts[0]?.params).toEqual({ FlowName: 'f' });
  });

  it.each([
    ['trusts somebody else', 'fnf.aliyuncs.com', allow('fnf:*')],
    ['may not start it', 'eventbridge.aliyuncs.com', allow('fnf:GetFlow')],
  ])('whose role %s is not reached', async (_what, service, policy) => {
    await world.makeServiceRole('weak', service, policy);
    const params = [
      { ResourceKey: 'FlowName', Form: 'CONSTANT', Value: 'f' },
      { ResourceKey: 'RoleName', Form: 'CONSTANT', Value: 'weak' },
    ];
    await world.makeRule('r', flowTarget({ ParamList: params }));
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(world.flows.starts).toHaveLength(0);
    expect(world.bridge.deliveries).toMatchObject([
      { attempts: 4, outcome: 'dropped', failure: 'NoPermission' },
    ]);
  });

  it.each([
    ['delivered', 'delivered', 1],
    ['failed', 'dropped', 4],
  ] as const)('whose execution exists counts as %s when told so', async (reading, outcome, attempts) => {
    world.bridge.switches.executionExists = reading;
    await world.makeRule('r', flowTarget());
    world.flows.answer = () => {
      throw new ApiError(409, 'ExecutionAlreadyExists', 'exists');
    };
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(world.bridge.deliveries).toMatchObject([{ outcome, attempts }]);
  });

  it('of a rule that is disabled or does not match gets nothing', async () => {
    await world.makeRule('off', flowTarget());
    await world.control('DisableRule', { EventBusName: 'orders', RuleName: 'off' });
    await world.makeRule('other', flowTarget(), { type: ['u'] });
    await world.post('1');
    expect(world.flows.starts).toHaveLength(0);
    await world.control('EnableRule', { EventBusName: 'orders', RuleName: 'off' });
    await world.post('2');
    expect(world.flows.starts).toHaveLength(1);
  });
});

describe('a target that fails', () => {
  it('is tried again after 1, 2, 4 … 512 s, 176 times in a day', async () => {
    await world.makeRule('r', flowTarget(DECAY));
    const times = await attemptTimes();
    const waits = times.slice(1).map((at, n) => (at - (times[n] ?? 0)) / 1000);
    expect(waits.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512]);
    expect(waits).toHaveLength(176);
    expect(waits.filter((wait) => wait === 512)).toHaveLength(167);
    expect(times.at(-1)).toBeLessThan(86_400_000);
  });

  it('by default is tried again three times, 10 to 20 s apart', async () => {
    await world.makeRule('r', flowTarget());
    const times = await attemptTimes();
    const waits = times.slice(1).map((at, n) => (at - (times[n] ?? 0)) / 1000);
    expect(waits).toHaveLength(3);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...waits)).toBeLessThan(20);
    expect(new Set(waits).size).toBe(3);
  });

  it('and then takes it is delivered, and its dead letters stay empty', async () => {
    await world.makeRule('r', flowTarget({ ...DECAY, ...DEAD_QUEUE }));
    world.flows.answer = failingTimes(3);
    await world.post('1');
    await world.clock.advance(7_000);
    expect(world.bridge.deliveries).toMatchObject([{ attempts: 4, outcome: 'delivered' }]);
    expect(world.bridge.deadLetters()).toEqual([]);
  });

  it('keeps no other target from the event', async () => {
    await world.makeRule('r', flowTarget());
    await world.makeRule('q', queueTarget());
    world.flows.answer = always;
    await world.post('1');
    expect(world.bridge.queue(ownerId, 'q')).toEqual(['1']);
  });
});

describe('an event that cannot be delivered', () => {
  beforeEach(() => {
    world.flows.answer = always;
  });

  it('reaches a dead-letter queue as it was, stamps and all', async () => {
    await world.makeRule(
      'r',
      flowTarget({ ...DEAD_QUEUE }, [{ ResourceKey: 'Input', Form: 'JSONPATH', Value: '$.id' }]),
    );
    await world.post('1');
    await world.clock.advance(3_600_000);
    const [body = ''] = world.bridge.queue(ownerId, 'dead');
    expect(JSON.parse(body)).toMatchObject({ id: '1', data: { n: 1 }, aliyuneventbusname: 'orders' });
    expect(world.bridge.deadLetters()).toMatchObject([
      { rule: 'r', target: 'flow', failure: 'ServiceUnavailable', event: { id: '1' } },
    ]);
    expect(world.bridge.deliveries).toMatchObject([{ outcome: 'dead-lettered', attempts: 4 }]);
  });

  it('reaches a dead-letter bus, and its rules', async () => {
    await world.control('CreateEventBus', { EventBusName: 'dead' });
    const EventTargets = JSON.stringify([queueTarget()]);
    await world.control('CreateRule', {
      EventBusName: 'dead',
      RuleName: 'd',
      FilterPattern: '{}',
      EventTargets,
    });
    await world.makeRule('r', flowTarget(DEAD_BUS));
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(world.bridge.queue(ownerId, 'q')).toEqual(['1']);
  });

  it('is dropped, and nothing breaks, when its dead-letter bus is not there', async () => {
    await world.makeRule('r', flowTarget(DEAD_BUS));
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(world.bridge.deliveries).toMatchObject([{ outcome: 'dropped' }]);
    expect(world.bridge.deadLetters()).toEqual([]);
  });

  it('blocks those behind it when no error is tolerated, until the target is put anew', async () => {
    const intolerant = flowTarget({ ErrorsTolerance: 'NONE', ...DEAD_QUEUE });
    await world.makeRule('r', intolerant);
    await world.post('1');
    await world.clock.advance(3_600_000);
    world.flows.answer = () => ({ Name: 'e' });
    await world.post('2');
    expect(world.bridge.deliveries).toMatchObject([{ eventId: '1', outcome: 'blocked' }]);
    expect(world.bridge.queue(ownerId, 'dead')).toEqual([]);
    const Targets = JSON.stringify([intolerant]);
    await world.control('PutTargets', { EventBusName: 'orders', RuleName: 'r', Targets });
    await world.clock.settled();
    const delivered = world.bridge.deliveries.filter(({ outcome }) => outcome === 'delivered');
    expect(delivered.map(({ eventId }) => eventId)).toEqual(['1', '2']);
  });
});

describe('a switch', () => {
  it('delivers everything twice', async () => {
    world.bridge.switches.deliverTwice = true;
    await world.makeRule('q', queueTarget());
    await world.post('1', '2');
    expect([...world.bridge.queue(ownerId, 'q')].sort()).toEqual(['1', '1', '2', '2']);
  });

  it('delivers in an order that a seed decides', async () => {
    await world.makeRule('q', queueTarget());
    const ids = Array.from({ length: 12 }, (_, n) => `${n}`);
    const orderFor = async (seed: number) => {
      const before = world.bridge.queue(ownerId, 'q').length;
      world.bridge.switches.delaySeconds = shuffled(seed, 60);
      await world.post(...ids);
      await world.clock.advance(60_000);
      return world.bridge.queue(ownerId, 'q').slice(before);
    };
    const first = await orderFor(7);
    expect(first).not.toEqual(ids);
    expect([...first].sort()).toEqual([...ids].sort());
    expect(await orderFor(7)).toEqual(first);
    expect(await orderFor(8)).not.toEqual(first);
  });
});

describe('a queue target', () => {
  it('encodes the body when it is told to', async () => {
    await world.makeRule(
      'q',
      queueTarget({}, [{ ResourceKey: 'IsBase64Encode', Form: 'CONSTANT', Value: 'true' }]),
    );
    await world.post('1');
    expect(world.bridge.queue(ownerId, 'q')).toEqual([Buffer.from('1').toString('base64')]);
  });
});

describe('a function target', () => {
  const constant = (ResourceKey: string, Value: string) => ({ ResourceKey, Form: 'CONSTANT', Value });
  const functionTarget = (Endpoint: string, params: readonly object[] = []) => ({
    Id: 'fn',
    Type: 'acs.fc.function',
    Endpoint: `acs:fc:${REGION}:${ownerId}:${Endpoint}`,
    ParamList: [{ ResourceKey: 'Body', Form: 'JSONPATH', Value: '$.data' }, ...params],
  });
  const role = () =>
    world.makeServiceRole(
      'AliyunServiceRoleForEventBridgeSendToFC',
      'sendevent-fc.eventbridge.aliyuncs.com',
      allow('fc:*'),
    );

  it('is invoked by its endpoint, or by service, function and qualifier', async () => {
    await role();
    const named = [
      constant('serviceName', 's'),
      constant('functionName', 'g'),
      constant('Qualifier', 'prod'),
    ];
    await world.makeRule('r3', functionTarget('functions/f'));
    await world.makeRule(
      'r2',
      functionTarget('services/\u0024{x}/functions/g', [
        ...named,
        constant('InvocationType', 'Async'),
        constant('DataFormat', 'ObjectList'),
      ]),
    );
    await world.post('1');
    expect(
      world.functions.calls.map(({ resourceArn, invocationType, payload }) => [
        resourceArn,
        invocationType,
        `${payload}`,
      ]),
    ).toEqual([
      [`acs:fc:${REGION}:${ownerId}:functions/f`, 'Sync', '{"n":1}'],
      [`acs:fc:${REGION}:${ownerId}:services/s.prod/functions/g`, 'Async', '[{"n":1}]'],
    ]);
    expect(world.functions.calls[0]?.caller.roleName).toBe('AliyunServiceRoleForEventBridgeSendToFC');
  });

  it.each([
    [true, 4, 'dropped'],
    [false, 1, 'delivered'],
  ] as const)('that fails counts as a failure: %s', async (isFailure, attempts, outcome) => {
    await role();
    world.bridge.switches.functionErrorFails = isFailure;
    world.functions.answer = () => ({
      status: 200,
      errorType: 'UnhandledInvocationError',
      body: Buffer.from('{}'),
    });
    await world.makeRule('r', functionTarget('functions/f'));
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(world.bridge.deliveries).toMatchObject([{ attempts, outcome }]);
  });

  it('is not reached without the service’s role', async () => {
    await world.makeRule('r', functionTarget('functions/f'));
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(world.bridge.deliveries).toMatchObject([{ outcome: 'dropped', failure: 'EntityNotExist.Role' }]);
  });
});

describe('an http target', () => {
  let server: Server;
  let answer: { status: number; headers?: Record<string, string> };
  const got: { readonly body: string; readonly token: unknown }[] = [];
  const urlOf = (path = '/') => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const httpTarget = () => ({
    Id: 'http',
    Type: 'http',
    Endpoint: urlOf(),
    ParamList: [
      { ResourceKey: 'url', Form: 'CONSTANT', Value: urlOf('/hook') },
      { ResourceKey: 'Body', Form: 'ORIGINAL' },
      { ResourceKey: 'Network', Form: 'CONSTANT', Value: 'PublicNetwork' },
      { ResourceKey: 'Token', Form: 'CONSTANT', Value: 'a-token' },
    ],
  });

  beforeEach(async () => {
    got.length = 0;
    answer = { status: 200 };
    server = createServer((incoming, outgoing) => {
      let body = '';
      incoming.on('data', (chunk) => {
        body += chunk;
      });
      incoming.on('end', () => {
        got.push({ body, token: incoming.headers['x-eventbridge-signature-token'] });
        outgoing.writeHead(answer.status, answer.headers).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await world.makeRule('r', httpTarget());
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is posted the event with its token', async () => {
    await world.post('1');
    expect(got).toHaveLength(1);
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ id: '1', aliyunaccountid: ownerId });
    expect(got[0]?.token).toBe('a-token');
  });

  it('that answers 500 is tried again', async () => {
    answer = { status: 500 };
    await world.post('1');
    answer = { status: 200 };
    await world.clock.advance(20_000);
    expect(world.bridge.deliveries).toMatchObject([{ attempts: 2, outcome: 'delivered' }]);
  });

  it.each([
    'http://example.invalid/',
    'http://127.0.0.1.example.invalid/',
    'http://user:127.0.0.1@example.invalid/',
  ])('at %s is taken, and never called', async (url) => {
    const [first, ...others] = httpTarget().ParamList;
    await world.makeRule('elsewhere', { ...httpTarget(), ParamList: [{ ...first, Value: url }, ...others] });
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(world.bridge.deliveries).toContainEqual(
      expect.objectContaining({ rule: 'elsewhere', outcome: 'dropped', failure: 'NotOnThisMachine' }),
    );
  });

  it('that sends us elsewhere is not followed', async () => {
    answer = { status: 302, headers: { location: urlOf('/elsewhere') } };
    await world.post('1');
    await world.clock.advance(3_600_000);
    expect(got).toHaveLength(4);
    expect(world.bridge.deliveries).toMatchObject([{ outcome: 'dropped', failure: 'HttpStatus302' }]);
  });
});
