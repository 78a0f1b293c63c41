import dns from 'node:dns';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeProductPort } from '../../../shared/cloud/alibaba/products.js';
import type { ApiCall } from '../../../shared/domain/api-call.js';
import { type CannedCloud, startCannedCloud } from '../../support/canned-cloud.js';
import { REGION } from '../../support/requests.js';

let cloud: CannedCloud;
let body: object = {};
beforeAll(async () => {
  cloud = await startCannedCloud(() => ({ body }));
});
afterAll(() => cloud.close());

const call: ApiCall = {
  product: 'alikafka',
  version: '2019-09-16',
  action: 'GetTopicList',
  region: REGION,
  params: { InstanceId: 'alikafka_pre-cn-x1' },
};
const session = { accessKeyId: 'STS.x', accessKeySecret: 'x', securityToken: 'x' };
const outcomeOf = (answered: object) => {
  body = answered;
  return makeProductPort(cloud.connection).call(call, session as never);
};

describe('a reply of status 200', () => {
  it.each([
    [{ Success: true, Code: 200 }, 'allowed'],
    [{ Total: 0 }, 'allowed'],
    [{ Code: 'Success' }, 'allowed'],
    [{ Code: 200 }, 'allowed'],
    [{ code: '200', data: {} }, 'allowed'],
    [{ Code: 'NoPermission' }, 'denied'],
    [{ Code: 'EventBusNotExist', Message: 'gone' }, 'not-found'],
    [{ Success: false, Code: 'NoPermission' }, 'denied'],
    [{ success: false, code: 'AccessDenied.x' }, 'denied'],
    [{ Success: false, Code: 'Instance.NotFound' }, 'not-found'],
  ])('%j is %s', async (answered, outcome) => {
    expect(await outcomeOf(answered)).toMatchObject({ outcome });
  });

  it.each([
    [{ Success: false, Code: 'ServiceBusy' }],
    [{ Success: false, Code: 500, Message: 'try again' }],
    [{ Success: false, Code: 200 }],
    [{ Success: false }],
    [{ Code: 'ServiceBusy' }],
  ])('%j neither shows that something works nor that it is gone', async (answered) => {
    await expect(outcomeOf(answered)).rejects.toThrow();
  });

  it('that stands for a failure of the product is worth another try', async () => {
    await expect(outcomeOf({ Success: false, Code: 503 })).rejects.toMatchObject({ retriable: true });
  });
});

describe('a session that is not taken any more', () => {
  it.each([
    'InvalidSecurityToken.Expired',
    'InvalidSecurityToken.NotFound',
    'InvalidAccessKeyId.NotFound',
    'SecurityTokenExpired',
  ])('is told apart from a refusal and from what is not there, by %s', async (Code) => {
    await expect(outcomeOf({ Success: false, Code })).rejects.toMatchObject({ code: 'DENIED' });
  });
});

describe('a host that there is not, since nobody has the product in that region', () => {
  it('has nothing of that name', async () => {
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((_host: string, _options: object, done: (error: Error) => void) =>
        done(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }))) as never);
    const { endpoint: _, ...vendors } = { endpoint: '', ...cloud.connection };
    const port = makeProductPort(vendors);
    const answer = await port.call({ ...call, region: 'cn-hangzou' as never }, session as never);
    expect(answer).toEqual({ outcome: 'not-found', code: 'ENOTFOUND' });
    expect(lookup).toHaveBeenCalled();
    lookup.mockRestore();
  });
});
