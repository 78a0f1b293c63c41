import EventBridgePackage, * as EventBridge from '@alicloud/eventbridge';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientClass } from '../../shared/cloud/alibaba/connection.js';
import { makeVirtualClock, type VirtualClock } from '../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { BadPatternError, compilePattern } from '../../shared/loopback/eventbridge/patterns.js';
import { type EventBridgeParts, eventBridgeService } from '../../shared/loopback/eventbridge/service.js';
import { transform } from '../../shared/loopback/eventbridge/transforms.js';

const ACCOUNT = '1000000000000001';
const matches = (pattern: unknown, event: object) =>
  compilePattern(JSON.stringify(pattern))(event as Readonly<Record<string, unknown>>);

describe('a pattern', () => {
  it.each([
    [{}, {}, true],
    [{ source: ['a', 'b'] }, { source: 'b' }, true],
    [{ source: ['a'] }, { source: 'A' }, false],
    [{ source: ['a'], type: ['t'] }, { source: 'a', type: 'u' }, false],
    [{ source: [{ prefix: 'acs.' }] }, { source: 'acs.oss' }, true],
    [{ subject: [{ suffix: '.jpg' }] }, { subject: 'a.png' }, false],
    [{ type: [{ contains: 'mid' }] }, { type: 'a:mid:b' }, true],
    [{ data: { state: [{ 'anything-but': 'x' }] } }, { data: { state: 'y' } }, true],
    [{ data: { state: [{ 'anything-but': 'x' }] } }, { data: {} }, false],
    [{ data: { state: [{ 'anything-but': ['x', 'y'] }] } }, { data: { state: 'y' } }, false],
    [{ source: [{ 'anything-but': { prefix: 'acs.' } }] }, { source: 'acs.oss' }, false],
    [{ data: { n: [{ numeric: ['>', 0, '<=', 5] }] } }, { data: { n: 5 } }, true],
    [{ data: { n: [{ numeric: ['>', 0, '<=', 5] }] } }, { data: { n: '3' } }, false],
    [{ data: { ip: [{ cidr: '10.0.0.0/24' }] } }, { data: { ip: '10.0.0.255' } }, true],
    [{ data: { ip: [{ cidr: '10.0.0.0/24' }] } }, { data: { ip: '10.0.1.0' } }, false],
    [{ data: { a: [{ exists: false }] } }, { data: {} }, true],
    [{ data: { a: [{ exists: true }] } }, { data: { a: {} } }, false],
    [{ data: { a: [null] } }, { data: { a: null } }, true],
    [{ data: { a: [''] } }, { data: { a: null } }, false],
    [{ data: { a: ['x'] } }, { data: { a: ['w', 'x'] } }, true],
    [{ data: { a: [80] } }, { data: { a: '80' } }, true],
  ])('%j on %j is %s', (pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it.each([
    [{ source: 'a' }],
    [{ source: [] }],
    [{ source: [['a']] }],
    [{ data: {} }],
    [{ colour: ['red'] }],
    [{ source: [{ like: 'a' }] }],
    [{ source: [{ prefix: 'a', suffix: 'b' }] }],
    [{ source: [{ prefix: '' }] }],
    [{ data: { n: [{ numeric: ['~', 1] }] } }],
    [{ data: { a: [{ exists: 'yes' }] } }],
  ])('%j is refused', (pattern) => {
    expect(() => matches(pattern, {})).toThrow(BadPatternError);
  });

  it('of any text at all is read or refused, and meets any event without trouble', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (text, event) => {
          try {
            compilePattern(text)(event);
          } catch (error) {
            expect(error).toBeInstanceOf(BadPatternError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a transform', () => {
  const event = { id: 'e', data: { name: 'bob', n: 7, o: { a: [1] }, z: null } };
  it.each([
    [{ Form: 'ORIGINAL' }, event],
    [{ Form: 'JSONPATH', Value: '$' }, event],
    [{ Form: 'JSONPATH', Value: '$.data.o.a[0]' }, 1],
    [{ Form: 'JSONPATH', Value: '$.data.nothing' }, null],
    [{ Form: 'CONSTANT', Value: 'c' }, 'c'],
    [
      {
        Form: 'TEMPLATE',
        Value: '{"n":"$.data.name","c":"k"}',
        Template: 'hi \u0024{n} \u0024{c} \u0024{x}',
      },
      'hi bob k \u0024{x}',
    ],
    [
      { Form: 'TEMPLATE', Value: '{"o":"$.data.o","z":"$.data.z"}', Template: '\u0024{o} \u0024{z}' },
      '{"a":[1]} null',
    ],
  ])('%j', (param, expected) => {
    expect(transform({ ResourceKey: 'k', ...param }, event)).toEqual(expected);
  });
});

describe('on the wire', () => {
  let clock: VirtualClock;
  let cloud: RunningCloud;
  let bridge: EventBridgeParts;
  let flowAnswers: (() => unknown)[] = [];
  const started: unknown[] = [];
  const Client = clientClass(EventBridgePackage);
  const clientOf = (keys: { readonly accessKeyId: string; readonly accessKeySecret: string }) =>
    new Client(new EventBridge.Config({ ...keys, endpoint: cloud.endpoint }));
  const event = (changes: Record<string, unknown> = {}) =>
    new EventBridge.CloudEvent({
      id: 'e1',
      source: 's',
      type: 't:y',
      specversion: '1.0',
      time: '2026-12-01T00:00:00Z',
      datacontenttype: 'application/json',
      data: Buffer.from('{"a":1}'),
      extensions: { aliyuneventbusname: 'orders' },
      ...changes,
    });
  const control = (action: string, params: Readonly<Record<string, string>>) =>
    cloud.cloud.call(cloud.accounts.rootOf(ACCOUNT), '2020-04-01', action, params, 'cn-hangzhou');
  let owner: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    clock = makeVirtualClock({ startAt: Date.now() });
    cloud = await startCloud({
      clock,
      services: [
        (its) => {
          bridge = eventBridgeService(its);
          const fnf = {
            product: 'fnf',
            version: '2019-03-15',
            actions: {
              StartExecution: ({ params }: { readonly params: Readonly<Record<string, string>> }) => {
                started.push(params);
                return flowAnswers.shift()?.() ?? { Name: 'e' };
              },
            },
          };
          return { http: bridge.http, rpc: [...bridge.rpc, fnf] };
        },
      ],
    });
    owner = clientOf(cloud.accounts.createAccount(ACCOUNT).rootAccessKey);
    await control('CreateEventBus', { EventBusName: 'orders' });
    await control('CreateEventBus', { EventBusName: 'dead' });
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['eventbridge.aliyuncs.com'] } },
      ],
    });
    await cloud.cloud.call(
      cloud.accounts.rootOf(ACCOUNT),
      '2015-05-01',
      'CreateRole',
      { RoleName: 'starter', AssumeRolePolicyDocument },
      'cn-hangzhou',
    );
    const target = {
      Id: 'flow',
      Type: 'acs.fnf',
      Endpoint: 'acs:fnf:cn-hangzhou:1000000000000001:flow/\u0024{flow}',
      PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY',
      DeadLetterQueue: { Arn: `acs:eventbridge:cn-hangzhou:${ACCOUNT}:eventbus/dead` },
      ParamList: [
        { ResourceKey: 'FlowName', Form: 'CONSTANT', Value: 'f' },
        { ResourceKey: 'Input', Form: 'JSONPATH', Value: '$' },
        { ResourceKey: 'RoleName', Form: 'CONSTANT', Value: 'starter' },
      ],
    };
    await control('CreateRule', {
      EventBusName: 'orders',
      RuleName: 'r',
      FilterPattern: '{"type":["t:y"]}',
      EventTargets: JSON.stringify([target]),
    });
  });
  afterAll(() => cloud.close());

  it('an event that matches starts the flow with the whole event, stamped', async () => {
    const answer = await owner.putEvents([event({ id: 'whole' })]);
    await clock.settled();
    expect(answer.failedEntryCount).toBe(0);
    const input = JSON.parse((started.at(-1) as { readonly Input: string }).Input);
    expect(input).toMatchObject({
      id: 'whole',
      data: { a: 1 },
      aliyunaccountid: ACCOUNT,
      aliyuneventbusname: 'orders',
      aliyunregionid: 'cn-hangzhou',
    });
  });

  it('a target that fails is tried again after 1, 2, 4 … seconds', async () => {
    const fail = () => {
      throw new Error('busy');
    };
    flowAnswers = [fail, fail, fail];
    const before = started.length;
    await owner.putEvents([event({ id: 'again' })]);
    await clock.settled();
    expect(started.length - before).toBe(1);
    await clock.advance(1_000);
    expect(started.length - before).toBe(2);
    await clock.advance(1_999);
    expect(started.length - before).toBe(2);
    await clock.advance(1);
    await clock.advance(4_000);
    expect(started.length - before).toBe(4);
    expect(bridge.deliveries.find(({ eventId }) => eventId === 'again')).toMatchObject({
      attempts: 4,
      outcome: 'delivered',
    });
  });

  it('an event that cannot be delivered in a day reaches the dead letters as it was', async () => {
    const dead: unknown[] = [];
    const stop = bridge.tap(ACCOUNT, 'dead', (one) => dead.push(one));
    flowAnswers = Array.from({ length: 200 }, () => () => {
      throw new Error('busy');
    });
    await owner.putEvents([event({ id: 'lost' })]);
    await clock.advance(2 * 86_400_000);
    stop();
    flowAnswers = [];
    expect(dead).toMatchObject([{ id: 'lost', type: 't:y', data: { a: 1 } }]);
    expect(bridge.deliveries.find(({ eventId }) => eventId === 'lost')).toMatchObject({
      attempts: 177,
      outcome: 'dead-lettered',
    });
  });

  it('refuses a wrong secret, an unknown bus, and a user without rights', async () => {
    const user = cloud.accounts.createUser(ACCOUNT, 'nobody');
    await expect(clientOf({ ...user, accessKeySecret: 'wrong' }).putEvents([event()])).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    await expect(
      owner.putEvents([event({ extensions: { aliyuneventbusname: 'nowhere' } })]),
    ).rejects.toMatchObject({ code: 'EventBusNotExist' });
    await expect(clientOf(user).putEvents([event()])).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it.each([
    ['17 events', () => Array.from({ length: 17 }, (_, n) => event({ id: `n${n}` })), 'InvalidArgument'],
    ['a type of 65 characters', () => [event({ type: 't'.repeat(65) })], 'JsonAttributeInvalid'],
    ['an id with a dot', () => [event({ id: 'a.b' })], 'JsonAttributeInvalid'],
    [
      'two buses',
      () => [event(), event({ extensions: { aliyuneventbusname: 'dead' } })],
      'PutEventsRequestMoreThanOneEventBus',
    ],
  ])('refuses %s', async (_what, events, code) => {
    await expect(owner.putEvents(events())).rejects.toMatchObject({ code });
  });

  it('has no target that it cannot serve', async () => {
    const EventTargets = JSON.stringify([{ Id: 'x', Type: 'acs.sms', Endpoint: 'e', ParamList: [] }]);
    await expect(
      control('CreateRule', { EventBusName: 'orders', RuleName: 'sms', FilterPattern: '{}', EventTargets }),
    ).rejects.toMatchObject({ code: 'EventTargetInvalid' });
  });
});
