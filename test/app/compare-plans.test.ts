import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeOf } from '../../shared/app/plan/compare-plans.js';
import { type AccessPlan, planAccess } from '../../shared/app/plan/plan-access.js';
import type { Grant } from '../../shared/domain/grant.js';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { parseInstant } from '../../shared/domain/values.js';
import { kafkaGrant, OWNER, REGION, request } from '../support/requests.js';

const plans = new Map<string, AccessPlan>();
const planOf = (changes: Partial<OnboardingRequest> = {}): AccessPlan => {
  const key = JSON.stringify(changes);
  const plan = plans.get(key) ?? planAccess(request(changes), OWNER);
  plans.set(key, plan);
  return plan;
};
const change = (before: Partial<OnboardingRequest>, after: Partial<OnboardingRequest>) =>
  changeOf(planOf(before), planOf(after));
const { lease, grantee } = request();
const rabbit = (queues?: readonly string[]): Grant => ({
  service: 'rabbitmq',
  access: 'subscribe',
  region: REGION,
  instanceId: 'amqp-cn-x1',
  virtualHosts: ['shop'],
  ...(queues === undefined ? {} : { queues }),
});

/** With one user, who is made with these tags. */
const managed = (tags: Readonly<Record<string, string>>): OnboardingRequest['grantee'] => ({
  ...grantee,
  setup: { mode: 'managed', users: [{ logonName: 'alice', access: 'console', tags }], roles: [] },
});

describe('the change from one plan to another', () => {
  it('is none to itself', () => {
    expect(change({}, {})).toEqual({ widens: [], narrows: [] });
  });

  it.each<[string, Partial<OnboardingRequest>, Partial<OnboardingRequest>]>([
    ['a grant more', {}, { grants: [kafkaGrant, rabbit()] }],
    ['another level', {}, { grants: [{ ...kafkaGrant, access: 'full' } as Grant] }],
    ['another instance', {}, { grants: [{ ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' } as Grant] }],
    ['the whole virtual host instead of a queue', { grants: [rabbit(['a'])] }, { grants: [rabbit()] }],
    ['an earlier start', {}, { lease: { ...lease, startsAt: parseInstant('2026-11-01T00:00:00Z') } }],
    ['a later end', {}, { lease: { ...lease, expiresAt: parseInstant('2028-01-01T00:00:00Z') } }],
    ['longer sessions', {}, { restrict: { maxSessionSeconds: 7200 } }],
    ['no address any more', { restrict: { sourceIps: ['203.0.113.0/24'] } }, {}],
    [
      'another address',
      { restrict: { sourceIps: ['203.0.113.0/24'] } },
      { restrict: { sourceIps: ['203.0.113.0/24', '198.51.100.7'] } },
    ],
    ['a system policy', {}, { grants: [kafkaGrant, { systemPolicy: 'AliyunSLBReadOnlyAccess' }] }],
    [
      'another accessor',
      { grantee: { ...grantee, accessors: [{ type: 'user', name: 'alice', via: 'api' }] } },
      {
        grantee: {
          ...grantee,
          accessors: [
            { type: 'user', name: 'alice', via: 'api' },
            { type: 'user', name: 'bob', via: 'api' },
          ],
        },
      },
    ],
    [
      'an accessor without MFA',
      { grantee: { ...grantee, accessors: [{ type: 'user', name: 'alice', via: 'console' }] } },
      {
        grantee: {
          ...grantee,
          accessors: [{ type: 'user', name: 'alice', via: 'console', requireMfa: false }],
        },
      },
    ],
    [
      'tags that read like those of another user in one line',
      { grantee: managed({ k: 'v, tagged l=w' }) },
      { grantee: managed({ k: 'v', l: 'w' }) },
    ],
  ])('by %s widens, and the other way round narrows', (_, before, after) => {
    expect(change(before, after).widens).not.toEqual([]);
    expect(change(after, before).narrows).toEqual(change(before, after).widens);
  });

  it('from a whole virtual host to one of its queues only narrows', () => {
    expect(change({ grants: [rabbit()] }, { grants: [rabbit(['a'])] }).widens).toEqual([]);
  });

  it('names what is new once a resource, not once an action', () => {
    const { widens } = change({}, { grants: [kafkaGrant, rabbit()] });
    const resources = widens.map((line) => line.split(' on ')[1]);
    expect(new Set(resources).size).toBe(resources.length);
  });
});

const arbitraryRequest = fc.record({
  grants: fc
    .uniqueArray(
      fc.constantFrom<Grant>(kafkaGrant, rabbit(), rabbit(['a']), rabbit(['a', 'b']), {
        systemPolicy: 'AliyunSLBReadOnlyAccess',
      }),
      { minLength: 1 },
    )
    .map((grants) => grants as readonly Grant[]),
  lease: fc.constantFrom(lease, { ...lease, expiresAt: parseInstant('2026-12-24T00:00:00Z') }),
  restrict: fc.constantFrom({}, { sourceIps: ['203.0.113.0/24'] }, { maxSessionSeconds: 7200 }),
});

describe('the change between any two plans', () => {
  it('widens one way what it narrows the other', () => {
    fc.assert(
      fc.property(arbitraryRequest, arbitraryRequest, (left, right) => {
        expect(change(left, right).widens).toEqual(change(right, left).narrows);
      }),
    );
  });

  it('that widens nothing twice widens nothing in one go', () => {
    fc.assert(
      fc.property(arbitraryRequest, arbitraryRequest, arbitraryRequest, (a, b, c) => {
        const isNarrowing = (from: typeof a, to: typeof a) => change(from, to).widens.length === 0;
        fc.pre(isNarrowing(a, b) && isNarrowing(b, c));
        expect(change(a, c).widens).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
