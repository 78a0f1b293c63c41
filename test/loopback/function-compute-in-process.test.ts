import FcPackage, * as Fc from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientClass } from '../../shared/cloud/alibaba/connection.js';
import { makeVirtualClock, type VirtualClock } from '../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import {
  type FunctionComputeParts,
  functionComputeService,
} from '../../shared/loopback/function-compute/service.js';

const ACCOUNT = '1000000000000001';
const START = Date.parse('2030-01-01T00:00:00Z');
const DAY = 86_400_000;
const LIMIT = 100_000;

interface Settings {
  readonly event?: object;
  readonly timeout?: number;
  readonly name?: string;
}

let keys: { readonly accessKeyId: string; readonly accessKeySecret: string };
let clock: VirtualClock;
let cloud: RunningCloud;
let functions: FunctionComputeParts;
beforeEach(async () => {
  clock = makeVirtualClock({ startAt: START, patienceMs: 5_000 });
  cloud = await startCloud({
    clock,
    maxBodyBytes: LIMIT,
    services: [
      (its) => {
        functions = functionComputeService(its, { runner: 'in-process' });
        return { http: functions.http, close: () => functions.close() };
      },
    ],
  });
  keys = cloud.accounts.createAccount(ACCOUNT).rootAccessKey;
});
afterEach(() => cloud.close());

/** Deploys `code`; returns how to invoke it. */
async function deploy(code: string, { event = {}, timeout = 60, name = 'worker' }: Settings = {}) {
  const client = new (clientClass(FcPackage))(
    new $OpenApiUtil.Config({ ...keys, endpoint: cloud.endpoint, protocol: 'http', regionId: 'cn-hangzhou' }),
  );
  await client.createFunction(
    new Fc.CreateFunctionRequest({
      body: new Fc.CreateFunctionInput({
        functionName: name,
        runtime: 'nodejs20',
        handler: 'index.handler',
        timeout,
        memorySize: 512,
        code: new Fc.InputCodeLocation({
          zipFile: Buffer.from(zipSync({ 'index.js': strToU8(code) })).toString('base64'),
        }),
      }),
    }),
  );
  return async () => {
    const { errorType, body } = await functions.invoker.invoke({
      caller: cloud.accounts.rootOf(ACCOUNT),
      resourceArn: `acs:fc:cn-hangzhou:${ACCOUNT}:functions/${name}`,
      payload: Buffer.from(JSON.stringify({ endpoint: cloud.endpoint, ...event })),
      invocationType: 'Sync',
    });
    return { errorType, reply: JSON.parse(body.toString()) };
  };
}
/** Deploys a function of which `body` is what it does with `event` and with `state`, which is kept while it is warm. */
const start = (body: string, settings: Settings = {}) =>
  deploy(
    `const state = {}; exports.handler = async (bytes) => { const event = JSON.parse(bytes); ${body} };`,
    settings,
  );

describe('an instance in this process', () => {
  it('sleeps in the cloud’s time: a day takes no time at all, and the clock has moved by it', async () => {
    const invoke = await start(
      `const from = [Date.now(), performance.now()];
       await new Promise((resolve) => setTimeout(resolve, 43_200_000));
       await require('timers/promises').setTimeout(43_190_000);
       return [Date.now() - from[0], performance.now() - from[1]];`,
      { timeout: 86_400 },
    );
    const answered = invoke();
    await clock.runUntilIdle();
    expect((await answered).reply).toEqual([DAY - 10_000, DAY - 10_000]);
    expect(clock.now()).toBe(START + DAY - 10_000);
  });

  it('does not let time pass while it works', async () => {
    const invoke = await start(
      `for (let n = 0; n < 200; n++) await new Promise((resolve) => setImmediate(resolve));
       await require('node:fs').promises.readFile(__filename);
       return Date.now();`,
    );
    clock.at(START + 1, () => undefined);
    const [{ reply }] = await Promise.all([invoke(), clock.runUntilIdle()]);
    expect(reply).toBe(START);
  });

  it('is ended by its time-out in the cloud’s time when it waits, and leaves nothing running', async () => {
    const invoke = await start('return new Promise(() => setInterval(() => console.log("tick"), 1000));', {
      timeout: 10,
    });
    const answered = invoke();
    await clock.runUntilIdle();
    expect((await answered).errorType).toBe('UnhandledInvocationError');
    expect(clock.now()).toBe(START + 10_000);
    const printed = functions.logs();
    expect(printed.match(/tick/g)).toHaveLength(9);
    await clock.advance(DAY);
    expect(functions.logs()).toBe(printed);
  });

  it('is ended by the host’s time when it waits for nothing that time brings', async () => {
    const invoke = await start('return new Promise(() => undefined);', { timeout: 1 });
    expect((await invoke()).errorType).toBe('UnhandledInvocationError');
  });

  it('gives up by its own time-out when an answer of the cloud is later, and takes no time for it', async () => {
    const invoke = await start(
      `const [host, port] = event.endpoint.split(':');
       return new Promise((resolve) => {
         const request = require('http').get({ host, port, path: '/2023-03-30/functions' });
         const timer = setTimeout(() => request.destroy(new Error('too late')), 10_000);
         request.on('error', (error) => resolve({ heard: error.message, at: Date.now() }));
         request.on('response', () => { clearTimeout(timer); resolve({ heard: 'an answer' }); });
       });`,
    );
    cloud.cloud.faults.add({ before: () => clock.sleep(60_000).then(() => undefined) });
    const answered = invoke();
    await clock.runUntilIdle({ until: START + DAY });
    expect((await answered).reply).toEqual({ heard: 'too late', at: START + 10_000 });
  });

  it('waits for an answer that takes the cloud half a minute', async () => {
    const invoke = await start(
      `const [host, port] = event.endpoint.split(':');
       await new Promise((resolve) => require('http').get({ host, port, path: '/2023-03-30/functions' }, resolve));
       return Date.now();`,
    );
    cloud.cloud.faults.add({ before: () => clock.sleep(30_000).then(() => undefined) });
    const answered = invoke();
    await clock.runUntilIdle({ until: START + DAY });
    expect((await answered).reply).toBe(START + 30_000);
  });

  it('does not let time pass while it works on after it gave up a request', async () => {
    const invoke = await start(
      `const [host, port] = event.endpoint.split(':');
       const request = require('http').get({ host, port, path: '/2023-03-30/functions' }).on('error', () => undefined);
       await new Promise((resolve) => request.on('socket', () => setImmediate(resolve)));
       request.destroy();
       for (let n = 0; n < 20; n++) await require('node:fs').promises.readFile(__filename);
       return Date.now();`,
    );
    cloud.cloud.faults.add({ before: () => clock.sleep(60_000).then(() => undefined) });
    const [{ reply }] = await Promise.all([invoke(), clock.runUntilIdle({ until: START + DAY })]);
    expect(reply).toBe(START);
  });

  // What is asked by an address goes through Node's client and server, what is asked by options does not.
  it.each([
    ['what is not there', 404, { path: '/nowhere?a=1' }, ''],
    ['a body of nobody’s', 400, { method: 'POST' }, 'Action=ListRoles&Version=2015-05-01'],
    ['no more than the head', 400, { method: 'HEAD' }, ''],
    ['a method that no product has', 400, { method: 'PATCH' }, ''],
    [
      'a call that is not signed',
      400,
      { path: '/2023-03-30/functions', headers: { Accept: ['a', 'b'] } },
      '',
    ],
    ['more than the cloud reads', 413, { method: 'PUT' }, 'x'.repeat(LIMIT + 1)],
    ['an answer that is lost', undefined, { path: '/2023-03-30/functions' }, ''],
  ])('hears the same without a connection as over one, of %s', async (_what, status, options, body) => {
    const invoke = await start(
      `const http = require('http');
       const [host, port] = event.endpoint.split(':');
       const path = event.options.path ?? '/';
       const hear = async (start) => {
         const heard = [];
         const request = start();
         for (const name of ['socket', 'response', 'close']) request.on(name, () => heard.push(name));
         const closed = new Promise((resolve) => request.on('close', resolve));
         const response = new Promise((resolve) => {
           request.on('response', resolve);
           request.on('error', ({ code, message }) => resolve(void heard.push(code, message)));
         });
         request.end(event.body);
         const said = await saidBy(await response);
         await closed;
         return { heard, said };
       };
       const saidBy = async (response) => {
         if (response === undefined) return [];
         const { date, connection, 'keep-alive': _, ...headers } = response.headers;
         const chunks = [];
         for await (const chunk of response) chunks.push(chunk);
         const text = Buffer.concat(chunks).toString().replace(/[0-9A-F-]{36}/gi, 'ID');
         return [response.statusCode, response.statusMessage, response.complete, text, Object.keys(headers).sort()];
       };
       return [
         await hear(() => http.request({ host, port, ...event.options })),
         await hear(() => http.request('http://' + event.endpoint + path, event.options)),
       ];`,
      { event: { options, body } },
    );
    if (status === undefined) cloud.cloud.faults.add({ before: () => ({ kind: 'lost-reply' }) });
    const { reply } = await invoke();
    expect(reply[0].said[0]).toBe(status);
    expect(reply[0]).toEqual(reply[1]);
  });

  it('is refused a header that cannot be sent, as by Node.js', async () => {
    const invoke = await start(
      `const [host, port] = event.endpoint.split(':');
       try { require('http').request({ host, port, headers: { 'x-name': 'two\\nlines' } }); } catch (error) { return [error.code]; }`,
    );
    expect((await invoke()).reply).toEqual(['ERR_INVALID_CHAR']);
  });

  it('cannot reach the cloud once it has ended', async () => {
    const invoke = await start(
      `const [host, port] = event.endpoint.split(':');
       const call = () => require('http').get({ host, port, path: '/2023-03-30/functions' }).on('error', () => undefined);
       try { process.exit(0); } catch { for (let n = 0; n < 100; n++) await null; call(); }`,
    );
    const calls = cloud.calls.length;
    expect((await invoke()).reply.errorMessage).toMatch(/^Process exited unexpectedly/);
    await clock.advance(1_000);
    expect(cloud.calls.slice(calls)).toEqual([]);
  });

  it('evaluates its bundle anew, and shares nothing that it writes', async () => {
    const write = `state.count = (state.count ?? 0) + 1; process.env.COUNT = state.count; globalThis.performance = 1;
       Date.planted = true; console.planted = true; process.on('exit', () => undefined); process.chdir('/tmp');
       return [state.count, Object.keys(process.env).length > 0];`;
    const before = [process.cwd(), process.listenerCount('exit'), Object.keys(process.env).length];
    for (const name of ['one', 'two']) {
      const invoke = await start(write, { name });
      expect((await invoke()).reply).toEqual([1, true]);
      expect((await invoke()).reply).toEqual([2, true]);
    }
    expect([process.cwd(), process.listenerCount('exit'), Object.keys(process.env).length]).toEqual(before);
    expect([Date, console, performance]).not.toContainEqual(expect.objectContaining({ planted: true }));
    expect(performance.now()).toBeGreaterThan(0);
    expect(Math.abs(Date.now() - START)).toBeGreaterThan(DAY);
  });

  it('has a state and a folder of its own, though another function is the same text', async () => {
    const counting = 'state.runs = (state.runs ?? 0) + 1; return [state.runs, __filename];';
    const [one, other] = [await start(counting), await start(counting, { name: 'twin' })];
    await one();
    const [[runs, file], [twins, twinFile]] = [(await one()).reply, (await other()).reply];
    expect([runs, twins]).toEqual([2, 1]);
    expect(file).not.toBe(twinFile);
  });

  it('may declare what is a global, as a file in a process may', async () => {
    const invoke = await deploy(
      `'use strict'; const process = require('process'); class Date {}
       exports.handler = async () => [typeof process.env, new Date().constructor.name, Date.now];`,
    );
    expect((await invoke()).reply).toEqual(['object', 'Date', null]);
  });
});
