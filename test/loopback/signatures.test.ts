import PopCore from '@alicloud/pop-core';
import {
  GetRoleRequest,
  ListRolesRequest,
  TagResourcesRequest,
  TagResourcesRequestTag,
} from '@alicloud/ram20150501';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, type Keys, ownerId, partnerId, ramClient, stsClient, trusting } from './identity-clients.js';
import { asOwner, assume, makeRole, startWorld, type World } from './identity-world.js';
import { rpcHeaders, send, signAcs3 } from './signing.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await makeRole(world, 'partner', trusting(`acs:ram::${partnerId}:root`));
});
afterAll(() => world.close());

const whoAmI = rpcHeaders('GetCallerIdentity', '2015-04-01');
const ago = (minutes: number): string =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;
const sign = (keys: Keys, headers: Record<string, string> = {}, unsigned: readonly string[] = []) =>
  signAcs3(world.endpoint, keys, { headers: { ...whoAmI, ...headers }, unsigned });

describe('a request signed with ACS3-HMAC-SHA256', () => {
  it('is accepted from the official SDK, whatever characters its parameters hold', async () => {
    const ram = ramClient(world.endpoint, world.admin);
    const odd = `a b*~()!'é中+%/=&`;
    const tag = [new TagResourcesRequestTag({ key: odd, value: odd })];
    await ram.tagResources(
      new TagResourcesRequest({ resourceType: 'role', resourceNames: ['partner'], tag }),
    );
    const { body } = await ram.listRoles(new ListRolesRequest({}));
    expect(body?.roles?.role?.[0]?.tags?.tag).toMatchObject([{ tagKey: odd, tagValue: odd }]);
  });

  it('is accepted by hand, with parameters in a form too', async () => {
    const request = signAcs3(world.endpoint, world.admin, {
      headers: {
        ...rpcHeaders('GetRole', '2015-05-01'),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'RoleName=partner',
    });
    expect(await send(request)).toBe('accepted');
  });

  it('is refused under another secret', async () => {
    expect(await send(sign({ ...world.admin, accessKeySecret: 'wrong' }))).toBe('SignatureDoesNotMatch');
    expect(
      await codeOf(
        stsClient(world.endpoint, { ...world.admin, accessKeySecret: 'wrong' }).getCallerIdentity(),
      ),
    ).toBe('SignatureDoesNotMatch');
  });

  it('is refused when something was changed after signing', async () => {
    const { url, init } = signAcs3(world.endpoint, world.admin, {
      query: { RoleName: 'partner' },
      headers: rpcHeaders('GetRole', '2015-05-01'),
    });
    expect(await send({ url: url.replace('partner', 'other'), init })).toBe('SignatureDoesNotMatch');
    const other = sign(world.admin);
    const headers = { ...(other.init.headers as Record<string, string>), 'x-acs-action': 'AssumeRole' };
    expect(await send({ url: other.url, init: { ...other.init, headers } })).toBe('SignatureDoesNotMatch');
  });

  it('is refused when its body is not the one that was signed', async () => {
    const { url, init } = signAcs3(world.endpoint, world.admin, { headers: whoAmI, body: 'A=1' });
    expect(await send({ url, init: { ...init, body: 'A=2' } })).toBe('SignatureDoesNotMatch');
  });

  it('is refused when the action was left unsigned', async () => {
    expect(await send(sign(world.admin, {}, ['x-acs-action']))).toBe('SignatureDoesNotMatch');
  });

  it('is refused with a nonce that was used already', async () => {
    const request = sign(world.admin);
    expect(await send(request)).toBe('accepted');
    expect(await send(request)).toBe('SignatureNonceUsed');
  });

  it.each([
    ['16 minutes old', ago(16), 'InvalidTimeStamp.Expired'],
    ['16 minutes ahead', ago(-16), 'InvalidTimeStamp.Expired'],
    ['of another form', 'yesterday', 'InvalidTimeStamp.Format'],
    ['14 minutes old', ago(14), 'accepted'],
  ])('with a date %s is answered by host time', async (_case, date, code) => {
    expect(await send(sign(world.admin, { 'x-acs-date': date }))).toBe(code);
  });

  it('is refused without its parts', async () => {
    const { url, init } = sign(world.admin);
    const without = (name: string): RequestInit => ({
      ...init,
      headers: Object.fromEntries(
        Object.entries(init.headers as Record<string, string>).filter(([key]) => key !== name),
      ),
    });
    expect(await send({ url, init: without('authorization') })).toBe('MissingAccessKeyId');
    expect(await send({ url, init: without('x-acs-date') })).toBe('MissingTimestamp');
    expect(await send({ url, init: without('x-acs-signature-nonce') })).toBe('MissingSignatureNonce');
  });
});

describe('a request signed with the older HMAC-SHA1', () => {
  const pop = (keys: Keys) =>
    new PopCore({ ...keys, endpoint: `http://${world.endpoint}`, apiVersion: '2015-05-01' });

  it.each(['GET', 'POST'])('is accepted from the official SDK by %s', async (method) => {
    const reply = await pop(world.admin).request<{ Role: { RoleName: string } }>(
      'GetRole',
      { RoleName: 'partner' },
      { method },
    );
    expect(reply.Role.RoleName).toBe('partner');
  });

  it('is accepted with a session token', async () => {
    const session = await assume(world, world.alice, 'partner');
    expect(await codeOf(pop(session).request('ListRoles', {}, { method: 'POST' }))).toBe('accepted');
  });

  it('is refused under another secret', async () => {
    const call = pop({ ...world.admin, accessKeySecret: 'wrong' }).request(
      'ListRoles',
      {},
      { method: 'POST' },
    );
    expect(await codeOf(call)).toBe('SignatureDoesNotMatch');
  });

  it('is refused with a changed parameter, and when sent again', async () => {
    const urls: string[] = [];
    const proxy = pop(world.admin);
    await proxy.request('GetRole', { RoleName: 'partner' }).catch(() => undefined);
    const call = proxy.request('GetRole', { RoleName: 'missing' });
    await call.catch((error: { url: string }) => urls.push(error.url));
    const url = urls[0]!;
    expect(await send({ url, init: {} })).toBe('SignatureNonceUsed');
    expect(await send({ url: url.replace(/SignatureNonce=\w+/, 'SignatureNonce=other'), init: {} })).toBe(
      'SignatureDoesNotMatch',
    );
  });
});

describe('credentials', () => {
  it('that nobody was given are refused', async () => {
    expect(await send(sign({ accessKeyId: 'LTAInobody', accessKeySecret: 'x' }))).toBe(
      'InvalidAccessKeyId.NotFound',
    );
    expect(await send(sign({ accessKeyId: 'STS.nobody', accessKeySecret: 'x', securityToken: 'x' }))).toBe(
      'InvalidAccessKeyId.NotFound',
    );
  });

  it('of a session need its own token', async () => {
    const first = await assume(world, world.alice, 'partner');
    const second = await assume(world, world.alice, 'partner');
    const { securityToken: _left, ...tokenless } = first;
    expect(await send(sign(tokenless))).toBe('MissingSecurityToken');
    expect(await send(sign({ ...first, securityToken: 'forged' }))).toBe('InvalidSecurityToken');
    expect(await send(sign({ ...first, securityToken: second.securityToken! }))).toBe(
      'InvalidSecurityToken.MismatchWithAccessKey',
    );
    expect(await send(sign(first))).toBe('accepted');
  });

  it('of a function may be signed by the cloud’s clock as well', async () => {
    await asOwner(world.running, ownerId, 'CreateRole', {
      RoleName: 'fn',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '1',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'fc.aliyuncs.com' } }],
      }),
    });
    const { identity, clock } = world.running.cloud;
    const stamped = { 'x-acs-date': `${new Date(clock.now()).toISOString().slice(0, 19)}Z` };
    const inFunction = identity.assumeForService(ownerId, 'fn', 'fc.aliyuncs.com', 'x', { isFunction: true });
    expect(await send(sign(inFunction.credentials, stamped))).toBe('accepted');
    expect(await send(sign(world.admin, stamped))).toBe('InvalidTimeStamp.Expired');
  });
});

describe('an action that is not built', () => {
  it('is refused by name, after the signature was checked', async () => {
    const request = (keys: Keys) =>
      signAcs3(world.endpoint, keys, { headers: rpcHeaders('MakeCoffee', '2015-05-01') });
    expect(await send(request({ ...world.admin, accessKeySecret: 'wrong' }))).toBe('SignatureDoesNotMatch');
    const { url, init } = request(world.admin);
    const reply = await fetch(url, init);
    const body = (await reply.json()) as { Code: string; Message: string; RequestId: string };
    expect([reply.status, body.Code]).toEqual([404, 'InvalidApi.NotFound']);
    expect(body.Message).toMatch(/Ram.*2015-05-01.*MakeCoffee/);
    expect(body.RequestId).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
  });

  it('is not found among what every object has', async () => {
    expect(
      await send(signAcs3(world.endpoint, world.admin, { headers: rpcHeaders('constructor', '2015-05-01') })),
    ).toBe('InvalidApi.NotFound');
  });

  it('of no product is refused too', async () => {
    expect(
      await send(signAcs3(world.endpoint, world.admin, { headers: rpcHeaders('GetRole', '1999-01-01') })),
    ).toBe('InvalidApi.NotFound');
    expect(await send(signAcs3(world.endpoint, world.admin, { path: '/2020/things', headers: whoAmI }))).toBe(
      'InvalidApi.NotFound',
    );
  });
});

describe('a refusal', () => {
  it('reaches the SDK with code, status and detail', async () => {
    const call = ramClient(world.endpoint, world.bob).getRole(new GetRoleRequest({ roleName: 'partner' }));
    await expect(call).rejects.toMatchObject({
      name: 'ClientError',
      code: 'NoPermission',
      statusCode: 403,
      accessDeniedDetail: {
        AuthAction: 'ram:GetRole',
        AuthPrincipalType: 'SubUser',
        AuthPrincipalOwnerId: partnerId,
        NoPermissionType: 'ImplicitDeny',
      },
    });
  });
});
