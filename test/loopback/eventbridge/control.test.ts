import * as models from '@alicloud/eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, codeOf, type Keys, ownerId, partnerId } from '../identity-clients.js';
import {
  type BridgeWorld,
  callControl,
  dataClient,
  flowTarget,
  REGION,
  startBridgeWorld,
} from './bridge-world.js';
import badTargets from './tables/bad-targets.json' with { type: 'json' };

let world: BridgeWorld;
const client = (keys: Keys) => dataClient(world.running.endpoint, keys);
/** The reply; rejects where it is a refusal, as clients of this API have to find out themselves. */
async function control(keys: Keys, action: string, query: Record<string, string>) {
  const reply = await callControl(world.running.endpoint, keys, action, query);
  if (reply['Success'] === false)
    throw Object.assign(new Error(String(reply['Message'])), { code: reply['Code'], reply });
  return reply;
}

beforeAll(async () => {
  world = await startBridgeWorld();
  await world.control('CreateEventBus', { EventBusName: 'other' });
});
afterAll(() => world.running.close());

describe('a target', () => {
  it.each(badTargets)(
    'with $what is refused when the rule is made',
    async ({ changes, params, repeatTemplate, why }) => {
      const more = (params ?? []).map((param) =>
        repeatTemplate === undefined ? param : { ...param, Template: 'x'.repeat(repeatTemplate) },
      );
      const EventTargets = JSON.stringify([flowTarget(changes, more)]);
      const rule = { EventBusName: 'orders', RuleName: 'bad', FilterPattern: '{}', EventTargets };
      const refusal = world.control('CreateRule', rule);
      // All share one code, so the table tells them apart by a word of the reason.
      await expect(refusal).rejects.toMatchObject({
        code: 'EventTargetInvalid',
        message: expect.stringContaining(why),
      });
      expect(await codeOf(world.control('GetRule', rule))).toBe('EventRuleNotExist');
    },
  );

  it('may route to another region where that is allowed', async () => {
    world.bridge.switches.crossRegionRouting = true;
    const Endpoint = `acs:eventbridge:cn-beijing:${ownerId}:eventbus/orders`;
    const ParamList = [
      { ResourceKey: 'RegionId', Form: 'CONSTANT', Value: 'cn-beijing' },
      { ResourceKey: 'AccountType', Form: 'CONSTANT', Value: 'SameAccount' },
      { ResourceKey: 'EventBusName', Form: 'CONSTANT', Value: 'orders' },
      { ResourceKey: 'Body', Form: 'ORIGINAL' },
    ];
    const target = { Id: 'far', Type: 'acs.eventbridge', Endpoint, ParamList };
    await world.makeRule('far', target);
    world.bridge.switches.crossRegionRouting = false;
    await world.control('DeleteRule', { EventBusName: 'orders', RuleName: 'far' });
  });
});

describe('a pattern', () => {
  const patterned = (FilterPattern: string) => ({ EventBusName: 'orders', RuleName: 'many', FilterPattern });
  const types = (count: number, prefix = 't') =>
    JSON.stringify({ type: Array.from({ length: count }, (_, n) => `${prefix}.${n}`) });

  it('has at most five values for a field, when the rule is made and when it is changed', async () => {
    const EventTargets = JSON.stringify([flowTarget()]);
    expect(await codeOf(world.control('CreateRule', { ...patterned(types(6)), EventTargets }))).toBe(
      'EventPatternInvalid',
    );
    await world.control('CreateRule', { ...patterned(types(5)), EventTargets });
    const nested = JSON.stringify({ data: { state: ['a', 'b', 'c', 'd', 'e', 'f'] } });
    for (const pattern of [types(6), nested])
      expect(await codeOf(world.control('UpdateRule', patterned(pattern)))).toBe('EventPatternInvalid');
    await world.control('DeleteRule', patterned(''));
  });

  it('may have more where that is taken', async () => {
    world.bridge.switches.valuesAField = Number.POSITIVE_INFINITY;
    await world.control('CreateRule', {
      ...patterned(types(6)),
      EventTargets: JSON.stringify([flowTarget()]),
    });
    world.bridge.switches.valuesAField = 5;
    await world.control('DeleteRule', patterned(''));
  });
});

describe('a pattern with a condition that no page of the vendor lists', () => {
  const FilterPattern = (condition: object) => JSON.stringify({ data: { n: [condition] } });
  it.each([
    { numeric: ['>=', 1] },
    { numeric: ['>', 1, '!=', 3] },
    { 'anything-but': { suffix: 'x' } },
    { cidr: '10.0.0.1' },
  ])('(%j) is refused, unless it is read as taken', async (condition) => {
    const rule = { EventBusName: 'orders', RuleName: 'strange', FilterPattern: FilterPattern(condition) };
    const test = { EventPattern: rule.FilterPattern, Event: '{"data":{"n":2}}' };
    const [make, judge] = [
      () => codeOf(world.control('CreateRule', rule)),
      () => codeOf(world.control('TestEventPattern', test)),
    ];
    expect([await make(), await judge()]).toEqual(['EventPatternInvalid', 'EventPatternInvalid']);
    world.bridge.switches.unlistedConditions = true;
    expect([await make(), await judge()]).toEqual(['accepted', 'accepted']);
    world.bridge.switches.unlistedConditions = false;
    await world.control('DeleteRule', rule);
  });

  it.each([
    { numeric: ['>', 0, '<=', 5] },
    { 'anything-but': { prefix: 'x' } },
    { cidr: '10.0.0.0/24' },
    { contains: 'x' },
  ])('is told from one that is listed (%j)', async (condition) => {
    const rule = { EventBusName: 'orders', RuleName: 'usual', FilterPattern: FilterPattern(condition) };
    await world.control('CreateRule', rule);
    await world.control('DeleteRule', rule);
  });
});

describe('bus and rule calls of the official SDK', () => {
  it('make, show, change and delete buses and rules', async () => {
    const sdk = client(world.owner);
    const bus = 'acs:eventbridge:cn-hangzhou:1000000000000001:eventbus/sdk';
    const made = await sdk.createEventBus(
      new models.CreateEventBusRequest({ eventBusName: 'sdk', description: 'd', tags: { a: 'b' } }),
    );
    expect(made.eventBusARN).toBe(bus);
    const shown = await sdk.getEventBus(new models.GetEventBusRequest({ eventBusName: 'sdk' }));
    expect(shown).toMatchObject({
      eventBusName: 'sdk',
      description: 'd',
      createTimestamp: world.clock.now(),
      tags: { a: 'b' },
    });
    const target = new models.TargetEntry({
      id: 'q',
      type: 'acs.mns.queue',
      endpoint: `acs:mns:${REGION}:${ownerId}:queues/q`,
      paramList: [
        new models.EBTargetParam({ resourceKey: 'queue', form: 'CONSTANT', value: 'q' }),
        new models.EBTargetParam({ resourceKey: 'Body', form: 'ORIGINAL' }),
      ],
    });
    const names = { eventBusName: 'sdk', ruleName: 'r' };
    const rule = await sdk.createRule(
      new models.CreateRuleRequest({ ...names, status: 'enable', filterPattern: '{}', targets: [target] }),
    );
    expect(rule.ruleARN).toBe(`${bus}/rule/r`);
    const listed = await sdk.listRules(new models.ListRulesRequest({ eventBusName: 'sdk', limit: 10 }));
    expect(listed).toMatchObject({
      total: 1,
      rules: [{ ruleName: 'r', status: 'ENABLE', filterPattern: '{}' }],
    });
    expect(
      (
        await sdk.testEventPattern(
          new models.TestEventPatternRequest({ event: '{"source":"a"}', eventPattern: '{"source":["a"]}' }),
        )
      ).result,
    ).toBe(true);
    await sdk.disableRule(new models.DisableRuleRequest(names));
    const changed = { ...names, description: 'new', filterPattern: '{"source":["a"]}' };
    await sdk.updateRule(new models.UpdateRuleRequest(changed));
    expect((await sdk.getRule(new models.GetRuleRequest(names))).status).toBe('ENABLE');
    await sdk.updateRule(new models.UpdateRuleRequest({ ...changed, status: 'DISABLE' }));
    expect(await sdk.getRule(new models.GetRuleRequest(names))).toMatchObject({
      status: 'DISABLE',
      description: 'new',
      filterPattern: '{"source":["a"]}',
      targets: [
        {
          id: 'q',
          pushRetryStrategy: 'BACKOFF_RETRY',
          paramList: [{ resourceKey: 'queue' }, { form: 'ORIGINAL' }],
        },
      ],
    });
    await sdk.enableRule(new models.EnableRuleRequest(names));
    const more = new models.TargetEntry({ ...target, id: 'q2' });
    expect(
      (await sdk.createTargets(new models.CreateTargetsRequest({ ...names, targets: [more] })))
        .errorEntriesCount,
    ).toBe(0);
    expect(
      (await sdk.listTargets(new models.ListTargetsRequest({ ...names, limit: 5 }))).targets?.map(
        ({ id }) => id,
      ),
    ).toEqual(['q', 'q2']);
    await sdk.deleteTargets(new models.DeleteTargetsRequest({ ...names, targetIds: ['q'] }));
    expect(await codeOf(sdk.deleteEventBus(new models.DeleteEventBusRequest({ eventBusName: 'sdk' })))).toBe(
      'EventBusRuleNotEmptyForDelete',
    );
    await sdk.deleteRule(new models.DeleteRuleRequest(names));
    expect(await codeOf(sdk.getRule(new models.GetRuleRequest(names)))).toBe('EventRuleNotExist');
    await sdk.deleteEventBus(new models.DeleteEventBusRequest({ eventBusName: 'sdk' }));
    expect(await codeOf(sdk.getEventBus(new models.GetEventBusRequest({ eventBusName: 'sdk' })))).toBe(
      'EventBusNotExist',
    );
  });

  it('make, show and delete scheduled sources', async () => {
    const sdk = client(world.owner);
    const names = { eventBusName: 'orders', eventSourceName: 'my.clock' };
    const scheduled = new models.SourceScheduledEventParameters({
      Schedule: '0 * * * * *',
      TimeZone: 'GMT+8:00',
      UserData: { a: 'b' },
    });
    const made = await sdk.createEventSource(
      new models.CreateEventSourceRequest({ ...names, sourceScheduledEventParameters: scheduled }),
    );
    expect(made.eventSourceARN).toBe(
      `acs:eventbridge:${REGION}:${ownerId}:eventbus/orders/eventsource/my.clock`,
    );
    const { eventSources } = await sdk.listUserDefinedEventSources(
      new models.ListUserDefinedRequest({ eventBusName: 'orders', limit: 10 }),
    );
    expect(eventSources).toMatchObject([{ name: 'my.clock', arn: made.eventSourceARN, status: 'Activated' }]);
    const mns = new models.SourceMNSParameters({ queueName: 'q' });
    const other = new models.CreateEventSourceRequest({
      ...names,
      eventSourceName: 'q',
      sourceMNSParameters: mns,
    });
    expect(await codeOf(sdk.createEventSource(other))).toBe('EventSourceTypeInvalid');
    await sdk.deleteEventSource(new models.DeleteEventSourceRequest(names));
    expect(await codeOf(sdk.deleteEventSource(new models.DeleteEventSourceRequest(names)))).toBe(
      'EventSourceNotExist',
    );
  });
});

describe('API 2020-04-01 over a generic client', () => {
  const names = { EventBusName: 'orders', RuleName: 'generic' };

  it('refuses by a reply, or by an error of the gateway where that is chosen', async () => {
    const missing = () =>
      callControl(world.running.endpoint, world.owner, 'GetRule', { ...names, RuleName: 'none' });
    expect(await missing()).toEqual({
      Code: 'EventRuleNotExist',
      Message: expect.stringContaining('not existed'),
      RequestId: expect.any(String),
      Success: false,
    });
    world.bridge.switches.refusesByReply = false;
    await expect(missing()).rejects.toMatchObject({ code: 'EventRuleNotExist' });
    world.bridge.switches.refusesByReply = true;
  });

  it('answers in its envelope', async () => {
    await world.makeServiceRole('starter', 'eventbridge.aliyuncs.com', allow('fnf:StartExecution'));
    const target = flowTarget({
      DeadLetterQueue: { Arn: `acs:mns:${REGION}:${ownerId}:/queues/dead` },
      ErrorsTolerance: 'NONE',
    });
    const EventTargets = JSON.stringify([target]);
    const made = await control(world.owner, 'CreateRule', { ...names, FilterPattern: '{}', EventTargets });
    expect(made).toMatchObject({
      Code: 'Success',
      Success: true,
      RequestId: expect.any(String),
      Data: { RuleARN: `acs:eventbridge:${REGION}:${ownerId}:eventbus/orders/rule/generic` },
    });
    const { Data } = await control(world.owner, 'GetRule', names);
    expect(Data).toMatchObject({
      Status: 'ENABLE',
      CreatedTimestamp: world.clock.now(),
      Targets: [
        { ...target, PushRetryStrategy: 'BACKOFF_RETRY', PushSelector: 'PARAM_TRANSFORMER', DetailMap: {} },
      ],
    });
  });

  it('puts targets anew or in place, and takes them away', async () => {
    const ids = async () =>
      ((await control(world.owner, 'ListTargets', names)).Data['Targets'] as { Id: string }[]).map(
        ({ Id }) => Id,
      );
    await control(world.owner, 'PutTargets', {
      ...names,
      Targets: JSON.stringify([flowTarget({ PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' })]),
    });
    expect(await ids()).toEqual(['flow']);
    const five = ['a', 'b', 'c', 'd', 'e'].map((Id) => flowTarget({ Id }));
    expect(
      await codeOf(control(world.owner, 'PutTargets', { ...names, Targets: JSON.stringify(five) })),
    ).toBe('EventTargetInvalid');
    const twice = JSON.stringify([flowTarget(), flowTarget()]);
    expect(await codeOf(control(world.owner, 'PutTargets', { ...names, Targets: twice }))).toBe(
      'EventRuleTargetIdDuplicate',
    );
    await control(world.owner, 'DeleteTargets', { ...names, TargetIds: '["flow"]' });
    expect(await ids()).toEqual([]);
    await control(world.owner, 'DeleteRule', names);
  });

  it.each([
    ['CreateEventBus', { EventBusName: 'default' }, 'EventBusNameInvalid'],
    ['CreateEventBus', { EventBusName: 'eventbridge-reserved-x' }, 'EventBusNameInvalid'],
    ['CreateEventBus', { EventBusName: '-a' }, 'EventBusNameInvalid'],
    ['CreateEventBus', { EventBusName: 'a'.repeat(128) }, 'EventBusNameInvalid'],
    ['CreateEventBus', { EventBusName: 'orders' }, 'EventBusAlreadyExist'],
    ['DeleteEventBus', { EventBusName: 'default' }, 'EventBusNameInvalid'],
    ['CreateRule', { EventBusName: 'orders', RuleName: 'a_b', FilterPattern: '{}' }, 'EventRuleNameInvalid'],
    ['CreateRule', { EventBusName: 'orders', RuleName: 'a', FilterPattern: '[]' }, 'EventPatternInvalid'],
    [
      'CreateRule',
      { EventBusName: 'orders', RuleName: 'a', FilterPattern: '{}', Status: 'ON' },
      'InvalidArgument',
    ],
    [
      'CreateRule',
      { EventBusName: 'orders', RuleName: 'a', FilterPattern: '{}', EventTargets: '{' },
      'InvalidArgument',
    ],
    [
      'CreateRule',
      { EventBusName: 'orders', RuleName: 'a', FilterPattern: '{}', EventTargets: '[1]' },
      'EventTargetInvalid',
    ],
    ['CreateRule', { EventBusName: 'nowhere', RuleName: 'a', FilterPattern: '{}' }, 'EventBusNotExist'],
    ['EnableRule', { EventBusName: 'orders', RuleName: 'nothing' }, 'EventRuleNotExist'],
    ['ListEventBuses', { Limit: '101' }, 'LimitSizeInvalid'],
    ['ListEventBuses', { NextToken: 'x' }, 'NextTokenInvalid'],
    ['TestEventPattern', { Event: '{', EventPattern: '{}' }, 'InvalidArgument'],
    ['CreateEventSource', { EventBusName: 'orders', EventSourceName: 'a b' }, 'EventSourceNameInvalid'],
    [
      'CreateEventSource',
      { EventBusName: 'orders', EventSourceName: 'a', SourceKafkaParameters: '{}' },
      'EventSourceTypeInvalid',
    ],
    [
      'CreateEventSource',
      { EventBusName: 'orders', EventSourceName: 'a' },
      'EventSourceIneffectiveAttribute',
    ],
    ['CreateEventStreaming', {}, 'InvalidApi.NotFound'],
    ['CreateTargets', {}, 'InvalidApi.NotFound'],
  ])('refuses %s %j', async (action, query, code) => {
    expect(await codeOf(control(world.owner, action, query))).toBe(code);
  });

  it('pages, and has the default bus among the others', async () => {
    const first = await control(world.owner, 'ListEventBuses', { Limit: '2' });
    expect(first.Data).toMatchObject({ Total: 3, NextToken: '2' });
    const second = await control(world.owner, 'ListEventBuses', { Limit: '2', NextToken: '2' });
    expect(second.Data['NextToken']).toBeUndefined();
    const pages = [first, second].flatMap(({ Data }) => Data['EventBuses'] as { EventBusName: string }[]);
    expect(pages.map(({ EventBusName }) => EventBusName).sort()).toEqual(['default', 'orders', 'other']);
  });

  it('holds a region to 50 custom buses and a bus to 50 rules', async () => {
    const made = async (action: string, name: string, more: Record<string, string>) => {
      for (let n = 0; n < 50; n++)
        await world.control(action, { [name]: `${name}-${n}`, ...more }, partnerId);
      return codeOf(world.control(action, { [name]: 'one-more', ...more }, partnerId));
    };
    expect(await made('CreateEventBus', 'EventBusName', {})).toBe('EventBusCountExceedLimit');
    const rule = { EventBusName: 'EventBusName-0', FilterPattern: '{}' };
    expect(await made('CreateRule', 'RuleName', rule)).toBe('EventRuleCountExceedLimit');
  });

  it('asks RAM about the very bus and rule', async () => {
    const rule = `acs:eventbridge:${REGION}:${ownerId}:eventbus/orders/rule/mine`;
    const keys = await world.userWho('ruler', ['eventbridge:*'], rule);
    const call = (action: string, RuleName: string) =>
      codeOf(control(keys, action, { EventBusName: 'orders', RuleName, FilterPattern: '{}', Targets: '[]' }));
    expect(await call('CreateRule', 'mine')).toBe('accepted');
    expect(await call('PutTargets', 'mine')).toBe('accepted');
    expect(await call('UpdateRule', 'mine')).toBe('NoPermission');
    expect(await call('CreateRule', 'other')).toBe('NoPermission');
    expect(await call('GetRule', 'nothing')).toBe('NoPermission');
    expect(await call('ListRules', 'mine')).toBe('NoPermission');
    expect(await call('CreateEventBus', 'mine')).toBe('NoPermission');
  });
});
