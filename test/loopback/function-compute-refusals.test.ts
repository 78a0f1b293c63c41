import { Readable } from 'node:stream';
import Fc2 from '@alicloud/fc2';
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
const ROLE = `acs:ram::${ACCOUNT}:role/functions`;
const CODE = `exports.handler = async (event) => {
  console.log('ran', event.toString());
  const seconds = { long: 30, ever: 86_000 }[event] ?? 0;
  if (seconds > 0) await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return 'done';
};`;
type Keys = { readonly accessKeyId: string; readonly accessKeySecret: string };

let clock: VirtualClock;
let cloud: RunningCloud;
let functions: FunctionComputeParts;
let root: Keys;
beforeEach(async () => {
  clock = makeVirtualClock({ startAt: Date.parse('2030-01-01T00:00:00Z'), patienceMs: 5_000 });
  cloud = await startCloud({
    clock,
    services: [
      (its) => {
        functions = functionComputeService(its, { runner: 'in-process', instances: 2 });
        return { http: functions.http, close: () => functions.close() };
      },
    ],
  });
  root = cloud.accounts.createAccount(ACCOUNT).rootAccessKey;
});
afterEach(() => cloud.close());

const code = { zipFile: Buffer.from(zipSync({ 'index.js': strToU8(CODE) })).toString('base64') };
const clientOf = (keys: Keys) =>
  new (clientClass(FcPackage))(
    new $OpenApiUtil.Config({ ...keys, endpoint: cloud.endpoint, protocol: 'http', regionId: 'cn-hangzhou' }),
  );
const olderClient = (keys: Keys = root) =>
  new Fc2(ACCOUNT, {
    accessKeyID: keys.accessKeyId,
    accessKeySecret: keys.accessKeySecret,
    region: 'cn-hangzhou',
    endpoint: cloud.origin.replace('127.0.0.1', 'localhost'),
  });
const settings = { runtime: 'nodejs20', handler: 'index.handler', timeout: 60, memorySize: 512 };
const create = (changes: Record<string, unknown> = {}, keys: Keys = root) =>
  clientOf(keys).createFunction(
    new Fc.CreateFunctionRequest({
      body: new Fc.CreateFunctionInput({
        functionName: 'worker',
        ...settings,
        code: new Fc.InputCodeLocation(code),
        ...changes,
      }),
    }),
  );
const invoke = (qualifier: string, keys: Keys = root) =>
  clientOf(keys).invokeFunction(
    'worker',
    new Fc.InvokeFunctionRequest({ qualifier, body: Readable.from([Buffer.from('short')]) }),
  );
const byArn = (payload: string, invocationType: 'Sync' | 'Async') =>
  functions.invoker.invoke({
    caller: cloud.accounts.rootOf(ACCOUNT),
    resourceArn: `acs:fc:cn-hangzhou:${ACCOUNT}:functions/worker/LATEST`,
    payload: Buffer.from(payload),
    invocationType,
  });
const ram = (action: string, params: Readonly<Record<string, string>>) =>
  cloud.cloud.call(cloud.accounts.rootOf(ACCOUNT), '2015-05-01', action, params, 'cn-hangzhou');
let users = 0;
/** Keys of a user who has these rights. */
async function userWith(...Statement: readonly object[]): Promise<Keys> {
  const name = `user${users++}`;
  const keys = cloud.accounts.createUser(ACCOUNT, name);
  const PolicyDocument = JSON.stringify({ Version: '1', Statement });
  await ram('CreatePolicy', { PolicyName: name, PolicyDocument });
  await ram('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: name, UserName: name });
  return keys;
}

describe('a function', () => {
  it('is invoked as LATEST only: no version was published, and no alias made', async () => {
    await create();
    await expect(invoke('prod')).rejects.toMatchObject({ code: 'AliasNotFound', statusCode: 404 });
    await expect(invoke('1')).rejects.toMatchObject({ code: 'VersionNotFound', statusCode: 404 });
    expect((await invoke('LATEST')).statusCode).toBe(200);
  });

  it('of a service that there is not is missed by the name of the service', async () => {
    await expect(olderClient().invokeFunction('nowhere', 'worker', '{}')).rejects.toMatchObject({
      code: 'ServiceNotFound',
    });
  });

  it('gets a role from who may pass it to Function Compute, at first and whenever it is changed', async () => {
    const make = { Effect: 'Allow', Action: 'fc:*', Resource: '*' };
    const pass = (service: string) => ({
      Effect: 'Allow',
      Action: 'ram:PassRole',
      Resource: ROLE,
      Condition: { StringEquals: { 'acs:Service': service } },
    });
    const change = (keys: Keys, input: object) =>
      clientOf(keys).updateFunction(
        'worker',
        new Fc.UpdateFunctionRequest({ body: new Fc.UpdateFunctionInput(input) }),
      );
    for (const keys of [await userWith(make), await userWith(make, pass('fnf.aliyuncs.com'))])
      await expect(create({ role: ROLE }, keys)).rejects.toMatchObject({ code: 'AccessDenied' });
    await create({ role: ROLE }, await userWith(make, pass('fc.aliyuncs.com')));
    const without = await userWith(make);
    await expect(change(without, { role: ROLE })).rejects.toMatchObject({ code: 'AccessDenied' });
    expect((await change(without, { timeout: 10 })).body).toMatchObject({ timeout: 10, role: ROLE });
  });

  it('in a service has the role that whoever made the service may pass', async () => {
    const keys = await userWith({ Effect: 'Allow', Action: 'fc:*', Resource: '*' });
    await expect(olderClient(keys).createService('legacy', { role: ROLE })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    await olderClient(keys).createService('legacy', { description: 'without' });
    await olderClient().createService('with', { role: ROLE });
  });

  it('asked for later is run once there is an instance for it, and not forgotten', async () => {
    await create();
    const [one, two] = [byArn('long', 'Sync'), byArn('long', 'Sync')];
    await expect(byArn('short', 'Sync')).rejects.toMatchObject({ code: 'ResourceExhausted', status: 429 });
    expect(await byArn('short', 'Async')).toMatchObject({ status: 202 });
    await clock.runUntilIdle();
    await Promise.all([one, two]);
    expect(functions.logs().match(/ran short/g)).toHaveLength(1);
    const seconds = (clock.now() - Date.parse('2030-01-01T00:00:00Z')) / 1000;
    expect(seconds).toBe(31.5); // half a second, then 1, 2, 4, 8 and 16
  });

  it('that finds no instance for five hours is given up', async () => {
    await create({ timeout: 86_400 });
    const [one, two] = [byArn('ever', 'Sync'), byArn('ever', 'Sync')];
    await byArn('short', 'Async');
    await clock.runUntilIdle({ until: clock.now() + 86_000_000 });
    expect(functions.logs()).not.toMatch(/ran short/);
    await clock.runUntilIdle();
    await Promise.all([one, two]);
  });

  it.each([
    ['more of a processor than its memory goes with', { cpu: 1, memorySize: 512 }],
    ['less of a processor than its memory goes with', { cpu: 0.1, memorySize: 512 }],
    ['a disk of a size of its own', { cpu: 0.35, diskSize: 1024 }],
    ['variables that are no text', { environmentVariables: { DAYS: 3 } }],
  ])('is refused with %s', async (_what, changes) => {
    await expect(create(changes)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  it('is invoked by nobody who is denied it by either of its names', async () => {
    await create();
    const invokes = { Action: 'fc:InvokeFunction' };
    const name = `acs:fc:cn-hangzhou:${ACCOUNT}:functions/worker`;
    expect(
      (await invoke('LATEST', await userWith({ ...invokes, Effect: 'Allow', Resource: name }))).statusCode,
    ).toBe(200);
    for (const Resource of [name, `${name}/LATEST`]) {
      const keys = await userWith(
        { ...invokes, Effect: 'Allow', Resource: '*' },
        { ...invokes, Effect: 'Deny', Resource },
      );
      await expect(invoke('LATEST', keys)).rejects.toMatchObject({ code: 'AccessDenied' });
    }
  });

  it('that is changed while it works never answers with its old code again', async () => {
    await create();
    const old = byArn('long', 'Sync');
    const zipFile = Buffer.from(
      zipSync({ 'index.js': strToU8("exports.handler = async () => 'new';") }),
    ).toString('base64');
    await clientOf(root).updateFunction(
      'worker',
      new Fc.UpdateFunctionRequest({
        body: new Fc.UpdateFunctionInput({ code: new Fc.InputCodeLocation({ zipFile }) }),
      }),
    );
    await clock.runUntilIdle();
    expect((await old).body.toString()).toBe('done');
    expect((await byArn('short', 'Sync')).body.toString()).toBe('new');
  });
});
