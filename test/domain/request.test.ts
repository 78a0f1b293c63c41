import { describe, expect, it } from 'vitest';
import { isSystemPolicyGrant } from '../../shared/domain/grant.js';
import { PROVISIONING_ROLE } from '../../shared/domain/provisioning.js';
import { isExisting } from '../../shared/domain/request.js';
import { ROUTE_TARGET_ID } from '../../shared/domain/route.js';
import { kafkaGrant } from '../support/requests.js';

describe('a grant', () => {
  it('of a policy of the vendor’s is told from one of a product', () => {
    expect(isSystemPolicyGrant({ systemPolicy: 'AliyunKafkaReadOnlyAccess' })).toBe(true);
    expect(isSystemPolicyGrant(kafkaGrant)).toBe(false);
  });
});

describe('whom a request names in the grantee’s account', () => {
  it('is its own where the request says so, and is made where it does not', () => {
    expect(isExisting({ logonName: 'anna', existing: true })).toBe(true);
    expect(isExisting({ name: 'worker', existing: true })).toBe(true);
    expect(isExisting({ logonName: 'anna', access: 'console' })).toBe(false);
    expect(isExisting({ name: 'worker', trusts: 'ecs.aliyuncs.com' })).toBe(false);
  });
});

describe('a name that is looked for in an account', () => {
  // Under another, what is there by now would not be found any more.
  it.each([
    ['the role that a grantee makes to let us in', PROVISIONING_ROLE, 'leasehold-provisioning'],
    ['the target of a rule', ROUTE_TARGET_ID, 'grantee'],
  ])('never changes: %s', (_, name, known) => {
    expect(name).toBe(known);
  });
});
