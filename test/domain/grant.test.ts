import { expect, it } from 'vitest';
import { isResourceGrant, isSystemPolicyGrant } from '../../shared/domain/grant.js';
import { kafkaGrant } from '../support/requests.js';

it('a grant is of a resource or a policy of the vendor’s', () => {
  const policy = { systemPolicy: 'AliyunOSSReadOnlyAccess' };
  expect([kafkaGrant, policy].map((one) => isResourceGrant(one as never))).toEqual([true, false]);
  expect([kafkaGrant, policy].map((one) => isSystemPolicyGrant(one as never))).toEqual([false, true]);
});
