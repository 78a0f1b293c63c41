import { describe, expect, it } from 'vitest';
import type { CallInfo } from '../../../shared/loopback/kernel.js';
import { companionOf, roleOf, type Stage } from './stage.js';
import { namesOfOthers } from './whose.js';

const ID = 'C-1';
const claims = new Map([
  ['doors/lh-1111111111111111/kafka/cn-hangzhou/x1', ID],
  ['doors/lh-2222222222222222/kafka/cn-hangzhou/x1', 'C-2'],
]);
const objects = { get: (key: string) => ({ body: Buffer.from(claims.get(key) ?? '') }) };
const stage = {
  world: {
    cloud: { config: { evidenceBucket: 'evidence' }, objectsOf: () => objects },
    objectKeys: (_bucket: string, prefix: string) =>
      [...claims.keys()].filter((key) => key.startsWith(prefix)),
  },
} as unknown as Stage;

const call = (product: string, action: string, params: CallInfo['params']): CallInfo => ({
  ...{ product, action, params, version: '', nth: 1, requestId: 'r' },
  callerArn: 'acs:ram::1:assumed-role/leasehold-fn-revoke/leasehold-remove-access-1a2b3c4d',
});

describe('a write of Leasehold’s', () => {
  it.each([
    ['Ram', 'DeleteRole', { RoleName: roleOf(ID) }],
    ['Ram', 'AttachPolicyToRole', { PolicyName: 'leasehold-ended', RoleName: roleOf(ID) }],
    ['Ram', 'DeletePolicy', { PolicyName: `${roleOf(companionOf(ID))}-1` }],
    ['Ims', 'DeleteUser', { UserPrincipalName: `etl.${ID}@2.onaliyun.com` }],
    ['alikafka', 'DeleteSaslUser', { Username: 'lh-1111111111111111' }],
    ['Ram', 'GetRole', { RoleName: roleOf('C-2') }],
  ])('is in order where it is about the contract: %s %s', (product, action, params) => {
    expect(namesOfOthers(stage, call(product, action, params), ID)).toEqual([]);
  });

  it.each([
    ['Ram', 'DeleteRole', { RoleName: roleOf('C-2') }],
    ['Ram', 'AttachPolicyToRole', { PolicyName: 'leasehold-ended', RoleName: 'somebody' }],
    ['Ram', 'DeletePolicy', { PolicyName: 'leasehold-ended' }],
    ['Ims', 'DeleteUser', { UserPrincipalName: 'etl.C-2@2.onaliyun.com' }],
    ['alikafka', 'DeleteSaslUser', { Username: 'lh-2222222222222222' }],
    ['RocketMQ', 'DeleteInstanceAccount', { path: '/instances/x/accounts/lh-3333333333333333' }],
  ])('is told where it is about somebody else: %s %s', (product, action, params) => {
    expect(namesOfOthers(stage, call(product, action, params), ID)).not.toEqual([]);
  });
});
