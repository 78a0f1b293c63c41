import { describe, expect, it } from 'vitest';
import { parseAnyEvent } from '../../shared/app/inbound/every-event.js';
import { type AdmissionFacts, admissionReasons } from '../../shared/app/plan/admission.js';
import { approvalReasons } from '../../shared/app/plan/auto-approval.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { DEFAULT_ADMISSION } from '../../shared/domain/admission-settings.js';
import type { Grant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId, parseInstant, parseRegion } from '../../shared/domain/values.js';
import { eventOf, kafkaGrant, NOW, OWNER, PARTNER, REGION, request } from '../support/requests.js';

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
const codes = (changes: Parameters<typeof request>[0], given = facts) =>
  admissionReasons(request(changes), given).map((reason) => reason.code);
const parsedCodes = (text: string) => {
  const parsed = parseAnyEvent(text);
  return parsed.ok ? [] : parsed.reasons.map((reason) => `${reason.code} ${reason.pointer}`);
};
const requestText = (
  change: (data: Record<string, unknown>) => void,
  changes: Record<string, unknown> = {},
) => {
  const data = structuredClone(request()) as unknown as Record<string, unknown>;
  change(data);
  return JSON.stringify(eventOf(data, changes));
};

describe('an event', () => {
  it('that is a proper request is read, with what was left out filled in', () => {
    const parsed = parseAnyEvent(
      requestText((data) => {
        data['grantee'] = { name: 'Globex', accountId: PARTNER };
        delete data['restrict'];
      }),
    );
    expect(parsed).toMatchObject({
      ok: true,
      event: { data: { grantee: { accessors: [], setup: { mode: 'self-service' } }, restrict: {} } },
    });
  });

  it.each([
    ['not JSON', '{', ['NOT_JSON ']],
    ['no object', '[]', ['NOT_JSON ']],
    ['of an unknown type', JSON.stringify({ type: 'order.created', subject: 'C-1' }), ['UNKNOWN_TYPE /type']],
    ['larger than 60 KB', JSON.stringify({ type: 'x'.repeat(70_000) }), ['EVENT_TOO_LARGE ']],
    [
      'with an unknown field',
      requestText((data) => Object.assign(data, { color: 'red' })),
      ['SCHEMA /data/color'],
    ],
    [
      'with a lease whose date carries an offset',
      requestText((data) =>
        Object.assign(data['lease'] as object, { startsAt: '2026-12-01T00:00:00+08:00' }),
      ),
      ['SCHEMA /data/lease/startsAt'],
    ],
    [
      'with a lease whose date carries a fraction',
      requestText((data) => Object.assign(data['lease'] as object, { startsAt: '2026-12-01T00:00:00.5Z' })),
      ['SCHEMA /data/lease/startsAt'],
    ],
    [
      'with a date that no calendar has',
      requestText((data) => Object.assign(data['lease'] as object, { startsAt: '2026-02-30T00:00:00Z' })),
      ['BAD_INSTANT /data/lease/startsAt'],
    ],
    [
      'with two dots in its id',
      requestText((data) => Object.assign(data, { contractId: 'C..1' }), { subject: 'C..1' }),
      ['BAD_CONTRACT_ID /data/contractId'],
    ],
    [
      'whose subject speaks of another contract',
      requestText(() => undefined, { subject: 'C-other' }),
      ['SUBJECT_MISMATCH /subject'],
    ],
    [
      'with 100 grants',
      requestText((data) => Object.assign(data, { grants: Array.from({ length: 100 }, () => kafkaGrant) })),
      ['SCHEMA /data/grants'],
    ],
    [
      'with an unknown product',
      requestText((data) => Object.assign(data, { grants: [{ service: 'ecs', access: 'read' }] })),
      ['SCHEMA /data/grants/0/service'],
    ],
    [
      'with sessions of two minutes',
      requestText((data) => Object.assign(data, { restrict: { maxSessionSeconds: 120 } })),
      ['SCHEMA /data/restrict/maxSessionSeconds'],
    ],
  ])('%s is refused', (_what, text, expected) => {
    expect(parsedCodes(text)).toEqual(expected);
  });

  it('wrong in several places is told all of them at once', () => {
    const text = requestText((data) => {
      data['requestedBy'] = 7;
      (data['grantee'] as Record<string, unknown>)['accountId'] = '12';
      data['grants'] = [{ service: 'kafka', access: 'write', region: 'cn-hangzhou', instanceId: 'k' }];
    });
    expect(parsedCodes(text)).toEqual([
      'SCHEMA /data/grantee/accountId',
      'SCHEMA /data/grants/0/access',
      'SCHEMA /data/requestedBy',
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'with a field called %s does not confuse the reader',
    (name) => {
      expect(
        parsedCodes(
          `{"type":"partner.contract.terminated","id":"e","source":"s","subject":"C-1","data":{"contractId":"C-1","reason":"r","requestedBy":"b","${name}":1}}`,
        ),
      ).toEqual([`SCHEMA /data/${name}`]);
    },
  );
});

describe('a request', () => {
  it('that nothing speaks against is admitted', () => {
    expect(codes({})).toEqual([]);
  });

  const lease = (startsAt: string, expiresAt: string) => ({
    lease: { startsAt: parseInstant(startsAt), expiresAt: parseInstant(expiresAt) },
  });
  const accessors = (...list: ReturnType<typeof request>['grantee']['accessors']) => ({
    grantee: { ...request().grantee, accessors: list },
  });
  const grants = (...list: readonly Grant[]) => ({ grants: list });
  it.each([
    [
      'ends before it starts',
      lease('2027-01-01T00:00:00Z', '2026-12-31T00:00:00Z'),
      'LEASE_ENDS_BEFORE_START',
    ],
    ['is over already', lease('2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z'), 'LEASE_IN_THE_PAST'],
    ['lasts ten years', lease('2026-12-01T00:00:00Z', '2036-12-01T00:00:00Z'), 'LEASE_TOO_LONG'],
    [
      'gives the owner to himself',
      { grantee: { ...request().grantee, accountId: OWNER } },
      'GRANTEE_IS_OWNER',
    ],
    [
      'asks for MFA on API calls',
      accessors({ type: 'user', name: 'alice', via: 'api', requireMfa: true }),
      'MFA_BY_API',
    ],
    [
      'lets a role in by console',
      accessors({ type: 'role', name: 'etl', via: 'console' }),
      'CONSOLE_NEEDS_USER',
    ],
    [
      'names an accessor twice',
      accessors({ type: 'user', name: 'a', via: 'api' }, { type: 'user', name: 'a', via: 'api' }),
      'ACCESSOR_TWICE',
    ],
    [
      'names an accessor twice, in another case',
      accessors({ type: 'user', name: 'Etl', via: 'api' }, { type: 'user', name: 'etl', via: 'api' }),
      'ACCESSOR_TWICE',
    ],
    ['has a grant twice', grants(kafkaGrant, kafkaGrant), 'GRANT_TWICE'],
    [
      'has more grants than configured',
      grants(
        ...Array.from({ length: 31 }, (_, n): Grant => ({ ...kafkaGrant, instanceId: `k-${n}` }) as Grant),
      ),
      'TOO_MANY_GRANTS',
    ],
    [
      'has a wildcard in a name',
      grants({ service: 'kafka', access: 'read', region: REGION, instanceId: 'k*' }),
      'BAD_NAME',
    ],
    [
      'asks for what makes no sense',
      grants({ service: 'slb', kind: 'clb', access: 'subscribe', region: REGION, loadBalancerIds: ['lb-1'] }),
      'UNSUPPORTED_ACCESS',
    ],
    [
      'asks for Leasehold’s own bus',
      grants({ service: 'eventbridge', access: 'publish', region: REGION, eventBus: 'leasehold' }),
      'PROTECTED',
    ],
    [
      'asks for Leasehold’s outbound bus',
      grants({ service: 'eventbridge', access: 'read', region: REGION, eventBus: 'leasehold-out' }),
      'PROTECTED',
    ],
    ['is bound to the whole internet', { restrict: { sourceIps: ['0.0.0.0/0'] } }, 'SOURCE_IP_TOO_WIDE'],
    ['is bound to no address', { restrict: { sourceIps: ['300.0.0.1'] } }, 'BAD_SOURCE_IP'],
    [
      'names a system policy that does not exist',
      grants({ systemPolicy: 'AliyunNothingAccess' }),
      'UNKNOWN_SYSTEM_POLICY',
    ],
  ])('that %s is refused', (_what, changes, code) => {
    expect(codes(changes)).toContain(code);
  });

  it('is judged by what a system policy allows, not by its name', () => {
    const harmlessName = {
      AliyunHelpReadOnlyAccess:
        '{"Version":"1","Statement":[{"Effect":"Allow","Action":"ram:*","Resource":"*"}]}',
    };
    expect(
      codes(
        { grants: [{ systemPolicy: 'AliyunHelpReadOnlyAccess' }] },
        { ...facts, systemPolicies: harmlessName },
      ),
    ).toContain('HIGH_RISK_POLICY');
    const ours = {
      AliyunOSSFullAccess: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}',
    };
    expect(
      codes({ grants: [{ systemPolicy: 'AliyunOSSFullAccess' }] }, { ...facts, systemPolicies: ours }),
    ).toContain('PROTECTED');
  });

  it('for a region that is not served is refused, and only then', () => {
    const served = (...regions: readonly string[]) => ({
      ...facts,
      settings: { ...facts.settings, regions: regions.map(parseRegion) },
    });
    expect(codes({}, served('cn-shanghai', 'cn-beijing'))).toEqual(['REGION_NOT_SERVED']);
    expect(codes({}, served('cn-shanghai', REGION))).toEqual([]);
  });

  it('is told every reason at once', () => {
    const all = codes({
      ...lease('2025-01-01T00:00:00Z', '2024-01-01T00:00:00Z'),
      grants: [{ service: 'kafka', access: 'publish', region: REGION, instanceId: '*' }],
      restrict: { sourceIps: ['0.0.0.0/0'] },
    });
    expect(new Set(all)).toEqual(
      new Set([
        'LEASE_ENDS_BEFORE_START',
        'LEASE_IN_THE_PAST',
        'BAD_NAME',
        'NEEDS_DATA_PLANE',
        'SOURCE_IP_TOO_WIDE',
      ]),
    );
  });

  it.each([
    [{ maxLeaseSeconds: 0 }, '/data/lease'],
    [{ accessLevels: ['publish' as const] }, '/data/grants/0/access'],
    [{ services: ['slb'] }, '/data/grants/0/service'],
    [{ granteeAccounts: [] }, '/data/grantee/accountId'],
  ])('that the rule %o does not cover wants an approver for that reason, at %s', (rule, pointer) => {
    const autoApproval = { ...facts.settings.autoApproval, ...rule };
    const plan = planAccess(request(), OWNER);
    expect(approvalReasons(request(), plan, facts.settings.autoApproval)).toEqual([]);
    expect(approvalReasons(request(), plan, autoApproval)).toMatchObject([
      { code: 'NOT_AUTO_APPROVED', pointer },
    ]);
  });

  it('that the rule covers but for the key it is sealed to, or the address that events go to, wants an approver', () => {
    const target = { type: 'https', url: 'https://in.globex.example/x', endsByController: true } as const;
    const bus = { type: 'bus', eventBus: 'inbox', roleName: 'let-in', endsByController: true } as const;
    const publicKey = { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' };
    const subscribing = [target, bus].map(
      (one): Grant => ({
        service: 'eventbridge',
        access: 'subscribe',
        region: REGION,
        eventBus: 'orders',
        target: one,
      }),
    );
    const asked = request({ grantee: { ...request().grantee, publicKey }, grants: subscribing });
    const plan = planAccess(asked, OWNER);
    const rule = { ...facts.settings.autoApproval, allowUnavoidablyWider: true, allowEndsByController: true };
    const key = plan.grantee.keyThumbprint ?? '';
    const pointersBy = (more: object) =>
      approvalReasons(asked, plan, { ...rule, ...more }).map(({ pointer }) => pointer);
    expect(pointersBy({})).toEqual([]);
    expect(pointersBy({ keyThumbprints: [key], targetHosts: ['in.globex.example'] })).toEqual([]);
    expect(pointersBy({ keyThumbprints: ['another'] })).toEqual(['/data/grantee/publicKey']);
    expect(pointersBy({ targetHosts: ['globex.example'] })).toEqual(['/data/grants']);
    expect(approvalReasons(request(), planAccess(request(), OWNER), { ...rule, keyThumbprints: [] })).toEqual(
      [],
    );
  });

  it('in a resource group that is not there, or not the owner’s, is refused', () => {
    const grants: readonly Grant[] = [{ ...kafkaGrant, resourceGroupId: 'rg-1' } as Grant];
    expect(codes({ grants }, { ...facts, resourceGroups: { 'rg-1': true } })).toEqual([]);
    expect(codes({ grants }, { ...facts, resourceGroups: { 'rg-1': false } })).toEqual([
      'UNKNOWN_RESOURCE_GROUP',
    ]);
  });

  it('whose grants need more policies than a role takes is refused', () => {
    const long = Array.from(
      { length: 30 },
      (_, n): Grant => ({
        service: 'rocketmq',
        series: '4.x',
        access: 'publish',
        region: REGION,
        instanceId: `MQ_${n}`,
        topics: Array.from({ length: 50 }, (_unused, t) => `${'t'.repeat(60)}${t}`),
      }),
    );
    expect(codes({ grants: long })).toContain('TOO_MANY_POLICIES');
  });
});

describe('role names', () => {
  it('differ for ids whose slugs are equal', () => {
    const names = ['C.1', 'C-1', 'c_1', 'c-1'].map((id) => roleNameOf(parseContractId(id)));
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^lease-c-1-[0-9a-f]{16}$/);
  });
  it('have at most 64 characters', () => {
    expect(roleNameOf(parseContractId('x'.repeat(64))).length).toBeLessThanOrEqual(64);
  });
});

describe('the plan', () => {
  it('of the same request is the same, whatever the order of its keys', () => {
    const original = request();
    const reordered = JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(original).reverse())));
    expect(planAccess(reordered, OWNER).planHash).toBe(planAccess(original, OWNER).planHash);
  });
  it.each([
    ['the end', { lease: { ...request().lease, expiresAt: parseInstant('2027-06-01T00:00:01Z') } }],
    ['the grantee', { grantee: { ...request().grantee, accountId: '3000000000000003' as typeof PARTNER } }],
    ['a restriction', { restrict: { sourceIps: ['192.0.2.0/24'] } }],
    ['a grant', { grants: [{ ...kafkaGrant, access: 'operate' } as Grant] }],
  ])('has another hash when %s changes', (_what, changes) => {
    expect(planAccess(request(changes), OWNER).planHash).not.toBe(planAccess(request(), OWNER).planHash);
  });
});
