import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRoutesPort } from '../../../shared/cloud/alibaba/routes.js';
import type { RoutesPort } from '../../../shared/cloud/ports.js';
import type { EventbridgeGrant } from '../../../shared/domain/grant.js';
import type { Route } from '../../../shared/domain/route.js';
import { parseAccountId, parseContractId, parseRegion } from '../../../shared/domain/values.js';
import { failing, throttled } from '../../../shared/loopback/dispatch.js';
import type { CloudEvent } from '../../../shared/loopback/eventbridge/events.js';
import { granteeRole, planRoute, type RouteGoal, routesOf } from '../../../shared/services/index.js';
import { type BridgeWorld, REGION, startBridgeWorld } from '../../loopback/eventbridge/bridge-world.js';
import { allow, type Keys, ownerId, partnerId } from '../../loopback/identity-clients.js';
import { eventbridge } from '../../services/grants.js';

const contractId = parseContractId('C-2026-0142');
const routeOf = (own: Partial<EventbridgeGrant> = {}): Route =>
  routesOf(
    contractId,
    [
      eventbridge({
        access: 'subscribe',
        target: { type: 'bus', eventBus: 'inbox', roleName: 'let-in' },
        events: { types: ['t'] },
        ...own,
      }),
    ],
    {
      owner: parseAccountId(ownerId),
      grantee: parseAccountId(partnerId),
      deadLetterBus: { region: parseRegion(REGION), name: 'letters' },
    },
  )[0]!;
const route = routeOf();
const https = routeOf({ target: { type: 'https', url: 'https://127.0.0.1:1/in' } });

let world: BridgeWorld;
let port: RoutesPort;
let inbox: CloudEvent[];
let letters: CloudEvent[];
const portOf = (credentials: Keys) =>
  makeRoutesPort({
    region: REGION,
    owner: ownerId,
    credentials,
    endpoint: world.running.endpoint,
    timeoutMilliseconds: 5_000,
  });
beforeEach(async () => {
  world = await startBridgeWorld();
  port = portOf(world.owner);
  await world.control('CreateEventBus', { EventBusName: 'inbox' }, partnerId);
  await world.control('CreateEventBus', { EventBusName: 'letters' });
  [inbox, letters] = [[], []];
  world.bridge.tap(partnerId, 'inbox', (event) => inbox.push(event));
  world.bridge.tap(ownerId, 'letters', (event) => letters.push(event));
});
afterEach(() => world.running.close());

/** What the grantee's administrator does, by the hand-over. */
async function letIn(): Promise<void> {
  const role = granteeRole(route, parseAccountId(ownerId));
  await world.ram(
    'CreateRole',
    { RoleName: role?.roleName ?? '', AssumeRolePolicyDocument: role?.trust ?? '' },
    partnerId,
  );
  await world.ram(
    'CreatePolicy',
    { PolicyName: 'put', PolicyDocument: allow('eventbridge:PutEvents') },
    partnerId,
  );
  await world.ram(
    'AttachPolicyToRole',
    { RoleName: 'let-in', PolicyName: 'put', PolicyType: 'Custom' },
    partnerId,
  );
}
async function bring(goal: RouteGoal, wanted = route): Promise<void> {
  const plan = planRoute(wanted, await port.observe(wanted), goal, { isIntended: true });
  if (plan.outcome === 'refused') throw new Error(plan.reasons.map(({ code }) => code).join());
  for (const step of plan.steps) await port.apply(wanted, step);
}
const left = async (goal: RouteGoal, wanted = route) => {
  const plan = planRoute(wanted, await port.observe(wanted), goal, { isIntended: true });
  return plan.outcome === 'steps' ? plan.steps.map(({ kind }) => kind) : plan.reasons;
};

describe('a route to a bus of the grantee', () => {
  it('takes the events that were chosen there, whole, and no others', async () => {
    await letIn();
    await bring('open');
    expect(await left('open')).toEqual([]);
    await world.post('1');
    expect(inbox).toMatchObject([{ id: '1', data: { n: 1 }, aliyunoriginalaccountid: ownerId }]);
    await bring('open', routeOf({ events: { types: ['other'] } }));
    await world.post('2');
    expect(inbox.map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('rests while suspended, and goes on', async () => {
    await letIn();
    await bring('open');
    await bring('suspended');
    await world.post('1');
    expect([inbox, await left('suspended')]).toEqual([[], []]);
    await bring('open');
    await world.post('2');
    expect(inbox.map(({ id }) => id)).toEqual(['2']);
  });

  it('ends: no rule of ours is left, and no event passes; rules of others stay', async () => {
    await letIn();
    await world.makeRule('theirs', {
      Id: 'queue',
      Type: 'acs.mns.queue',
      Endpoint: `acs:mns:${REGION}:${ownerId}:queues/q`,
      ParamList: [
        { ResourceKey: 'queue', Form: 'CONSTANT', Value: 'q' },
        { ResourceKey: 'Body', Form: 'ORIGINAL' },
      ],
    });
    await bring('open');
    await bring('gone');
    expect([await port.observe(route), await left('gone')]).toEqual([{}, []]);
    await world.post('1');
    expect(inbox).toEqual([]);
    const { Data } = await world.control('ListRules', { EventBusName: 'orders' });
    expect(Data['Rules']).toMatchObject([{ RuleName: 'theirs', Status: 'ENABLE' }]);
  });

  it('hands what the grantee does not take to the dead letters of the owner, within a minute', async () => {
    await bring('open');
    await world.post('1');
    await world.clock.advance(60_000);
    expect([inbox, letters.map(({ id }) => id)]).toEqual([[], ['1']]);
  });
});

describe('an event whose delivery failed just before the end', () => {
  it('may still arrive, within the minute that it is retried for and not later', async () => {
    await bring('open');
    await world.post('1', '2');
    await bring('gone');
    await letIn();
    await world.clock.advance(60_000);
    // In no order that anyone promises.
    expect(inbox.map(({ id }) => id).sort()).toEqual(['1', '2']);
    await world.clock.advance(86_400_000);
    expect(inbox).toHaveLength(2);
  });
});

describe('a route to an address', () => {
  it('is a target of that address, which is tried and then given up', async () => {
    await bring('open', https);
    expect(await left('open', https)).toEqual([]);
    expect((await port.observe(https))?.rule?.targets).toEqual([
      {
        id: 'grantee',
        to: { kind: 'https', url: 'https://127.0.0.1:1/in' },
        deadLetters: https.deadLetters,
        retries: 'briefly',
      },
    ]);
    await world.post('1');
    await world.clock.advance(60_000);
    expect(letters.map(({ id }) => id)).toEqual(['1']);
    await bring('gone', https);
    expect(await port.observe(https)).toEqual({});
  });
});

describe('a rule of ours that was changed by hand', () => {
  const change = (action: string, params: Record<string, string>) =>
    world.control(action, { EventBusName: 'orders', RuleName: route.rule, ...params });
  const target = async () => {
    const { Data } = await change('GetRule', {});
    return (Data['Targets'] as readonly Record<string, unknown>[])[0]!;
  };

  it('is seen and put right, be it pattern, target or switch', async () => {
    await bring('open');
    await change('UpdateRule', { FilterPattern: '{"source":["s"]}' });
    expect(await left('open')).toEqual(['setPattern']);
    await change('DisableRule', {});
    expect(await left('open')).toEqual(['setPattern', 'setEnabled']);
    await change('PutTargets', {
      Targets: JSON.stringify([{ ...(await target()), PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' }]),
    });
    expect(await left('open')).toEqual(['setPattern', 'putTarget', 'setEnabled']);
    await bring('open');
    expect(await left('open')).toEqual([]);
  });

  it('stays off while it is given its pattern, since it is not to take anything yet', async () => {
    await bring('prepared');
    await change('UpdateRule', { FilterPattern: '{"source":["s"]}', Status: 'DISABLE' });
    await bring('prepared');
    expect((await port.observe(route))?.rule).toMatchObject({ pattern: route.pattern, isEnabled: false });
  });

  it('is seen where one parameter leads elsewhere than the endpoint says, or changes what is sent', async () => {
    for (const [key, param] of [
      ['AccountId', { Form: 'CONSTANT', Value: '3000000000000003' }],
      ['EventBusName', { Form: 'CONSTANT', Value: 'other' }],
      ['RAMRoleName', { Form: 'CONSTANT', Value: 'other' }],
    ] as const) {
      await bring('open');
      const { ParamList, ...rest } = await target();
      const params = (ParamList as readonly { ResourceKey: string }[]).map((one) =>
        one.ResourceKey === key ? { ResourceKey: key, ...param } : one,
      );
      await change('PutTargets', { Targets: JSON.stringify([{ ...rest, ParamList: params }]) });
      expect(await left('open'), key).toEqual(['putTarget']);
    }
  });

  it('is seen where an address gets something else than the whole event, or another address', async () => {
    const place = { EventBusName: 'orders', RuleName: https.rule };
    for (const [key, param] of [
      ['Body', { Form: 'JSONPATH', Value: '$.data' }],
      ['url', { Form: 'CONSTANT', Value: 'https://127.0.0.1:1/elsewhere' }],
    ] as const) {
      await bring('open', https);
      const { Data } = await world.control('GetRule', place);
      const [{ ParamList, ...rest }] = Data['Targets'] as [{ ParamList: { ResourceKey: string }[] }];
      const params = ParamList.map((one) => (one.ResourceKey === key ? { ResourceKey: key, ...param } : one));
      await world.control('PutTargets', {
        ...place,
        Targets: JSON.stringify([{ ...rest, ParamList: params }]),
      });
      expect(await left('open', https), key).toEqual(['putTarget']);
    }
  });

  it('takes the targets that others put on it along at the end', async () => {
    await bring('open');
    await change('PutTargets', { Targets: JSON.stringify([{ ...(await target()), Id: 'copy' }]) });
    expect(planRoute(route, await port.observe(route), 'open', { isIntended: true })).toMatchObject({
      foreign: ['copy'],
      steps: [],
    });
    await bring('gone');
    expect(await port.observe(route)).toEqual({});
  });
});

describe('the routes port', () => {
  it.each([
    ['by its reply', true],
    ['by an error', false],
  ])(
    'tells a bus that is not there from a rule that is not, which the service says %s',
    async (_, isReply) => {
      world.bridge.switches.refusesByReply = isReply;
      expect(await port.observe(route)).toEqual({});
      expect(await port.observe(routeOf({ eventBus: 'none' }))).toBeUndefined();
    },
  );

  it('lists every rule whose name begins so, however many a bus has', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `lh-${n}`);
    for (const RuleName of ['other', ...names])
      await world.control('CreateRule', { EventBusName: 'orders', RuleName, FilterPattern: '{}' });
    const listed = await port.listRules({ region: route.region, eventBus: 'orders' }, 'lh-');
    expect([...(listed ?? [])].sort()).toEqual([...names].sort());
  });

  it('does each step twice as well as once, but never makes a rule over another', async () => {
    await port.apply(route, { kind: 'createRule' });
    await expect(port.apply(route, { kind: 'createRule' })).rejects.toMatchObject({ code: 'CONFLICT' });
    for (const step of [
      { kind: 'setPattern', isEnabled: false },
      { kind: 'putTarget' },
      { kind: 'setEnabled', isEnabled: false },
      { kind: 'removeTargets', ids: ['grantee'] },
      { kind: 'deleteRule' },
    ] as const) {
      await port.apply(route, step);
      if (step.kind !== 'deleteRule') await port.apply(route, step);
    }
    await port.apply(route, { kind: 'deleteRule' });
    expect(await port.observe(route)).toEqual({});
  });

  it('recovers from lost replies on the way up and down', async () => {
    const losing = async (action: string, goal: RouteGoal) => {
      const stop = world.running.cloud.faults.add(failing({ action, nth: 1 }, { kind: 'lost-reply' }));
      await expect(bring(goal)).rejects.toMatchObject({ code: 'NO_ANSWER' });
      stop();
    };
    await losing('CreateRule', 'open');
    await losing('EnableRule', 'open');
    await bring('open');
    expect(await left('open')).toEqual([]);
    for (const action of ['DisableRule', 'DeleteTargets', 'DeleteRule']) await losing(action, 'gone');
    expect(await port.observe(route)).toEqual({});
  });

  it('tells a refusal for want of rights, and patience that is asked for', async () => {
    const nobody = portOf(world.running.accounts.createUser(ownerId, 'nobody'));
    await expect(nobody.observe(route)).rejects.toMatchObject({ code: 'DENIED' });
    const stop = world.running.cloud.faults.add(failing({ action: 'GetRule' }, throttled));
    await expect(port.observe(route)).rejects.toMatchObject({ code: 'THROTTLED' });
    stop();
  });
});
