import { Readable } from 'node:stream';
import Fc2 from '@alicloud/fc2';
import FcPackage, * as Fc from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientClass } from '../../shared/cloud/alibaba/connection.js';
import { invokeFunction } from '../../shared/cloud/alibaba/functions.js';
import { makeVirtualClock, type VirtualClock } from '../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import {
  type FunctionRunner,
  functionComputeService,
} from '../../shared/loopback/function-compute/service.js';
import { send, signAcs3 } from './signing.js';

const ACCOUNT = '1000000000000001';
const CODE = `
let served = 0;
exports.handler = async (event, context) => {
  const order = JSON.parse(event.toString());
  served += 1;
  switch (order.do) {
    case 'echo': return { order, served };
    case 'pause': { const mine = served; await new Promise((resolve) => setTimeout(resolve, 300)); return { served: mine }; }
    case 'text': return 'plain';
    case 'bytes': return Buffer.from([1, 2, 3]);
    case 'throw': { class TooBusyError extends Error { constructor(m) { super(m); this.name = 'TooBusyError'; } } throw new TooBusyError('not now'); }
    case 'exit': return process.exit(3);
    case 'hang': return new Promise(() => setInterval(() => undefined, 1000));
    case 'env': return { env: Object.keys(process.env).sort(), own: process.env.OWN };
    case 'now': return { now: Date.now(), made: new Date().getTime(), fixed: new Date(0).toISOString(), is: new Date() instanceof Date };
    case 'context': return { ...context, logger: Object.keys(context.logger), credentials: Object.keys(context.credentials), hasToken: context.credentials.securityToken.length > 0 };
    case 'baggages': return { found: context.tracing.parseOpenTracingBaggages() };
    case 'log': console.log('seen', order.say); return {};
    case 'write': require('node:fs').writeSync(1, 'written ' + order.say); return {};
    case 'crash': setTimeout(() => { throw new Error('nobody catches this'); }, 1); return new Promise(() => undefined);
    case 'nap': { const from = Date.now(); await require('node:timers/promises').setTimeout(order.ms); return { napped: Date.now() - from }; }
    case 'globals': globalThis.planted = (globalThis.planted ?? 0) + 1; return { planted: globalThis.planted, cwd: process.cwd(), there: require('node:fs').existsSync(__filename), beside: require('./beside.json').name };
  }
};`;

let clock: VirtualClock;
let cloud: RunningCloud;
let fc: InstanceType<ReturnType<typeof clientClass<typeof import('@alicloud/fc20230330').default>>>;
let keys: { readonly accessKeyId: string; readonly accessKeySecret: string };
const zip = (files: Readonly<Record<string, string>>) =>
  Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
  ).toString('base64');

/** What the zip at an address holds. */
const filesAt = async (url: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(unzipSync(new Uint8Array(await (await fetch(url)).arrayBuffer()))).map(([name, bytes]) => [
      name,
      strFromU8(bytes),
    ]),
  );

const clientOf = (its: typeof keys) =>
  new (clientClass(FcPackage))(
    new $OpenApiUtil.Config({ ...its, endpoint: cloud.endpoint, protocol: 'http', regionId: 'cn-hangzhou' }),
  );
const create = (
  functionName: string,
  changes: Record<string, unknown> = {},
  files: Readonly<Record<string, string>> = { 'index.js': CODE, 'beside.json': '{"name":"beside"}' },
) =>
  fc.createFunction(
    new Fc.CreateFunctionRequest({
      body: new Fc.CreateFunctionInput({
        functionName,
        runtime: 'nodejs20',
        handler: 'index.handler',
        timeout: 60,
        memorySize: 512,
        role: `acs:ram::${ACCOUNT}:role/functions`,
        environmentVariables: { OWN: 'mine' },
        code: new Fc.InputCodeLocation({ zipFile: zip(files) }),
        ...changes,
      }),
    }),
  );
async function invoke(name: string, order: object, client = fc) {
  const reply = await client.invokeFunctionWithOptions(
    name,
    new Fc.InvokeFunctionRequest({
      qualifier: 'LATEST',
      body: Readable.from([Buffer.from(JSON.stringify(order))]),
    }),
    new Fc.InvokeFunctionHeaders({ xFcLogType: 'Tail' }),
    new RuntimeOptions({ readTimeout: 10_000, connectTimeout: 10_000 }),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of reply.body as Readable) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks);
  const text = body.toString();
  return {
    headers: reply.headers as Record<string, string>,
    body,
    json: text.startsWith('{') ? JSON.parse(text) : text,
  };
}

const RUNNERS: readonly FunctionRunner[] = ['processes', 'in-process'];

describe.each(RUNNERS)('with functions in %s', (runner) => {
  beforeAll(async () => {
    clock = makeVirtualClock({ startAt: Date.parse('2030-01-01T00:00:00Z'), flowing: true });
    cloud = await startCloud({
      clock,
      services: [
        (its) => {
          const parts = functionComputeService(its, { runner });
          return { http: parts.http, close: () => parts.close() };
        },
      ],
    });
    keys = cloud.accounts.createAccount(ACCOUNT).rootAccessKey;
    fc = clientOf(keys);
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
    });
    await cloud.cloud.call(
      cloud.accounts.rootOf(ACCOUNT),
      '2015-05-01',
      'CreateRole',
      { RoleName: 'functions', AssumeRolePolicyDocument },
      'cn-hangzhou',
    );
    await create('worker');
  });
  afterAll(() => cloud?.close());

  describe('a function', () => {
    it('answers objects as JSON, text as text and bytes as bytes', async () => {
      expect((await invoke('worker', { do: 'echo', x: 1 })).json).toMatchObject({ order: { x: 1 } });
      expect((await invoke('worker', { do: 'text' })).json).toBe('plain');
      expect([...(await invoke('worker', { do: 'bytes' })).body]).toEqual([1, 2, 3]);
    });

    it('keeps its instance warm between requests, and gets another for a request at the same time', async () => {
      await create('counter');
      expect((await invoke('counter', { do: 'echo' })).json.served).toBe(1);
      expect((await invoke('counter', { do: 'echo' })).json.served).toBe(2);
      const both = await Promise.all([
        invoke('counter', { do: 'pause' }),
        invoke('counter', { do: 'pause' }),
      ]);
      expect(both.map(({ json }) => json.served).sort()).toEqual([1, 3]);
    });

    it('that throws answers 200 with the error under its class name', async () => {
      const { headers, json } = await invoke('worker', { do: 'throw' });
      expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
      expect(json).toMatchObject({ errorType: 'TooBusyError', errorMessage: 'not now' });
    });

    it('whose process ends answers so, and the next request finds a new one', async () => {
      const { headers, json } = await invoke('worker', { do: 'exit' });
      expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
      expect(json.errorMessage).toMatch(/^Process exited unexpectedly/);
      expect((await invoke('worker', { do: 'echo' })).json.order).toBeDefined();
    });

    it('whose timer throws answers as one whose process ended', async () => {
      const { headers, json } = await invoke('worker', { do: 'crash' });
      expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
      expect(json.errorMessage).toMatch(/^Process exited unexpectedly/);
    });

    it('naps as long as it asked for, by its own clock', async () => {
      expect((await invoke('worker', { do: 'nap', ms: 30 })).json.napped).toBeGreaterThanOrEqual(29);
    });

    it('has globals, a folder and files of its own, kept while it is warm', async () => {
      await create('keeper');
      const first = (await invoke('keeper', { do: 'globals' })).json;
      expect(first).toMatchObject({ planted: 1, there: true, beside: 'beside' });
      expect((await invoke('keeper', { do: 'globals' })).json).toEqual({ ...first, planted: 2 });
      await create('another');
      const other = (await invoke('another', { do: 'globals' })).json;
      expect(other.planted).toBe(1);
      expect(other.cwd).not.toBe(first.cwd);
      expect(process.cwd()).not.toBe(first.cwd);
      expect(globalThis).not.toHaveProperty('planted');
    });

    it('that overruns its time is ended', async () => {
      await create('slow', { timeout: 1 });
      const { headers, json } = await invoke('slow', { do: 'hang' });
      expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
      expect(json).toEqual({ errorMessage: 'Function time out after 1 seconds' });
    });

    it('that cannot be loaded says so', async () => {
      await create('broken', {}, { 'index.js': 'throw new Error("no good")' });
      expect((await invoke('broken', {})).json.errorMessage).toBe('no good');
    });

    it('sees its own environment and the documented one, and nothing of the host', async () => {
      const { env, own } = (await invoke('worker', { do: 'env' })).json;
      expect(own).toBe('mine');
      expect(env.filter((name: string) => !/^(FC_|ALIBABA_CLOUD_|OWN$)/.test(name))).toEqual([]);
    });

    it('lives by the cloud’s time', async () => {
      const { now, made, fixed, is } = (await invoke('worker', { do: 'now' })).json;
      expect(Math.abs(now - clock.now())).toBeLessThan(60_000);
      expect(Math.abs(made - now)).toBeLessThan(60_000);
      expect([fixed, is]).toEqual(['1970-01-01T00:00:00.000Z', true]);
    });

    it('is handed a context with fresh keys of its role', async () => {
      const { json } = await invoke('worker', { do: 'context' });
      expect(json).toMatchObject({
        accountId: ACCOUNT,
        region: 'cn-hangzhou',
        function: { name: 'worker', timeout: 60 },
        hasToken: true,
      });
      expect(json.credentials.sort()).toEqual(['accessKeyId', 'accessKeySecret', 'securityToken']);
      expect(json.requestId).toBeTruthy();
    });

    it('may read the baggages of its trace, of which there are none', async () => {
      expect((await invoke('worker', { do: 'baggages' })).json).toEqual({ found: {} });
    });

    it('gives its log back when asked', async () => {
      const { headers } = await invoke('worker', { do: 'log', say: 'hello' });
      expect(Buffer.from(headers['x-fc-log-result'] ?? '', 'base64').toString()).toContain('seen hello');
      const written = await invoke('worker', { do: 'write', say: 'so' });
      expect(Buffer.from(written.headers['x-fc-log-result'] ?? '', 'base64').toString()).toContain(
        'written so',
      );
    });
  });

  describe('Function Compute', () => {
    it('refuses a user without the right, and names what does not exist', async () => {
      await expect(
        invoke('worker', {}, clientOf(cloud.accounts.createUser(ACCOUNT, 'nobody'))),
      ).rejects.toMatchObject({ code: 'AccessDenied' });
      await expect(invoke('nothing', {})).rejects.toMatchObject({ code: 'FunctionNotFound' });
    });

    it.each([
      ['a runtime that there is not', { runtime: 'nodejs22' }],
      ['a memory of odd size', { memorySize: 130 }],
      ['a reserved variable', { environmentVariables: { FC_REGION: 'x' } }],
      ['a time-out of a week', { timeout: 604_800 }],
    ])('refuses %s', async (_what, changes) => {
      await expect(create('odd', changes)).rejects.toMatchObject({ code: 'InvalidArgument' });
    });

    it('refuses a body that is no object', async () => {
      const request = {
        path: '/2023-03-30/functions',
        headers: { 'x-acs-version': '2023-03-30' },
        body: 'null',
      };
      expect(await send(signAcs3(cloud.endpoint, keys, request))).toBe('InvalidArgument');
    });

    it('refuses a package that writes outside its folder', async () => {
      await expect(create('slip', {}, { '../evil.js': 'x' })).rejects.toMatchObject({
        code: 'InvalidArgument',
      });
    });

    it('lends the code package as it was sent to whoever may have it, and to nobody who guesses', async () => {
      await create('lent', {}, { 'index.js': CODE, 'deep/data.json': '{}' });
      const { body } = await fc.getFunctionCode('lent', new Fc.GetFunctionCodeRequest({}));
      const url = body?.url ?? '';
      expect(await filesAt(url)).toEqual({ 'index.js': CODE, 'deep/data.json': '{}' });
      const guessed = await fetch(url.replace(/[0-9a-f]{32}$/, '0'.repeat(32)));
      expect(guessed.status).toBe(403);
      const stranger = clientOf(cloud.accounts.createUser(ACCOUNT, 'may-nothing'));
      await expect(stranger.getFunctionCode('lent', new Fc.GetFunctionCodeRequest({}))).rejects.toMatchObject(
        {
          code: 'AccessDenied',
        },
      );
      await expect(fc.getFunctionCode('nothing', new Fc.GetFunctionCodeRequest({}))).rejects.toMatchObject({
        code: 'FunctionNotFound',
      });
    });

    it('serves functions in services through the older SDK', async () => {
      const older = new Fc2(ACCOUNT, {
        accessKeyID: keys.accessKeyId,
        accessKeySecret: keys.accessKeySecret,
        region: 'cn-hangzhou',
        // By another name: the newer SDKs leave timers on connections, which end what this one reads by them ten seconds later.
        endpoint: cloud.origin.replace('127.0.0.1', 'localhost'),
      });
      await older.createService('legacy', { description: 'd', role: `acs:ram::${ACCOUNT}:role/functions` });
      await older.createFunction('legacy', {
        functionName: 'worker',
        runtime: 'nodejs20',
        handler: 'index.handler',
        timeout: 60,
        memorySize: 512,
        code: { zipFile: zip({ 'index.js': CODE }) },
      });
      const { data } = await older.invokeFunction('legacy', 'worker', JSON.stringify({ do: 'echo', y: 2 }));
      expect(JSON.parse(String(data))).toMatchObject({ order: { y: 2 } });
      const ended = await older.invokeFunction('legacy', 'worker', JSON.stringify({ do: 'exit' }));
      expect(Object.keys(JSON.parse(String(ended.data)))).toEqual(['errorMessage']);
      await expect(older.invokeFunction('legacy', 'nothing', '{}')).rejects.toMatchObject({
        code: 'FunctionNotFound',
      });
      const code = await older.getFunctionCode('legacy', 'worker');
      const { url } = code.data as { readonly url: string };
      expect(await filesAt(url)).toEqual({ 'index.js': CODE });
      const wrong = new Fc2(ACCOUNT, {
        accessKeyID: keys.accessKeyId,
        accessKeySecret: 'wrong',
        region: 'cn-hangzhou',
        endpoint: cloud.origin,
      });
      await expect(wrong.invokeFunction('legacy', 'worker', '{}')).rejects.toMatchObject({
        code: 'SignatureNotMatch',
      });
    });
  });

  describe('our own invoker', () => {
    const invokeArn = (arn: string, order: object) =>
      invokeFunction(arn, JSON.stringify(order), {
        region: 'cn-hangzhou',
        owner: ACCOUNT,
        credentials: keys,
        endpoint: cloud.endpoint,
        timeoutMilliseconds: 60_000,
      });
    it('reaches functions of both generations by their ARNs, and tells when one fails', async () => {
      const alone = `acs:fc:cn-hangzhou:${ACCOUNT}:functions/worker/LATEST`;
      expect(JSON.parse((await invokeArn(alone, { do: 'echo' })).text)).toMatchObject({
        order: { do: 'echo' },
      });
      expect(await invokeArn(alone, { do: 'throw' })).toMatchObject({
        errorType: 'UnhandledInvocationError',
      });
      const older = new Fc2(ACCOUNT, {
        accessKeyID: keys.accessKeyId,
        accessKeySecret: keys.accessKeySecret,
        region: 'cn-hangzhou',
        endpoint: cloud.origin,
      });
      await older.createService('older', { description: 'd' });
      await older.createFunction('older', {
        functionName: 'worker',
        runtime: 'nodejs20',
        handler: 'index.handler',
        timeout: 60,
        memorySize: 512,
        code: { zipFile: zip({ 'index.js': CODE }) },
      });
      expect(
        JSON.parse(
          (
            await invokeArn(`acs:fc:cn-hangzhou:${ACCOUNT}:services/older.LATEST/functions/worker`, {
              do: 'echo',
            })
          ).text,
        ),
      ).toMatchObject({ order: { do: 'echo' } });
      expect(() => invokeArn('acs:oss:::bucket', {})).toThrow(
        expect.objectContaining({ code: 'BAD_CONFIG' }),
      );
    });
  });
});
