import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf, type PolicyState } from '../../shared/loopback/identity/state.js';
import { SYSTEM_POLICIES } from '../../shared/loopback/identity/system-policies.js';
import { parsePolicy } from '../../shared/policy/index.js';
import { amend } from '../support/changes.js';
import { codesOf, stage } from '../support/drift-stage.js';
import { kafkaGrant } from '../support/requests.js';
import { LETS_ALL_THROUGH } from '../support/side-doors.js';

const NAME = 'AliyunSLBReadOnlyAccess';
const policies = SYSTEM_POLICIES as Map<string, PolicyState>;
const before = policies.get(keyOf(NAME))!;
/** As the vendor does it: a new version, for everybody who has the policy. */
const vendorAllows = (actions: readonly string[]) => {
  const text = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  });
  const version = { id: 'v2', text, document: parsePolicy(text), createdAt: before.createdAt };
  policies.set(keyOf(NAME), {
    ...before,
    versions: [version, ...before.versions],
    defaultVersionId: 'v2',
    lastVersionNumber: 2,
  });
};

const rule = { ...JSON.parse(LETS_ALL_THROUGH.LEASEHOLD_AUTO_APPROVAL), allowSystemPolicies: true };

describe('a policy of the vendor that a contract has', () => {
  const s = stage({ LEASEHOLD_AUTO_APPROVAL: JSON.stringify(rule) });
  beforeAll(async () => {
    await s.start();
    await s.world().onboard('V-1', { grants: [kafkaGrant, { systemPolicy: NAME }] });
    await s.world().hear('V-1', 'granted');
  });
  afterAll(async () => {
    policies.set(keyOf(NAME), before);
    await s.close();
  });

  it('is no drift when it comes to allow more of what it may', async () => {
    vendorAllows(['slb:Describe*', 'slb:List*', 'alb:List*']);
    await s.round();
    expect(s.told('V-1')).toEqual([]);
  });

  it('is told as drift when it comes to allow what no request would be granted', async () => {
    vendorAllows(['slb:Describe*', 'ram:*', 'oss:GetObject']);
    await s.round();
    const found = await s.found('V-1');
    expect(codesOf(found)).toEqual(['VENDOR_POLICY_CHANGED', 'VENDOR_POLICY_CHANGED']);
    expect(found?.action).toBe('reported');
    expect(JSON.stringify(found?.findings)).toMatch(/reaches ram.*buckets/);
    expect(String(s.told('V-1')[0]?.data['next'])).toMatch(/amend the contract/);
    await s.round();
    expect(s.told('V-1')).toHaveLength(1);
  });

  it('goes by an amendment that leaves it out, and the drift with it', async () => {
    await amend(s.world(), 'V-1', { revision: 1, grants: [kafkaGrant] });
    const heard = await s.world().hear('V-1', 'amended', 'rejected', 'failed');
    expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.amended', undefined]);
    await s.round();
    expect(s.told('V-1')).toHaveLength(1);
    expect((await s.world().contract('V-1')).drift).toBeUndefined();
  });
});
