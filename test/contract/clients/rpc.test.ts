import OpenApiClientPackage, * as OpenApi from '@alicloud/openapi-client';
import RPCClient from '@alicloud/pop-core';
import { RuntimeOptions } from '@alicloud/tea-util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientClass } from '../../../shared/cloud/alibaba/connection.js';
import { REGION } from '../../support/requests.js';
import { type ClientsCloud, type Keys, shapeOf, startClientsCloud } from './cloud.js';
import type { Step } from './scenario.js';

type Call = (step: Step, params: Readonly<Record<string, string>>) => Promise<object>;

/** The generic client of the first SDK generation: RPC, HMAC-SHA1, parameters in the query or the form. */
const popCore =
  (
    { cloud }: ClientsCloud,
    { accessKeyId, accessKeySecret, securityToken }: Keys,
    otherwise: 'GET' | 'POST',
  ): Call =>
  ({ version, action, method = otherwise }, params) =>
    new RPCClient({
      accessKeyId,
      accessKeySecret,
      ...(securityToken === undefined ? {} : { securityToken }),
      endpoint: cloud.origin,
      apiVersion: version,
    }).request<object>(
      action,
      { RegionId: REGION, ...params },
      {
        method,
        timeout: 10_000,
        // As written: one product has parameters that begin with a small letter, one of them its own `signature`.
        formatParams: false,
      },
    );

/** The generic client of the second generation: ACS3-HMAC-SHA256. */
const openApi =
  ({ cloud }: ClientsCloud, keys: Keys): Call =>
  async ({ version, action, method = 'POST' }, params) => {
    const client = new (clientClass(OpenApiClientPackage))(
      new OpenApi.Config({
        ...keys,
        endpoint: cloud.endpoint,
        protocol: 'http',
        regionId: REGION,
        readTimeout: 10_000,
      }),
    );
    const reply = await client.callApi(
      new OpenApi.Params({
        action,
        version,
        protocol: 'HTTP',
        pathname: '/',
        method,
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      }),
      new OpenApi.OpenApiRequest({ query: { RegionId: REGION, ...params } }),
      new RuntimeOptions({}),
    );
    return reply['body'] as object;
  };

const CLIENTS = {
  'pop-core with GET': (its, keys) => popCore(its, keys, 'GET'),
  'pop-core with POST': (its, keys) => popCore(its, keys, 'POST'),
  'openapi-client': openApi,
} satisfies Record<string, (its: ClientsCloud, keys: Keys) => Call>;

let first: readonly unknown[] | undefined;

describe.each(Object.entries(CLIENTS))('%s', (_name, callWith) => {
  let its: ClientsCloud;
  beforeAll(async () => {
    its = await startClientsCloud();
  });
  afterAll(() => its?.close());

  it('is served every RPC action that there is, and by each the same shape as any other client', async () => {
    const replies = (await its.walk(callWith(its, its.keys))).map(shapeOf);
    const taken = new Set(
      its.cloud.calls
        .filter(({ code }) => code === undefined)
        .map(({ version, action }) => `${version} ${action}`),
    );
    const served = its.cloud.served.filter(({ version }) => version !== '');
    expect(served.length).toBeGreaterThan(100);
    expect(
      served.map(({ version, action }) => `${version} ${action}`).filter((one) => !taken.has(one)),
    ).toEqual([]);
    for (const reply of replies) expect(reply).toHaveProperty('RequestId', 'string');
    first ??= replies;
    expect(replies).toEqual(first);
  });

  it('is told of a method that an action does not take', async () => {
    const calling = callWith(its, its.keys)(
      { version: '2019-12-12', action: 'ListInstances', method: 'POST', params: {} },
      { MaxResults: '10' },
    );
    await expect(calling).rejects.toMatchObject({ code: 'UnsupportedHTTPMethod' });
  });

  it('hears refusals by their code, also for a wrong secret and for what there is not', async () => {
    const step = (action: string): Step => ({ version: '2015-05-01', action, params: {} });
    const call = callWith(its, its.keys);
    await expect(call(step('GetRole'), { RoleName: 'nobody' })).rejects.toMatchObject({
      code: 'EntityNotExist.Role',
    });
    await expect(call(step('GetRole'), {})).rejects.toMatchObject({ code: 'MissingRoleName' });
    await expect(call(step('NoSuchAction'), {})).rejects.toMatchObject({ code: 'InvalidApi.NotFound' });
    const forger = callWith(its, { ...its.keys, accessKeySecret: 'wrong' });
    await expect(forger(step('ListRoles'), {})).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
    const stranger = callWith(its, { accessKeyId: 'LTAInobody', accessKeySecret: 'wrong' });
    await expect(stranger(step('ListRoles'), {})).rejects.toMatchObject({
      code: 'InvalidAccessKeyId.NotFound',
    });
  });
});
