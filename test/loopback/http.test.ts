import { connect } from 'node:net';
import { ListRolesRequest } from '@alicloud/ram20150501';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failing, throttled } from '../../shared/loopback/dispatch.js';
import { ApiError, type HttpService, type RpcService } from '../../shared/loopback/kernel.js';
import { verifyAcs3 } from '../../shared/loopback/signatures/acs3.js';
import { codeOf, ownerId, partnerId, ramClient, trusting } from './identity-clients.js';
import { asOwner, startWorld, type World } from './identity-world.js';
import { rpcHeaders, send, signAcs3 } from './signing.js';

let world: World;
beforeEach(async () => {
  world = await startWorld({
    maxBodyBytes: 1_000,
    services: [
      ({ identity }) => ({
        http: [
          {
            product: 'Rest',
            accepts: ({ path }) => path.startsWith('/rest/'),
            handle: async (request) => {
              if (request.path === '/rest/broken') throw new Error('planted');
              if (request.path === '/rest/refused') throw new ApiError(403, 'NoPermission', 'no');
              const { arn } = verifyAcs3(identity, request);
              return { status: 200, body: `${arn} ${request.path} ${request.body.toString()}` };
            },
          } satisfies HttpService,
        ],
        rpc: [
          {
            product: 'Echo',
            version: '2000-01-01',
            actions: { Echo: ({ params, region }) => ({ Params: params, Region: region }) },
          } satisfies RpcService,
        ],
      }),
    ],
  });
});
afterEach(() => world.close());

/** Sends raw bytes and resolves with all that comes back until the connection ends. */
const raw = (bytes: string, andEnd = false): Promise<string> =>
  new Promise((resolve) => {
    const [host = '', port = ''] = world.endpoint.split(':');
    const socket = connect(Number(port), host, () => {
      if (andEnd) socket.end(bytes);
      else socket.write(bytes);
    });
    let reply = '';
    socket.on('data', (chunk) => {
      reply += chunk.toString();
    });
    socket.on('error', () => resolve(reply));
    socket.on('close', () => resolve(reply));
  });

const isAlive = async (): Promise<boolean> =>
  (await codeOf(ramClient(world.endpoint, world.admin).listRoles(new ListRolesRequest({})))) === 'accepted';

describe('the listener', () => {
  it('listens on the loopback only', () => {
    expect(world.running.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a header without end', `GET / HTTP/1.1\r\nx: ${'a'.repeat(100_000)}`],
    ['a length that is none', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n'],
    ['chunks that are none', 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('answers %s with 400 or drops it, and lives', async (_case, bytes) => {
    expect(await raw(bytes)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(await isAlive()).toBe(true);
  });

  it('survives a body that ends too soon', async () => {
    await raw('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nhalf', true);
    expect(await isAlive()).toBe(true);
  });

  it('refuses a body beyond the limit', async () => {
    const reply = await fetch(world.running.origin, { method: 'POST', body: 'x'.repeat(1_001) });
    expect(reply.status).toBe(413);
    expect(await isAlive()).toBe(true);
  });

  it('answers broken percent-encoding as a bad signature, not as a crash', async () => {
    const { url, init } = signAcs3(world.endpoint, world.admin, {
      headers: rpcHeaders('Echo', '2000-01-01'),
    });
    expect(await send({ url: `${url}?a=%E0%A4%A`, init })).toBe('SignatureDoesNotMatch');
  });
});

describe('a product with a protocol of its own', () => {
  it('gets its requests first, path and chunked body as they came', async () => {
    const { url, init } = signAcs3(world.endpoint, world.admin, {
      method: 'PUT',
      path: '/rest/a%20b',
      body: 'hello',
    });
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('hel'));
        controller.enqueue(new TextEncoder().encode('lo'));
        controller.close();
      },
    });
    const reply = await fetch(url, { ...init, body, duplex: 'half' } as RequestInit);
    expect(await reply.text()).toBe(`acs:ram::${ownerId}:user/admin /rest/a%20b hello`);
  });

  it('may fail without harm', async () => {
    const reply = await fetch(`${world.running.origin}/rest/broken`);
    expect([reply.status, ((await reply.json()) as { Code: string }).Code]).toEqual([500, 'InternalError']);
    expect((await fetch(`${world.running.origin}/rest/refused`)).status).toBe(403);
  });
});

describe('the region of a call', () => {
  const regionOf = async (query: Record<string, string>, headers: Record<string, string> = {}) => {
    const { url, init } = signAcs3(world.endpoint, world.admin, {
      query,
      headers: { ...rpcHeaders('Echo', '2000-01-01'), ...headers },
    });
    return ((await (await fetch(url, init)).json()) as { Region: string }).Region;
  };
  it('comes from the parameter, else the header, else it is the default', async () => {
    expect(await regionOf({ RegionId: 'cn-beijing' }, { 'x-acs-region-id': 'cn-shanghai' })).toBe(
      'cn-beijing',
    );
    expect(await regionOf({}, { 'x-acs-region-id': 'cn-shanghai' })).toBe('cn-shanghai');
    expect(await regionOf({})).toBe('cn-hangzhou');
  });
});

describe('a planted fault', () => {
  const createRole = () =>
    asOwner(world.running, ownerId, 'CreateRole', {
      RoleName: 'partner',
      AssumeRolePolicyDocument: trusting(`acs:ram::${partnerId}:root`),
    });
  const listRoles = async () => {
    const { body } = await ramClient(world.endpoint, world.admin).listRoles(new ListRolesRequest({}));
    return body?.roles?.role?.length;
  };

  it('throttles the nth call of an action, and only that', async () => {
    world.running.cloud.faults.add(failing({ action: 'ListRoles', nth: 2 }, throttled));
    const list = () => ramClient(world.endpoint, world.admin).listRoles(new ListRolesRequest({}));
    expect(await codeOf(list())).toBe('accepted');
    await expect(list()).rejects.toMatchObject({ name: 'ThrottlingError', code: 'Throttling.User' });
    expect(await codeOf(list())).toBe('accepted');
  });

  it('loses a reply after the write was applied, or a request before', async () => {
    const undo = world.running.cloud.faults.add(failing({ action: 'CreateRole' }, { kind: 'lost-request' }));
    expect(await codeOf(createRole())).toBe('ServiceUnavailable');
    expect(await listRoles()).toBe(0);
    undo();
    world.running.cloud.faults.add(failing({ action: 'CreateRole', nth: 1 }, { kind: 'lost-reply' }));
    const request = signAcs3(world.endpoint, world.admin, {
      query: { RoleName: 'partner', AssumeRolePolicyDocument: trusting(`acs:ram::${partnerId}:root`) },
      headers: rpcHeaders('CreateRole', '2015-05-01'),
    });
    await expect(fetch(request.url, request.init)).rejects.toThrow();
    expect(await listRoles()).toBe(1);
  });

  it('tells those who listen what became of each call', async () => {
    const heard: string[] = [];
    world.running.cloud.faults.add({
      after: ({ action, nth }, { code }) => void heard.push(`${action} ${nth} ${code ?? 'applied'}`),
    });
    await createRole();
    await createRole().catch(() => undefined);
    expect(heard).toEqual(['CreateRole 1 applied', 'CreateRole 2 EntityAlreadyExists.Role']);
  });
});

describe('the record of calls', () => {
  it('tells calls with an effect from reads and refusals', async () => {
    const before = world.running.calls.length;
    const params = { RoleName: 'partner', AssumeRolePolicyDocument: trusting(`acs:ram::${partnerId}:root`) };
    await asOwner(world.running, ownerId, 'CreateRole', params);
    await asOwner(world.running, ownerId, 'CreateRole', params).catch(() => undefined);
    await asOwner(world.running, ownerId, 'ListRoles', {});
    expect(world.running.calls.slice(before)).toMatchObject([
      { product: 'Ram', action: 'CreateRole', effect: true, callerArn: `acs:ram::${ownerId}:root` },
      { product: 'Ram', action: 'CreateRole', effect: false, code: 'EntityAlreadyExists.Role' },
      { product: 'Ram', action: 'ListRoles', effect: false },
    ]);
  });
});
