import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_POLICY_CHARACTERS, packDocuments } from '../../shared/app/plan/documents.js';
import { judgeDocuments } from '../../shared/app/plan/judge.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { closedTrust, openTrust } from '../../shared/app/plan/trust.js';
import type { Grant } from '../../shared/domain/grant.js';
import { addSeconds } from '../../shared/domain/values.js';
import {
  authorize,
  compilePolicies,
  compileTrust,
  evaluateTrust,
  parsePolicy,
  parseTrustPolicy,
} from '../../shared/policy/index.js';
import { OWNER, PARTNER, REGION, request } from '../support/requests.js';

const region = REGION;
const grant: fc.Arbitrary<Grant> = fc.oneof(
  fc.constantFrom<Grant>(
    { service: 'kafka', access: 'operate', region, instanceId: 'k-1', topics: ['t'] },
    {
      service: 'rabbitmq',
      access: 'subscribe',
      region,
      instanceId: 'q-1',
      virtualHosts: ['shop'],
      queues: ['a'],
    },
    {
      service: 'rocketmq',
      series: '5.x',
      access: 'operate',
      region,
      instanceId: 'r-1',
      topics: ['t'],
      groups: ['g'],
    },
    { service: 'eventbridge', access: 'publish', region, eventBus: 'orders' },
    {
      service: 'slb',
      kind: 'clb',
      access: 'operate',
      region,
      loadBalancerIds: ['lb-1'],
      ecsInstanceIds: ['i-1'],
    },
  ),
  fc.uniqueArray(fc.stringMatching(/^[a-z]{1,40}$/), { minLength: 1, maxLength: 40 }).map(
    (topics): Grant => ({
      service: 'rocketmq',
      series: '4.x',
      access: 'publish',
      region,
      instanceId: 'MQ_1',
      topics,
    }),
  ),
);
const requests = fc
  .record({
    grants: fc.uniqueArray(grant, { minLength: 1, maxLength: 5, selector: (one) => JSON.stringify(one) }),
    restricted: fc.boolean(),
  })
  .map(({ grants, restricted }) =>
    request({ grants, restrict: restricted ? { sourceIps: ['198.51.100.0/24'] } : {} }),
  );
const readBack = (plan: ReturnType<typeof planAccess>) =>
  plan.policies.map(({ name, text }) => ({ name, text }));

describe('every plan', () => {
  it('keeps what it promises: all rights within the lease, none outside it, nothing refused', () => {
    fc.assert(
      fc.property(requests, (wanted) => {
        const plan = planAccess(wanted, OWNER);
        expect(judgeDocuments(plan, readBack(plan)).findings).toEqual([]);
      }),
    );
  });

  it('allows nothing at all before, after, or from elsewhere, whatever is asked', () => {
    fc.assert(
      fc.property(
        requests,
        fc.constantFrom('*', 'ram:GetRole', 'alikafka:ListTopic', 'eventbridge:PutEvents', 'mq:PUB'),
        fc.integer({ min: -400, max: 400 }),
        (wanted, action, days) => {
          const plan = planAccess(wanted, OWNER);
          const policies = compilePolicies(
            plan.policies.map(({ name, text }) => ({ name, document: parsePolicy(text) })),
          );
          const at = addSeconds(plan.lease.startsAt, days * 86_400);
          const isInside = at >= plan.lease.startsAt && at < plan.lease.expiresAt;
          for (const { resource, action: granted } of [...plan.rights, { action, resource: '*' }]) {
            const ask = (ip: string) =>
              authorize(
                { action: granted, resource, context: { 'acs:CurrentTime': at, 'acs:SourceIp': ip } },
                { accountLevel: policies },
              ).effect;
            if (!isInside) expect(ask('198.51.100.7')).toBe('deny');
            if (plan.restrict.sourceIps !== undefined) expect(ask('203.0.113.1')).toBe('deny');
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is refused by a product that fills neither time nor address', () => {
    fc.assert(
      fc.property(requests, (wanted) => {
        const plan = planAccess(wanted, OWNER);
        const policies = compilePolicies(
          plan.policies.map(({ name, text }) => ({ name, document: parsePolicy(text) })),
        );
        for (const right of plan.rights)
          expect(authorize({ ...right, context: {} }, { accountLevel: policies }).effect).toBe('deny');
      }),
    );
  });

  it('has policies that fit, and fits one policy for one simple grant', () => {
    fc.assert(
      fc.property(requests, (wanted) => {
        for (const { text, probingText } of planAccess(wanted, OWNER).policies) {
          expect(text.length).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS);
          expect(probingText.length).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS);
        }
      }),
    );
    expect(planAccess(request(), OWNER).policies).toHaveLength(1);
  });
});

describe('each of the two locks of a plan', () => {
  const plan = planAccess(request(), OWNER);
  const statements = plan.policies.flatMap(
    ({ text }) =>
      (JSON.parse(text) as { readonly Statement: readonly { readonly Effect: string }[] }).Statement,
  );
  const open = (list: readonly object[], at: string) => {
    const policies = compilePolicies([
      { name: 'p', document: parsePolicy(JSON.stringify({ Version: '1', Statement: list })) },
    ]);
    return plan.rights.some(
      (right) =>
        authorize(
          { ...right, context: { 'acs:CurrentTime': at, 'acs:SourceIp': '192.0.2.1' } },
          { accountLevel: policies },
        ).effect === 'allow',
    );
  };
  const outside = [addSeconds(plan.lease.startsAt, -1), plan.lease.expiresAt];

  it('closes by itself: the window of every Allow', () => {
    const allows = statements.filter(({ Effect }) => Effect === 'Allow');
    expect(open(allows, plan.lease.startsAt)).toBe(true);
    for (const at of outside) expect(open(allows, at)).toBe(false);
  });
  it('closes by itself: the guard, whatever else is attached', () => {
    const guarded = [
      ...statements.filter(({ Effect }) => Effect === 'Deny'),
      { Effect: 'Allow', Action: '*', Resource: '*' },
    ];
    expect(open(guarded, plan.lease.startsAt)).toBe(true);
    for (const at of outside) expect(open(guarded, at)).toBe(false);
  });
});

describe('splitting a document', () => {
  it('changes no decision', () => {
    const resources = Array.from(
      { length: 400 },
      (_, n) => `acs:mq:cn-hangzhou:${OWNER}:MQ_1%topic-with-a-long-name-${n}`,
    );
    const statement = { effect: 'Allow' as const, actions: ['mq:PUB', 'mq:SUB'], resources };
    const parts = packDocuments([statement]);
    expect(parts.length).toBeGreaterThan(1);
    const split = compilePolicies(parts.map((document, index) => ({ name: `${index}`, document })));
    for (const resource of [...resources, 'acs:mq:cn-hangzhou:1:other']) {
      expect(authorize({ action: 'mq:SUB', resource, context: {} }, { accountLevel: split }).effect).toBe(
        resources.includes(resource) ? 'allow' : 'deny',
      );
    }
  });
});

describe('a judgement', () => {
  const plan = planAccess(request(), OWNER);
  const without = (part: string) =>
    plan.policies.map(({ name, text }) => {
      const document = JSON.parse(text) as { Statement: { Effect: string; Condition?: object }[] };
      return {
        name,
        text: JSON.stringify({
          ...document,
          Statement: document.Statement.filter((statement) => !JSON.stringify(statement).includes(part)),
        }),
      };
    });
  it('finds a right that is missing', () => {
    expect(judgeDocuments(plan, without('alikafka:ListTopic')).findings.join()).toContain('missing');
  });
  it('finds access that is wider than planned', () => {
    const wide = [
      ...readBack(plan),
      {
        name: 'foreign',
        text: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alikafka:*","Resource":"*"}]}',
      },
    ];
    expect(judgeDocuments(plan, wide).findings.join()).toContain('must not be');
  });
  it('finds a window that is open', () => {
    const open = plan.policies.map(({ name, probingText }) => ({ name, text: probingText }));
    expect(judgeDocuments(plan, open).findings.join()).toMatch(/before the lease.*after the lease/s);
  });
});

describe('trust', () => {
  const verifier = { roleArns: [`acs:ram::${OWNER}:role/leasehold-fn-verify`], externalId: 'verifier-id' };
  const plan = planAccess(request(), OWNER);
  const enters = (trust: string, accountId: string, externalId?: string) =>
    evaluateTrust(
      compileTrust(parseTrustPolicy(trust), 't'),
      { kind: 'role', accountId, name: 'leasehold-fn-verify' },
      'sts:AssumeRole',
      externalId === undefined ? {} : { 'sts:ExternalId': externalId },
    ).verdict;

  it('that is closed admits the verifier with its own ExternalId and nobody of the partner', () => {
    const closed = closedTrust(verifier);
    expect(enters(closed, OWNER, 'verifier-id')).toBe('Allow');
    expect(enters(closed, OWNER, 'partner-id')).toBe('ImplicitDeny');
    expect(enters(closed, PARTNER, 'verifier-id')).toBe('ImplicitDeny');
  });
  it('that is open admits the partner with his ExternalId only', () => {
    const open = openTrust(plan, 'partner-id', verifier);
    expect(enters(open, PARTNER, 'partner-id')).toBe('Allow');
    expect(enters(open, PARTNER, 'verifier-id')).toBe('ImplicitDeny');
    expect(enters(open, PARTNER)).toBe('ImplicitDeny');
    expect(enters(open, '3000000000000003', 'partner-id')).toBe('ImplicitDeny');
  });
});
