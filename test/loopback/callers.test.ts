import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyNamedBy } from '../../shared/loopback/signatures/claim.js';
import { OWNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
  await world.onboard('C-1');
  await world.hear('C-1', 'granted');
});
afterAll(() => world?.cloud.close());

const callersOf = (product: RegExp, action: string): readonly (string | undefined)[] => [
  ...new Set(
    world.cloud.calls
      .filter((call) => product.test(call.product) && call.action === action)
      .map(({ callerArn }) => callerArn?.replace(/-[0-9a-f]{8}$/, '')),
  ),
];

describe('the record of calls says who made those of products that check signatures themselves', () => {
  it.each([
    ['OSS', /^oss$/, 'GetObject', `acs:ram::${OWNER}:assumed-role/leasehold-fn-grant/leasehold-grant-access`],
    ['EventBridge', /^eventbridge$/, 'PutEvents', `acs:ram::${OWNER}:user/contract-system`],
    ['Function Compute', /^fc/, 'POST /2023-03-30/functions', `acs:ram::${OWNER}:root`],
  ])('%s', (_name, product, action, caller) => {
    const callers = callersOf(product, action);
    expect(callers).toContain(caller);
    expect(callers).not.toContain(undefined);
  });

  it('and of a key that nobody has, none', async () => {
    const stranger = new OSS({
      bucket: world.cloud.config.evidenceBucket,
      region: 'oss-cn-hangzhou',
      endpoint: world.cloud.origin,
      accessKeyId: 'LTAInobody',
      accessKeySecret: 'x',
    });
    await expect(stranger.get('a')).rejects.toMatchObject({ code: 'InvalidAccessKeyId' });
    const last = world.cloud.calls.at(-1);
    expect(last).toMatchObject({ product: 'oss', code: '403' });
    expect(last).not.toHaveProperty('callerArn');
  });
});

describe('the key that a request names', () => {
  it.each([
    ['ACS3', 'ACS3-HMAC-SHA256 Credential=LTAI1,SignedHeaders=host,Signature=ab', 'LTAI1'],
    [
      'OSS V4',
      'OSS4-HMAC-SHA256 Credential=STS.N1/20260101/cn-hangzhou/oss/aliyun_v4_request, Signature=ab',
      'STS.N1',
    ],
    ['OSS V1', 'OSS LTAI2:c2lnbmF0dXJl', 'LTAI2'],
    ['EventBridge', 'acs:LTAI3:c2lnbmF0dXJl', 'LTAI3'],
    ['Function Compute 2.0', 'FC LTAI4:c2lnbmF0dXJl', 'LTAI4'],
    ['another scheme', 'Bearer LTAI5', undefined],
    ['nothing', undefined, undefined],
  ])('%s', (_name, authorization, key) => {
    expect(keyNamedBy(authorization)).toBe(key);
  });
});
