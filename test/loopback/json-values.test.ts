import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { parseExpression } from '../../shared/loopback/cloudflow/expressions.js';
import { numberIn, textIn } from '../../shared/loopback/json-values.js';
import { sampleSeed } from '../../shared/loopback/products/seed.js';
import { productsService } from '../../shared/loopback/products/service.js';
import { ownerId } from './identity-clients.js';

/** What JSON can make, and neither `String` nor `Number` can take. */
const hostile = { toString: '8080', valueOf: '8080' };

let cloud: RunningCloud;
beforeAll(async () => {
  cloud = await startCloud({ services: [(its) => productsService(its, sampleSeed(ownerId))] });
  cloud.accounts.createAccount(ownerId);
});
afterAll(() => cloud?.close());

const askClb = (action: string, params: Record<string, string>) =>
  cloud.cloud.call(cloud.accounts.rootOf(ownerId), '2014-05-15', action, params, 'cn-hangzhou');

describe('a value whose toString is none', () => {
  it('is its JSON as text, and no number', () => {
    expect(textIn(hostile)).toBe(JSON.stringify(hostile));
    expect(numberIn(hostile)).toBeNaN();
  });

  it('leaves all other values what String and Number make of them', () => {
    const others = ['', '8080', 'x', 8080, -0.5, true, null, undefined];
    expect(others.map(textIn)).toEqual(others.map(String));
    expect(others.map(numberIn)).toEqual(others.map(Number));
  });

  it.each([
    ['a weight', 'AddBackendServers', { LoadBalancerId: 'lb-x1' }, { ServerId: 'i-x1', Weight: hostile }],
    [
      'a port',
      'AddVServerGroupBackendServers',
      { VServerGroupId: 'rsp-clb-x1' },
      { ServerId: 'i-x1', Port: hostile },
    ],
  ])('is refused by CLB as %s', async (_, action, params, server) => {
    const asked = askClb(action, { ...params, BackendServers: JSON.stringify([server]) });
    await expect(asked).rejects.toMatchObject({ name: 'ApiError', status: 400 });
  });

  it('leads nowhere in an expression', () => {
    expect(() => parseExpression('$Input[$Key]')({ $Input: { a: 1 }, $Key: hostile })).toThrow(
      /leads nowhere/,
    );
  });
});
