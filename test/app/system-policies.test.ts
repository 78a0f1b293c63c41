import { describe, expect, it } from 'vitest';
import { type AdmissionFacts, admissionReasons } from '../../shared/app/plan/admission.js';
import { approvalReasons } from '../../shared/app/plan/auto-approval.js';
import { changeOf } from '../../shared/app/plan/compare-plans.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { DEFAULT_ADMISSION } from '../../shared/domain/admission-settings.js';
import type { Grant } from '../../shared/domain/grant.js';
import { kafkaGrant, NOW, OWNER, REGION, request } from '../support/requests.js';

const NAME = 'AliyunSomeReadOnlyAccess';
const facts: AdmissionFacts = {
  now: NOW,
  owner: OWNER,
  settings: {
    ...DEFAULT_ADMISSION,
    autoApproval: {
      maxLeaseSeconds: 366 * 86_400,
      allowSystemPolicies: true,
      allowUnavoidablyWider: true,
      allowEndsByController: true,
    },
    protectedNames: { prefix: 'leasehold', buckets: ['leasehold-evidence'] },
  },
};
const allowing = (action: string | readonly string[], resource = '*', more: object = {}) =>
  JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: action, Resource: resource, ...more }],
  });
const codesOf = (document: string, ...grants: readonly Grant[]) =>
  admissionReasons(request({ grants: [{ systemPolicy: NAME }, ...grants] }), {
    ...facts,
    systemPolicies: { [NAME]: document },
  }).map(({ code }) => code);

describe('a policy of the vendor’s', () => {
  it.each([
    ['eventbridge:PutEvents', '*'],
    ['eventbridge:DeleteEventBus', '*'],
    ['eventbridge:DisableRule', 'acs:eventbridge:*:*:*'],
    ['fc:InvokeFunction', '*'],
    ['FC:Update*', '*'],
    ['fnf:StopExecution', '*'],
    ['fc:DeleteFunction', 'acs:fc:ap-southeast-1:*:functions/*'],
    ['oss:GetObject', '*'],
    ['oss:DeleteObject', 'acs:oss:*:*:leasehold-evidence/*'],
    ['oss:PutBucketVersioning', 'acs:oss:*:*:leasehold-*'],
  ])('that allows %s on %s reaches what Leasehold runs on, and is refused', (action, resource) => {
    expect(codesOf(allowing(action, resource))).toContain('PROTECTED');
  });

  it('is refused also where a condition or a Deny would seem to keep it out', () => {
    const condition = { Condition: { StringEquals: { 'acs:Service': 'x' } } };
    expect(codesOf(allowing('oss:*', '*', condition))).toContain('PROTECTED');
    const denied = {
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'oss:*', Resource: '*' },
        { Effect: 'Deny', Action: 'oss:*', Resource: 'acs:oss:*:*:leasehold-evidence*' },
      ],
    };
    expect(codesOf(JSON.stringify(denied))).toContain('PROTECTED');
  });

  it.each([
    ['slb:Describe*', '*'],
    ['fnf:Describe*', '*'],
    ['oss:GetObject', 'acs:oss:*:*:pictures/*'],
    ['fc:InvokeFunction', 'acs:fc:*:*:functions/orders'],
    ['eventbridge:PutEvents', 'acs:eventbridge:*:*:eventbus/orders'],
  ])('that allows %s on %s stays clear of it, and is admitted', (action, resource) => {
    expect(codesOf(allowing(action, resource))).toEqual([]);
  });

  it('that says what cannot be judged is refused, not thrown', () => {
    const unknown = { Condition: { StringEqualsIfExists: { 'a:b': 'c' } } };
    expect(codesOf(allowing('slb:Describe*', '*', unknown))).toEqual(['UNREADABLE_SYSTEM_POLICY']);
    expect(codesOf('no JSON')).toEqual(['UNREADABLE_SYSTEM_POLICY']);
  });

  it('that gives what another grant’s narrowness keeps out is refused before anything is made', () => {
    const narrow: Grant = {
      service: 'slb',
      kind: 'clb',
      access: 'read',
      region: REGION,
      loadBalancerIds: ['lb-1'],
    };
    expect(codesOf(allowing('slb:Describe*'), narrow)).toEqual(['GRANTS_CONFLICT']);
    expect(codesOf(allowing('slb:Describe*'), kafkaGrant)).toEqual([]);
  });
});

describe('a request for more than fits', () => {
  const named = Array.from({ length: 21 }, (_, index) => `Aliyun${index}ReadOnlyAccess`);
  const wanting = (names: readonly string[]) =>
    admissionReasons(request({ grants: names.map((systemPolicy) => ({ systemPolicy })) }), {
      ...facts,
      systemPolicies: Object.fromEntries(names.map((name) => [name, allowing('slb:Describe*')])),
    }).map(({ code }) => code);
  it('on a role, by the vendor’s policies, is refused', () => {
    expect(wanting(named)).toEqual(['TOO_MANY_POLICIES']);
    expect(wanting(named.slice(1))).toEqual([]);
  });

  const room = { roles: 10, rolesQuota: 11, policies: 20, policiesQuota: 21 };
  it.each([
    ['has room for one more role and policy', {}, []],
    ['has all its roles', { roles: 11 }, ['QUOTA']],
    ['has all its policies', { policies: 21 }, ['QUOTA']],
    ['has neither room', { roles: 11, policies: 21 }, ['QUOTA', 'QUOTA']],
  ])('in an account that %s', (_what, changes, expected) => {
    const account = { ...room, ...changes };
    expect(admissionReasons(request(), { ...facts, account }).map(({ code }) => code)).toEqual(expected);
  });
});

describe('Leasehold’s own bus', () => {
  it.each(['leasehold', 'Leasehold', 'leasehold-out', 'LEASEHOLD-x'])('%s cannot be granted', (eventBus) => {
    const grants: readonly Grant[] = [
      { service: 'eventbridge', access: 'publish', region: REGION, eventBus },
    ];
    expect(admissionReasons(request({ grants }), facts).map(({ code }) => code)).toEqual(['PROTECTED']);
  });
  it('does not take others with it that begin alike', () => {
    const grants: readonly Grant[] = [
      { service: 'eventbridge', access: 'publish', region: REGION, eventBus: 'leaseholders' },
    ];
    expect(admissionReasons(request({ grants }), facts)).toEqual([]);
  });
});

describe('a policy that is high risk', () => {
  const secrets = allowing('alikafka:Get*');
  const reasons = (grant: Grant) =>
    admissionReasons(request({ grants: [grant] }), { ...facts, systemPolicies: { [NAME]: secrets } });

  it('is refused with the statement that makes it so', () => {
    expect(reasons({ systemPolicy: NAME })).toMatchObject([
      { code: 'HIGH_RISK_POLICY', message: expect.stringContaining('alikafka:Get*') },
    ]);
  });

  it('is let by where the request accepts that in so many words, and then wants an approver whatever the rule says', () => {
    const grant: Grant = { systemPolicy: NAME, acceptsHighRisk: true };
    expect(reasons(grant)).toEqual([]);
    const asked = request({ grants: [grant] });
    const plan = planAccess(asked, OWNER);
    expect(plan.unavoidablyWider).toEqual([`system policy ${NAME}, accepted although it is high risk`]);
    const rule = { ...facts.settings.autoApproval, maxLeaseSeconds: 1e9 };
    expect(approvalReasons(asked, plan, rule).map(({ code }) => code)).toEqual(['NOT_AUTO_APPROVED']);
    const plain = planAccess(request({ grants: [{ systemPolicy: NAME }] }), OWNER);
    expect(changeOf(plain, plan).widens).toEqual(plan.unavoidablyWider);
  });
});

describe('a policy that Leasehold may not attach', () => {
  it('is refused before anything is made', () => {
    const grants: readonly Grant[] = [{ systemPolicy: 'AliyunMQPubOnlyAccess' }];
    const systemPolicies = { AliyunMQPubOnlyAccess: allowing('mq:PUB') };
    const found = admissionReasons(request({ grants }), { ...facts, systemPolicies });
    expect(found.map(({ code }) => code)).toContain('NOT_ALLOW_LISTED');
  });
});
