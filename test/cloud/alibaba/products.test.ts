import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProductPort } from '../../../shared/cloud/alibaba/products.js';
import type { ApiCall } from '../../../shared/domain/api-call.js';
import { OWNER, REGION } from '../../support/requests.js';

/** Answers every call with status 200 and the reply of the test. */
let server: Server;
let reply: object = {};
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

const session = { accessKeyId: 'STS.x', accessKeySecret: 'x', securityToken: 'x' };
const call: ApiCall = {
  product: 'alikafka',
  version: '2019-09-16',
  action: 'GetTopicList',
  region: REGION,
  params: { InstanceId: 'alikafka_pre-cn-x1' },
};
const outcomeOf = (answered: object) => {
  reply = answered;
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = {
    region: REGION,
    owner: OWNER,
    credentials: session,
    endpoint,
    timeoutMilliseconds: 5_000,
  };
  return makeProductPort(connection).call(call, session as never);
};

describe('a reply of status 200', () => {
  it.each([
    [{ Success: true, Code: 200 }, 'allowed'],
    [{ Total: 0 }, 'allowed'],
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
  ])('%j neither shows that something works nor that it is gone', async (answered) => {
    await expect(outcomeOf(answered)).rejects.toThrow();
  });

  it('that stands for a failure of the product is worth another try', async () => {
    await expect(outcomeOf({ Success: false, Code: 503 })).rejects.toMatchObject({ retriable: true });
  });
});
