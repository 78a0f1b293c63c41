import * as models from '@alicloud/eventbridge';
import { AssumeRoleRequest } from '@alicloud/sts20150401';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, throttled } from '../../../shared/loopback/dispatch.js';
import { codeOf, type Keys, ownerId, partnerId, stsClient } from '../identity-clients.js';
import {
  type BridgeWorld,
  cloudEvent,
  dataClient,
  REGION,
  type Spoiled,
  sendRaw,
  startBridgeWorld,
} from './bridge-world.js';

let world: BridgeWorld;
const client = (keys: Keys, config: object = {}) => dataClient(world.running.endpoint, keys, config);
beforeAll(async () => {
  world = await startBridgeWorld();
  await world.control('CreateEventBus', { EventBusName: 'other' });
});
afterAll(() => world.running.close());

describe('putEvents of the official SDK', () => {
  it('is taken, told entry by entry, and heard stamped on the bus', async () => {
    const heard: unknown[] = [];
    const stop = world.bridge.tap(ownerId, 'orders', (event) => heard.push(event));
    const extensions = {
      aliyuneventbusname: 'orders',
      aliyunaccountid: '9',
      aliyunoriginalaccountid: '9',
      mine: 'x',
    };
    const reply = await client(world.owner).putEvents([cloudEvent({ extensions }), cloudEvent({ id: 'e2' })]);
    stop();
    await client(world.owner).putEvents([cloudEvent({ id: 'e3' })]);
    expect(reply).toMatchObject({
      resourceOwnerAccountId: ownerId,
      failedEntryCount: 0,
      entryList: [{ eventId: 'e1' }, { eventId: 'e2' }],
    });
    expect(heard).toHaveLength(2);
    expect(heard[0]).toEqual({
      id: 'e1',
      source: 's',
      type: 't',
      specversion: '1.0',
      time: '2026-12-01T00:00:00Z',
      datacontenttype: 'application/json; charset=utf-8',
      data: { n: 1 },
      mine: 'x',
      aliyunaccountid: ownerId,
      aliyunoriginalaccountid: ownerId,
      aliyunpublishtime: '2026-12-01T00:00:00.000Z',
      aliyuneventbusname: 'orders',
      aliyunregionid: REGION,
      aliyunpublishaddr: '192.0.2.1',
    });
  });

  it('takes an event without a time only where that is read as optional', async () => {
    const put = () => codeOf(client(world.owner).putEvents([cloudEvent({ time: undefined })]));
    expect(await put()).toBe('JsonAttributeInvalid');
    world.bridge.switches.timeMayLack = true;
    expect(await put()).toBe('accepted');
    world.bridge.switches.timeMayLack = false;
  });

  it('with a listener that fails still delivers', async () => {
    const stop = world.bridge.tap(ownerId, 'orders', () => {
      throw new Error('listener');
    });
    const reply = await client(world.owner).putEvents([cloudEvent()]);
    stop();
    expect(reply.failedEntryCount).toBe(0);
  });

  it('tells which events were not taken while it takes the others', async () => {
    const heard: string[] = [];
    const stop = world.bridge.tap(ownerId, 'orders', ({ id }) => heard.push(id));
    world.bridge.switches.refuseEntry = ({ id }) => (id === 'bad' ? 'EventInternalError' : undefined);
    const reply = await client(world.owner).putEvents([
      cloudEvent({ id: 'bad' }),
      cloudEvent({ id: 'good' }),
    ]);
    world.bridge.switches.refuseEntry = () => undefined;
    stop();
    expect(reply.failedEntryCount).toBe(1);
    expect(reply.entryList?.map(({ errorCode }) => errorCode)).toEqual(['EventInternalError', undefined]);
    expect(heard).toEqual(['good']);
  });

  it.each([
    ['an unknown bus', { extensions: { aliyuneventbusname: 'nowhere' } }, 'EventBusNotExist'],
    [
      'the default bus',
      { extensions: { aliyuneventbusname: 'default' } },
      'PutEventsRequestSecurityCheckFailed',
    ],
    ['data that is not JSON', { datacontenttype: 'text/plain' }, 'JsonAttributeInvalid'],
  ])('for %s is refused', async (_what, changes, code) => {
    expect(await codeOf(client(world.owner).putEvents([cloudEvent(changes)]))).toBe(code);
  });

  it('for the default bus is taken where that is allowed', async () => {
    world.bridge.switches.customEventsOnDefaultBus = true;
    const call = client(world.owner).putEvents([
      cloudEvent({ extensions: { aliyuneventbusname: 'default' } }),
    ]);
    expect(await codeOf(call)).toBe('accepted');
    world.bridge.switches.customEventsOnDefaultBus = false;
  });

  it('reaches the bus of the region that is named', async () => {
    const call = client(world.owner, { regionId: 'cn-beijing' }).putEvents([cloudEvent()]);
    expect(await codeOf(call)).toBe('EventBusNotExist');
  });

  it('is refused whole beyond the published rate, while that is kept to, until the next second', async () => {
    await world.control('CreateEventBus', { EventBusName: 'busy' });
    const events = (count: number) =>
      Array.from({ length: count }, (_, n) =>
        cloudEvent({ id: `busy-${n}`, extensions: { aliyuneventbusname: 'busy' } }),
      );
    const put = (count: number) => codeOf(client(world.owner).putEvents(events(count)));
    world.bridge.switches.limitsEvents = true;
    try {
      const codes = [];
      for (let taken = 0; taken < 2_992; taken += 16) codes.push(await put(16));
      expect(new Set(codes)).toEqual(new Set(['accepted']));
      expect(await put(9)).toBe('TooManyRequests');
      expect(await put(8)).toBe('accepted');
      expect(await put(1)).toBe('TooManyRequests');
      await world.clock.advance(1_000);
      expect(await put(1)).toBe('accepted');
    } finally {
      world.bridge.switches.limitsEvents = false;
    }
  });

  it('by a user is bound to the bus that his policy names', async () => {
    const bus = `acs:eventbridge:${REGION}:${ownerId}:eventbus/orders`;
    const keys = await world.userWho('poster', ['eventbridge:PutEvents'], bus);
    expect(await codeOf(client(keys).putEvents([cloudEvent()]))).toBe('accepted');
    const elsewhere = cloudEvent({ extensions: { aliyuneventbusname: 'other' } });
    expect(await codeOf(client(keys).putEvents([elsewhere]))).toBe('AccessDenied');
    expect(await codeOf(client(keys).listEventBuses(new models.ListEventBusesRequest({})))).toBe(
      'AccessDenied',
    );
  });

  it('by a partner’s session in the owner’s role reaches the owner’s bus, until the role is gone', async () => {
    const trust = JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${partnerId}:root` } },
      ],
    });
    await world.ram('CreateRole', { RoleName: 'lease', AssumeRolePolicyDocument: trust });
    await world.ram('AttachPolicyToRole', {
      RoleName: 'lease',
      PolicyName: 'AliyunEventBridgePutEventsPolicy',
      PolicyType: 'System',
    });
    const bob = world.running.accounts.createUser(partnerId, 'bob');
    await world.ram(
      'AttachPolicyToUser',
      { UserName: 'bob', PolicyName: 'AliyunSTSAssumeRoleAccess', PolicyType: 'System' },
      partnerId,
    );
    const { body } = await stsClient(world.running.endpoint, bob).assumeRole(
      new AssumeRoleRequest({ roleArn: `acs:ram::${ownerId}:role/lease`, roleSessionName: 'bob' }),
    );
    const session = client({ accessKeyId: '', accessKeySecret: '', ...body?.credentials });
    const reply = await session.putEvents([cloudEvent()]);
    expect(reply.resourceOwnerAccountId).toBe(ownerId);
    await world.ram('DetachPolicyFromRole', {
      RoleName: 'lease',
      PolicyName: 'AliyunEventBridgePutEventsPolicy',
      PolicyType: 'System',
    });
    expect(await codeOf(session.putEvents([cloudEvent()]))).toBe('AccessDenied');
    await world.ram('DeleteRole', { RoleName: 'lease' });
    expect(await codeOf(session.putEvents([cloudEvent()]))).toBe('SecurityTokenInvalid');
  });

  it('that is throttled gets the product’s own code', async () => {
    const undo = world.running.cloud.faults.add(failing({ action: 'PutEvents' }, throttled));
    expect(await codeOf(client(world.owner).putEvents([cloudEvent()]))).toBe('TooManyRequests');
    undo();
  });
});

describe('a signature', () => {
  const sent = (spoiled: Spoiled, keys: Keys = world.owner) => sendRaw(world.running.origin, keys, spoiled);

  it('made by hand from the SDK’s source is accepted', async () => {
    expect((await sent({})).status).toBe(200);
  });

  it.each<[string, Spoiled, string]>([
    ['by another secret', { secret: 'other' }, 'SignatureDoesNotMatch'],
    ['over another nonce', { tampered: { 'x-acs-signature-nonce': 'n' } }, 'SignatureDoesNotMatch'],
    ['over another content type', { tampered: { 'content-type': 'text/plain' } }, 'SignatureDoesNotMatch'],
    [
      'of an hour ago',
      { headers: { date: new Date(Date.now() - 3_600_000).toUTCString() } },
      'RequestExpired',
    ],
    ['without a date', { headers: { date: 'yesterday' } }, 'RequestExpired'],
    ['without a nonce', { headers: { 'x-acs-signature-nonce': '' } }, 'SignatureNonceUsed'],
    ['of nobody', { tampered: { authorization: 'acs:LTAI0:c2ln' } }, 'InvalidAccessKeyId'],
    ['of no session', { tampered: { authorization: 'acs:STS.0:c2ln' } }, 'InvalidStsAccessKeyId'],
    ['that is none', { tampered: { authorization: 'Bearer x' } }, 'InvalidAccessKeyId'],
  ])('%s is refused with lower-case keys', async (_what, spoiled, code) => {
    const { status, body } = await sent(spoiled);
    expect([status, body['code']]).toEqual([403, code]);
    expect(Object.keys(body).sort()).toEqual(['code', 'message', 'requestId']);
  });

  it('does not cover the region, nor the body', async () => {
    const { status } = await sent({ tampered: { 'x-eventbridge-regionid': 'cn-beijing' } });
    expect(status).toBe(200);
  });

  it('may be used once, and a forger cannot use it up', async () => {
    const headers = { 'x-acs-signature-nonce': 'once' };
    expect((await sent({ headers, secret: 'other' })).body['code']).toBe('SignatureDoesNotMatch');
    expect((await sent({ headers })).status).toBe(200);
    expect((await sent({ headers })).body['code']).toBe('SignatureNonceUsed');
  });

  it('covers the query, sorted and decoded', async () => {
    expect((await sent({ path: '/openapi/listEventBuses?a=1&b=2' })).status).toBe(200);
  });
});

describe('a data-plane request', () => {
  const sent = (spoiled: Spoiled) => sendRaw(world.running.origin, world.owner, spoiled);
  it.each<[string, Spoiled, number, string]>([
    ['that is no JSON', { path: '/openapi/putEvents', body: '[' }, 400, 'InvalidArgument'],
    ['without a body', { body: '' }, 400, 'InvalidArgument'],
    ['with a list where an object is due', { body: '[]' }, 400, 'InvalidArgument'],
    ['with null', { path: '/openapi/createRule', body: 'null' }, 400, 'InvalidArgument'],
    ['with an object where a list is due', { path: '/openapi/putEvents' }, 400, 'InvalidArgument'],
    [
      'with a number for a name',
      { path: '/openapi/getEventBus', body: '{"EventBusName":7}' },
      400,
      'InvalidArgument',
    ],
    ['without a name', { path: '/openapi/getEventBus' }, 400, 'MissingParameter'],
    ['of 5 MB', { path: '/openapi/putEvents', body: ' '.repeat(5 << 20) }, 400, 'InvalidArgument'],
    ['by GET', { method: 'GET' }, 404, 'InvalidApi.NotFound'],
    ['for a stream', { path: '/openapi/v2/createEventStreaming' }, 404, 'InvalidApi.NotFound'],
    ['for a trace', { path: '/openapi/queryEventTraces' }, 404, 'InvalidApi.NotFound'],
    ['for what only the other API has', { path: '/openapi/putTargets' }, 404, 'InvalidApi.NotFound'],
    ['for what every object inherits', { path: '/openapi/constructor' }, 404, 'InvalidApi.NotFound'],
  ])('%s is refused', async (_what, spoiled, status, code) => {
    const reply = await sent(spoiled);
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
  });

  it('names what is not served', async () => {
    const { body } = await sent({ path: '/openapi/v2/createEventStreaming' });
    expect(body['message']).toContain('CreateEventStreaming');
  });

  it.each([
    [`${ownerId}.eventbridge.cn-hangzhou.aliyuncs.com`, 200],
    [`${ownerId}.eventbridge.cn-hangzhou-vpc.aliyuncs.com`, 200],
    [`${partnerId}.eventbridge.cn-hangzhou.aliyuncs.com`, 403],
  ])('to the endpoint %s is answered %i', async (host, status) => {
    expect((await sent({ headers: { host } })).status).toBe(status);
  });

  it('to an endpoint is for the region in its name', async () => {
    const host = `${ownerId}.eventbridge.cn-beijing.aliyuncs.com`;
    const { body } = await sent({
      headers: { host },
      path: '/openapi/getEventBus',
      body: '{"EventBusName":"orders"}',
    });
    expect(body['code']).toBe('EventBusNotExist');
  });
});
