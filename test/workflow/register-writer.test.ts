import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import { answer, approvedBy, BOSS, newSigner, type Signer, signed } from '../support/approvers.js';
import { enterAs, reasonsIn, using } from '../support/changes.js';
import { forge } from '../support/forge.js';
import { kafkaGrant, OWNER, PARTNER, REGION, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const everyInstance = { ...kafkaGrant, instanceId: '*' } as const;
const ourBus = { service: 'eventbridge', access: 'publish', region: REGION, eventBus: 'leasehold' } as const;
const neighbour = { ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' } as const;

/** As if it had been requested, approved by the rule, begun and seen to work. */
const forgeGrant = async (world: World, id: string, changes: object) => {
  const asked = { ...request({ contractId: parseContractId(id) }), ...changes } as OnboardingRequest;
  const { planHash, roleName } = planAccess(asked, OWNER);
  const event = { source: 'x', id: 'x', contentHash: 'f'.repeat(64) };
  await forge(world, id, {
    kind: 'requested',
    data: { event, request: asked, owner: OWNER, roleName, planHash },
  });
  const { seq: of } = await world.contract(id);
  const nonces = { nonce: 'n'.repeat(32), externalId: 'e'.repeat(32), verifierExternalId: 'v'.repeat(32) };
  for (const fact of [
    { kind: 'approved', data: { of, planHash, by: 'auto-approval' } },
    { kind: 'granting', data: nonces },
    { kind: 'verified', data: { proofs: [] } },
  ] as const)
    await forge(world, id, fact);
};
/** The flow goes on with what the register says, as the sweep would have it. */
const goOn = async (world: World, id: string) => {
  await startFlow('leasehold-onboarding', { contractId: id }, world.cloud.connectionOf(world.cloud.root));
  await world.calm();
};
const isGranted = async (world: World, id: string) => {
  const name = roleNameOf(parseContractId(id));
  const role = await world.ram().observeRole(name);
  const policy = await world.ram().readPolicy({ type: 'Custom', name: `${name}-1` });
  return role?.trust.includes(PARTNER) === true || policy !== undefined;
};

describe('whoever can write the register alone, where the rule lets nothing through', () => {
  let world: World;
  beforeAll(async () => {
    const boss = await newSigner(BOSS);
    world = await startWorld({
      runner: 'in-process',
      env: { ...approvedBy([boss]), LEASEHOLD_AUTO_APPROVAL: '{"maxLeaseSeconds":0}' },
    });
  });
  afterAll(() => world?.cloud.close());

  it('has nothing granted by a lease that has no length, under a request that somebody made', async () => {
    const id = 'W-no-length';
    await world.onboard(id);
    await world.hear(id, 'approval-needed');
    const expiresAt = ['2036-01-01T00:00:00Z', '2036-01-01T00:00:01Z'];
    await forgeGrant(world, id, {
      lease: { startsAt: '2026-12-01T00:00:00Z', expiresAt },
      grants: [everyInstance],
    });
    // The sweep finds it by the entry that the request itself has left.
    await world.clock.jumpTo(world.clock.now() + 30 * 60_000);
    await world.calm();
    expect(await isGranted(world, id)).toBe(false);
    const told = world.outbox.heard.filter(({ subject }) => subject === id);
    expect(told.map(({ type, data }) => `${type} ${data['step']}`)).toContain(
      'partner.access.failed GrantAccess',
    );
    expect((await world.contract(id)).state).toBe('failed');
  });
});

describe('whoever can write the register alone, where the rule lets much through', () => {
  let world: World;
  beforeAll(async () => {
    const rule = { maxLeaseSeconds: 31_622_400, allowUnavoidablyWider: true, allowSystemPolicies: true };
    world = await startWorld({
      runner: 'in-process',
      env: { LEASEHOLD_AUTO_APPROVAL: JSON.stringify(rule) },
    });
  });
  afterAll(() => world?.cloud.close());

  it('has nothing granted that every event is refused for', async () => {
    const id = 'W-refused';
    const grants = [everyInstance, ourBus];
    await world.onboard(id, { grants });
    expect(reasonsIn(await world.hear(id, 'rejected'))).toEqual(['BAD_NAME', 'PROTECTED']);
    await forgeGrant(world, id, { grants });
    await goOn(world, id);
    expect(await isGranted(world, id)).toBe(false);
  });

  it('has no policy of the vendor’s granted that is refused for what it allows', async () => {
    const id = 'W-vendor';
    const grants = [{ systemPolicy: 'AliyunOSSReadOnlyAccess' }];
    await world.onboard(id, { grants });
    expect(reasonsIn(await world.hear(id, 'rejected'))).toEqual(['PROTECTED']);
    await forgeGrant(world, id, { grants });
    await goOn(world, id);
    expect(await isGranted(world, id)).toBe(false);
  });

  it('opens nobody else’s role', async () => {
    const id = 'W-other';
    await world.onboard('W-honest');
    const session = await enterAs(world, 'W-honest');
    const { created } = await world.contract('W-honest');
    const name = roleNameOf(parseContractId('W-honest'));
    const before = await world.ram().observeRole(name);
    await forgeGrant(world, id, {
      contractId: 'W-honest',
      grantee: {
        name: 'Mallory',
        accountId: '6666666666666666',
        accessors: [],
        setup: { mode: 'self-service' },
      },
    });
    await forge(world, id, { kind: 'role-created', data: created! });
    await goOn(world, id);
    expect((await world.ram().observeRole(name))?.trust).toBe(before?.trust);
    expect([await using(world, session, kafkaGrant), await using(world, session, neighbour)]).toEqual([
      'allowed',
      'denied',
    ]);
  });
});

describe('whoever can write the register alone, and has what an approver once signed', () => {
  const DAY = 86_400;
  const operate = { ...kafkaGrant, access: 'operate' } as const;
  let world: World;
  let boss: Signer;
  beforeAll(async () => {
    boss = await newSigner(BOSS);
    world = await startWorld({ runner: 'in-process', env: approvedBy([boss]) });
  });
  afterAll(() => world?.cloud.close());

  const now = () => instantOf(world.clock.now());
  const ask = async (id: string) => {
    await world.onboard(id, { grants: [operate] });
    await world.hear(id, 'approval-needed');
  };
  /** As if the answer had been taken at that hour. */
  const replay = async (id: string, jws: string, at = now()) => {
    const { seq: of, planHash } = (await world.contract(id)).terms!;
    await forge(world, id, { kind: 'approved', data: { of, planHash, by: BOSS, jws } }, at);
    await goOn(world, id);
  };
  const grantsOf = (id: string) =>
    world.outbox.heard.filter(({ subject, type }) => subject === id && type === 'partner.access.granted')
      .length;
  const isBroken = (id: string) =>
    expect(world.contract(id)).rejects.toMatchObject({ code: 'REGISTER_BROKEN' });

  it('has nothing granted by an answer that was good days ago, whenever he says it was taken', async () => {
    await ask('W-expired');
    const then = now();
    const jws = await signed(world, 'W-expired', boss, { expires: addSeconds(then, 60) });
    await world.clock.jumpTo(world.clock.now() + 3 * DAY * 1000);
    await replay('W-expired', jws, then);
    expect(await isGranted(world, 'W-expired')).toBe(false);
    expect((await world.contract('W-expired')).state).toBe('failed');
  });

  it('nor by a yes that came after a no', async () => {
    await ask('W-declined');
    const jws = await signed(world, 'W-declined', boss);
    const no = await signed(world, 'W-declined', boss, { decision: 'decline', reason: 'on second thoughts' });
    await answer(world, 'W-declined', { jws: no, id: 'w-declined', decision: 'declined' });
    await world.hear('W-declined', 'rejected');
    await replay('W-declined', jws);
    expect(await isGranted(world, 'W-declined')).toBe(false);
    await isBroken('W-declined');
  });

  it('nor anew, once it has ended, by the answer that it was granted on', async () => {
    await ask('W-ended');
    const jws = await signed(world, 'W-ended', boss);
    await answer(world, 'W-ended', { jws, id: 'w-ended' });
    await world.hear('W-ended', 'granted');
    await world.terminate('W-ended');
    await world.hear('W-ended', 'revoked');
    await replay('W-ended', jws);
    expect(await isGranted(world, 'W-ended')).toBe(false);
    expect(grantsOf('W-ended')).toBe(1);
    await isBroken('W-ended');
  });

  it('nor, once it has ended, by a request of his own', async () => {
    await world.onboard('W-again');
    await world.hear('W-again', 'granted');
    await world.terminate('W-again');
    await world.hear('W-again', 'revoked');
    const asked = request({ contractId: parseContractId('W-again') });
    const { planHash, roleName } = planAccess(asked, OWNER);
    const event = { source: 'x', id: 'x', contentHash: 'f'.repeat(64) };
    await forge(world, 'W-again', {
      kind: 'requested',
      data: { event, request: asked, owner: OWNER, roleName, planHash },
    });
    await goOn(world, 'W-again');
    expect(await isGranted(world, 'W-again')).toBe(false);
    await isBroken('W-again');
  });
});

describe('an answer that was taken in time', () => {
  it('still counts when an outage lets nothing be granted until it is over', async () => {
    const boss = await newSigner(BOSS);
    const world = await startWorld({ runner: 'in-process', env: approvedBy([boss]) });
    await world.onboard('W-late', { grants: [{ ...kafkaGrant, access: 'operate' }] });
    await world.hear('W-late', 'approval-needed');
    const { seq: of, planHash } = (await world.contract('W-late')).terms!;
    const jws = await signed(world, 'W-late', boss, {
      expires: addSeconds(instantOf(world.clock.now()), 60),
    });
    // Taken, and then no function ran.
    await forge(world, 'W-late', { kind: 'approved', data: { of, planHash, by: BOSS, jws } });
    await world.clock.jumpTo(world.clock.now() + 20 * 3_600_000);
    await goOn(world, 'W-late');
    await world.hear('W-late', 'granted');
    await world.cloud.close();
  });
});
