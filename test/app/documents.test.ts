import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumePolicyOf } from '../../shared/app/plan/assume-policy.js';
import { allowsOf, MAX_POLICY_CHARACTERS, packDocuments } from '../../shared/app/plan/documents.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { printPlan } from '../../shared/app/plan/print-plan.js';
import { parseInstant } from '../../shared/domain/values.js';
import { compilePolicies, evaluate, formatPolicy, parsePolicy } from '../../shared/policy/index.js';
import type { GrantStatement } from '../../shared/services/types.js';
import { kafkaGrant, OWNER, PARTNER, REGION, request } from '../support/requests.js';

const actions = ['mq:PUB', 'mq:SUB', 'mq:OnsInstanceBaseInfo', 'slb:Describe', 'slb:Add'];
/** Long, so that a few of them fill a document. */
const resources = Array.from(
  { length: 60 },
  (_, index) => `acs:mq:cn-hangzhou:${OWNER}:${'r'.repeat(180)}${index}`,
);
const statement: fc.Arbitrary<GrantStatement> = fc.record({
  actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
  resources: fc.uniqueArray(fc.constantFrom(...resources), { minLength: 1, maxLength: 60 }),
});
const bounds = { lease: request().lease, restrict: {} };

describe('compacting and splitting', () => {
  it('changes no decision, and leaves no document too long', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 6 }), (statements) => {
        const documents = packDocuments(allowsOf(statements, bounds));
        for (const document of documents)
          expect(formatPolicy(document).length).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS);
        const policies = compilePolicies(
          documents.map((document, index) => ({ name: `${index}`, document })),
        );
        const context = { 'acs:CurrentTime': bounds.lease.startsAt };
        for (const action of actions) {
          for (const resource of resources) {
            const isAsked = statements.some(
              (one) => one.actions.includes(action) && one.resources.includes(resource),
            );
            const { verdict } = evaluate(policies, { action, resource, context });
            expect(verdict).toBe(isAsked ? 'Allow' : 'ImplicitDeny');
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the window in every Allow', () => {
    const documents = packDocuments(allowsOf([{ actions, resources }], bounds));
    expect(documents.length).toBeGreaterThan(1);
    for (const { statements } of documents)
      for (const { condition } of statements)
        expect(condition).toEqual({
          DateGreaterThanEquals: { 'acs:CurrentTime': [bounds.lease.startsAt] },
          DateLessThan: { 'acs:CurrentTime': [bounds.lease.expiresAt] },
        });
  });
});

describe('every document of a plan', () => {
  it('reads back as it was written', () => {
    const plan = planAccess(request({ restrict: { sourceIps: ['198.51.100.0/24'] } }), OWNER);
    for (const text of plan.policies.flatMap((policy) => [policy.text, policy.probingText]))
      expect(formatPolicy(parsePolicy(text))).toBe(text);
  });

  it('goes to the scope that was asked for, and the guard to the account', () => {
    const inGroup = { ...kafkaGrant, resourceGroupId: 'rg-1' };
    const { policies, attachments } = planAccess(request({ grants: [inGroup] }), OWNER);
    expect(policies.map(({ resourceGroupId }) => resourceGroupId)).toEqual([undefined, 'rg-1']);
    expect(attachments.map(({ resourceGroupId }) => resourceGroupId)).toEqual([undefined, 'rg-1']);
    const effects = policies.map(
      ({ text }) => new Set(parsePolicy(text).statements.map((one) => one.effect)),
    );
    expect(effects).toEqual([new Set(['Deny']), new Set(['Allow'])]);
  });
});

describe('the policy that the partner attaches', () => {
  const plan = planAccess(request(), OWNER);
  const policies = compilePolicies([{ name: 'b', document: parsePolicy(assumePolicyOf(plan)) }]);
  const mayEnter = (roleName: string, at: string) =>
    evaluate(policies, {
      action: 'sts:AssumeRole',
      resource: `acs:ram::${OWNER}:role/${roleName}`,
      context: { 'acs:CurrentTime': at },
    }).verdict === 'Allow';
  it.each([
    ['2026-11-30T23:59:59Z', false],
    ['2026-12-01T00:00:00Z', true],
    ['2027-05-31T23:59:59Z', true],
    ['2027-06-01T00:00:00Z', false],
  ])('at %s lets in: %s', (at, expected) => expect(mayEnter(plan.roleName, at)).toBe(expected));
  it('lets into no other role', () => {
    expect(mayEnter(`${plan.roleName}0`, plan.lease.startsAt)).toBe(false);
    expect(mayEnter('lease-*', plan.lease.startsAt)).toBe(false);
  });
});

describe('a printed plan', () => {
  const plan = planAccess(
    request({
      grantee: {
        ...request().grantee,
        accessors: [
          { type: 'role', name: 'etl', via: 'api' },
          { type: 'user', name: 'alice', via: 'console' },
        ],
      },
      lease: {
        startsAt: parseInstant('2026-12-01T00:00:00Z'),
        expiresAt: parseInstant('2027-01-01T00:00:00Z'),
      },
      grants: [
        { ...kafkaGrant, access: 'operate' } as typeof kafkaGrant,
        { service: 'slb', kind: 'clb', access: 'read', region: REGION, loadBalancerIds: ['lb-1'] },
      ],
      restrict: { sourceIps: ['198.51.100.0/24'] },
    }),
    OWNER,
  );
  const printed = printPlan(plan);
  it('says who, what, until when, from where, and under which hash', () => {
    for (const part of [
      plan.roleName,
      plan.lease.startsAt,
      plan.lease.expiresAt,
      '198.51.100.0/24',
      `acs:ram::${PARTNER}:role/etl`,
      `acs:ram::${PARTNER}:user/alice`,
      plan.planHash,
      ...plan.grants,
      ...plan.unavoidablyWider,
    ])
      expect(printed).toContain(part);
  });
  it('names every call in its order, the opening last', () => {
    const calls = [...printed.matchAll(/^ {2}(ram|resourcemanager):(\w+)/gm)].map(([, , name]) => name);
    expect(calls).toEqual([
      'CreateRole',
      ...plan.policies.map(() => 'CreatePolicy'),
      ...plan.attachments.map(() => 'AttachPolicyToRole'),
      'UpdateRole',
    ]);
  });
});
