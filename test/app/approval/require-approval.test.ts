import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signAnswer } from '../../../shared/app/approval/answer.js';
import { requireApproval, requireForm } from '../../../shared/app/approval/require-approval.js';
import { parseAnyEvent } from '../../../shared/app/inbound/every-event.js';
import { approvalReasons } from '../../../shared/app/plan/auto-approval.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { readConfig } from '../../../shared/config.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { addSeconds, type Instant, parseContractId } from '../../../shared/domain/values.js';
import { at, fact, fold } from '../../domain/facts.js';
import { approvedBy, BOSS, newSigner } from '../../support/approvers.js';
import { CONTRACT, type Written } from '../../support/chains.js';
import { ENV } from '../../support/env.js';
import { makeKeyPair } from '../../support/key-pairs.js';
import { kafkaGrant, NOW, OWNER, REGION, request } from '../../support/requests.js';

const boss = await newSigner(BOSS);
const everything = {
  maxLeaseSeconds: 1e12,
  allowSystemPolicies: true,
  allowUnavoidablyWider: true,
  allowEndsByController: true,
};
const settingsWith = (rule: object, more: object = {}) =>
  readConfig({
    ...ENV,
    ...approvedBy([boss]),
    LEASEHOLD_ACCOUNT: OWNER,
    LEASEHOLD_AUTO_APPROVAL: JSON.stringify(rule),
    ...more,
  }).settings;
const requested = (asked: OnboardingRequest, owner = OWNER): Written => {
  const { planHash, roleName } = planAccess(asked, owner);
  const event = { source: 's', id: 'e', contentHash: 'c' };
  return fact('requested', { event, request: asked, owner, roleName, planHash });
};
const approved = (asked: OnboardingRequest, rest: { by: string; jws?: string }): Written =>
  fact('approved', { of: 1, planHash: planAccess(asked, OWNER).planHash, ...rest });
const signedBy = (
  asked: OnboardingRequest,
  expires: Instant,
  { of = 1, decision = 'approve' }: { of?: number; decision?: 'approve' | 'decline' } = {},
) =>
  signAnswer(
    {
      contractId: CONTRACT,
      planHash: planAccess(asked, OWNER).planHash,
      of,
      decision,
      expires,
      reason: '',
    },
    boss.id,
    boss.key,
  );
const clockAt = (now: Instant) => ({ now: () => now, ticks: () => 0, sleep: async () => undefined });
const ask = async (facts: readonly Written[], settings = settingsWith(everything), now: Instant = NOW) => {
  const contract = fold(...facts);
  return requireApproval(contract, contract.terms, { settings, clock: clockAt(now) });
};
const byRule = (asked: OnboardingRequest) =>
  ask([requested(asked), approved(asked, { by: 'auto-approval' })]);
const refused = { code: 'NOT_APPROVED' };
const { lease, grantee } = request();

/** As nobody could post it: the register alone holds it. */
const forged = (changes: object) => ({ ...request(), ...changes }) as OnboardingRequest;
const NEVER: readonly [string, OnboardingRequest][] = [
  [
    'a lease that ends twice',
    forged({ lease: { ...lease, expiresAt: [lease.expiresAt, '2036-01-01T00:00:00Z'] } }),
  ],
  ['a lease that ends in a list', forged({ lease: { ...lease, expiresAt: [lease.expiresAt] } })],
  [
    'a lease that ends before it starts',
    forged({ lease: { startsAt: lease.expiresAt, expiresAt: lease.startsAt } }),
  ],
  ['every instance', forged({ grants: [{ ...kafkaGrant, instanceId: '*' }] })],
  ['a list for an instance', forged({ grants: [{ ...kafkaGrant, instanceId: ['alikafka_pre-cn-x1'] }] })],
  [
    'the bus that Leasehold listens to',
    forged({
      grants: [{ service: 'eventbridge', access: 'publish', region: REGION, eventBus: 'leasehold' }],
    }),
  ],
  ['what no schema knows', forged({ grants: [{ ...kafkaGrant, andMore: true }] })],
  ['the owner himself', forged({ grantee: { ...grantee, accountId: OWNER } })],
  ['everywhere', forged({ restrict: { sourceIps: ['0.0.0.0/0'] } })],
];

describe('terms that no event may state', () => {
  it.each(NEVER)('are approved by no rule: %s', async (_, asked) => {
    await expect(byRule(asked)).rejects.toMatchObject(refused);
  });

  it.each(NEVER)('nor by anybody’s signature: %s', async (_, asked) => {
    const jws = await signedBy(asked, addSeconds(NOW, 3600));
    await expect(ask([requested(asked), approved(asked, { by: BOSS, jws })])).rejects.toMatchObject(refused);
  });

  it('are not approved in another account', async () => {
    const elsewhere = requested(request(), '9000000000000009' as typeof OWNER);
    const { data } = elsewhere as { readonly data: { readonly planHash: string } };
    const approval = fact('approved', { of: 1, by: 'auto-approval', planHash: data.planHash });
    await expect(ask([elsewhere, approval])).rejects.toMatchObject(refused);
  });

  it('are not approved under the id of another contract', async () => {
    const asked = request({ contractId: parseContractId('C-other') });
    await expect(byRule(asked)).rejects.toMatchObject(refused);
  });
});

describe('terms that were admitted once', () => {
  const events = join('test', 'support', 'events');
  const asked = readdirSync(events).flatMap((file) => {
    const parsed = parseAnyEvent(readFileSync(join(events, file), 'utf8'));
    if (!parsed.ok || parsed.event.type !== 'partner.onboarding.requested') return [];
    return [[file, parsed.event.data] as const];
  });

  it.each(asked)('still have the right form: %s', (_, { ...sample }) => {
    const contract = fold(requested({ ...sample, contractId: CONTRACT }));
    expect(() =>
      requireForm(contract, contract.terms!, { settings: settingsWith(everything) }),
    ).not.toThrow();
  });

  it('have it whatever the hour, and whatever limits were drawn since', async () => {
    const long = request({ lease: { ...lease, expiresAt: '2036-06-01T00:00:00Z' as Instant } });
    const facts = [requested(long), approved(long, { by: 'auto-approval' })];
    const elsewhere = settingsWith(everything, { LEASEHOLD_REGIONS: 'cn-beijing' });
    await expect(ask(facts, elsewhere, '2037-01-01T00:00:00Z' as Instant)).resolves.toBeUndefined();
  });

  it('may name a policy of the vendor’s, which is not read again', async () => {
    const vendors = request({ grants: [{ systemPolicy: 'AliyunSLBReadOnlyAccess' }] });
    await expect(byRule(vendors)).resolves.toBeUndefined();
  });
});

describe('the auto-approval rule', () => {
  it('does not cover a lease of no length that can be told', () => {
    const endless = forged({ lease: { ...lease, expiresAt: 'never' } });
    const plan = { grantee: endless.grantee, unavoidablyWider: [], accounts: [], routes: [] };
    const rule = { ...everything, maxLeaseSeconds: Number.MAX_VALUE };
    expect(approvalReasons(endless, plan, rule)).toMatchObject([{ pointer: '/data/lease' }]);
  });
});

describe('an answer that was taken', () => {
  const asked = request();
  const nothing = settingsWith({});
  const taken = async (expires: Instant, ...between: readonly Written[]) => [
    requested(asked),
    ...between,
    approved(asked, { by: BOSS, jws: await signedBy(asked, expires) }),
  ];
  const warned: Written = fact('warned', { days: 1, expiresAt: lease.expiresAt });

  it('counts until a day after it was good, and then nothing is begun with it', async () => {
    const facts = await taken(at(3));
    await expect(ask(facts, nothing, addSeconds(at(3), 86_399))).resolves.toBeUndefined();
    await expect(ask(facts, nothing, addSeconds(at(3), 86_400))).rejects.toMatchObject(refused);
  });

  it('counts on for what was made by it', async () => {
    const made = [...(await taken(at(3))), fact('role-created', { roleId: 'r', policies: [] })];
    await expect(ask(made, nothing, addSeconds(at(3), 300 * 86_400))).resolves.toBeUndefined();
  });

  it('was not taken before what stands before it, whatever hour it names', async () => {
    const late = addSeconds(NOW, 7200);
    const [first, ...others] = await taken(addSeconds(NOW, 3600), { ...warned, at: late }, warned);
    const backdated = others.map((one) => ({ ...one, at: one.at ?? at(2) }));
    await expect(ask([first!, ...backdated], nothing, late)).rejects.toMatchObject(refused);
    const { length } = others;
    const honest = [first!, ...others.slice(length - 1)];
    await expect(ask(honest, nothing, late)).resolves.toBeUndefined();
  });
});

describe('what nobody but an approver may say', () => {
  const nothing = settingsWith({});
  const until = at(9);
  const wide = request({
    grants: [
      kafkaGrant,
      { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_pre-cn-x2' },
    ],
  });
  /** Granted by an answer, and to be amended from the first to the second, approved by `by`. */
  const amended = async (
    [first, second]: readonly [OnboardingRequest, OnboardingRequest],
    by: { by: string; jws?: string },
  ) => {
    const { planHash } = planAccess(second, OWNER);
    const event = { source: 's', id: 'a', contentHash: 'a' };
    const change = { widens: [], narrows: [] };
    return [
      requested(first),
      approved(first, { by: BOSS, jws: await signedBy(first, until) }),
      fact('granting', { nonce: 'n', externalId: 'x', verifierExternalId: 'v' }),
      fact('role-created', { roleId: 'r', policies: [] }),
      fact('activated', { roleArn: 'arn', proofs: [] }),
      fact('amendment-requested', { event, request: second, revision: 1, planHash, change }),
      fact('approved', { of: 6, planHash, ...by }),
    ];
  };
  const askAmendment = async (facts: readonly Written[], now: Instant = NOW) => {
    const contract = fold(...facts);
    return requireApproval(contract, contract.amendment, { settings: nothing, clock: clockAt(now) });
  };

  it('is not said by his no', async () => {
    const jws = await signedBy(wide, until, { decision: 'decline' });
    await expect(ask([requested(wide), approved(wide, { by: BOSS, jws })], nothing)).rejects.toMatchObject(
      refused,
    );
  });

  it('is not said of an amendment that widens by what he said before', async () => {
    for (const by of ['narrowing', 'auto-approval', BOSS])
      await expect(askAmendment(await amended([request(), wide], { by }))).rejects.toMatchObject(refused);
    const jws = await signedBy(wide, until);
    await expect(askAmendment(await amended([request(), wide], { by: BOSS, jws }))).rejects.toMatchObject(
      refused,
    );
  });

  it('is said of an amendment by his yes to that very one, for as long as it may be begun', async () => {
    const facts = await amended([request(), wide], {
      by: BOSS,
      jws: await signedBy(wide, until, { of: 6 }),
    });
    await expect(askAmendment(facts)).resolves.toBeUndefined();
    await expect(askAmendment(facts, addSeconds(until, 86_400))).rejects.toMatchObject(refused);
  });

  it('need not be said of one that only narrows what he said yes to', async () => {
    const facts = await amended([wide, request()], { by: 'narrowing' });
    await expect(askAmendment(facts, addSeconds(until, 300 * 86_400))).resolves.toBeUndefined();
  });
});

describe('what was asked for before tags were held to plain characters', () => {
  it.each([
    ['team', 'a\tb'],
    ['team', '\u200Fשלום'],
    ['te\u200Fam', 'x'],
  ])('is still approved, with the tag %j of %j', async (key, value) => {
    const accessor = { type: 'user', name: 'etl', via: 'api' };
    const { publicKey } = makeKeyPair('x25519');
    const users = [{ logonName: 'etl', access: 'programmatic', tags: { [key]: value } }];
    const setup = { mode: 'managed', users, roles: [] };
    const asked = forged({ grantee: { ...grantee, publicKey, accessors: [accessor], setup } });
    await expect(byRule(asked)).resolves.toBeUndefined();
  });
});
