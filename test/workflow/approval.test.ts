import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admitAmendment } from '../../shared/app/admission/admit-amendment.js';
import { amendAccess } from '../../shared/app/changing/amend-access.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import type { NewFact } from '../../shared/domain/fact.js';
import type { Grant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import {
  answer,
  approvedBy,
  BOSS,
  newSigner,
  OTHER_BOSS,
  refusalsOf,
  type Signer,
  signed,
} from '../support/approvers.js';
import { amend, enterAs, hearNth, reasonsIn, using } from '../support/changes.js';
import { failOnce } from '../support/fail-once.js';
import { forge } from '../support/forge.js';
import { redeploy } from '../support/redeploy.js';
import { eventOf, kafkaGrant, OWNER, REGION, request } from '../support/requests.js';
import { portsAsRoot } from '../support/side-doors.js';
import { startWorld, type World } from '../support/world.js';

const DAY = 86_400;
const operate = { ...kafkaGrant, access: 'operate' } as const;

let world: World;
let boss: Signer;
let other: Signer;
beforeAll(async () => {
  [boss, other] = await Promise.all([newSigner(BOSS), newSigner(OTHER_BOSS)]);
  world = await startWorld({ runner: 'in-process', env: approvedBy([boss, other]) });
});
afterAll(() => world?.cloud.close());

const nameOf = (id: string) => roleNameOf(parseContractId(id));
const stateOf = async (id: string) => (await world.contract(id)).state;
const jumpBy = (seconds: number) => world.clock.jumpTo(world.clock.now() + seconds * 1000);
const ask = async (id: string, changes: Parameters<typeof request>[0] = {}) => {
  await world.onboard(id, { grants: [operate], ...changes });
  return world.hear(id, 'approval-needed');
};
/** Posts an answer that must change nothing, and gives the reason that was told. */
const refusedFor = async (id: string, posted: Parameters<typeof answer>[2]) => {
  const before = refusalsOf(world, id).length;
  const writes = world.cloud.calls.length;
  const seq = (await world.contract(id)).seq;
  await answer(world, id, posted);
  await hearNth(world, id, 'rejected', before + 1);
  await world.calm();
  expect(world.ramWrites(writes)).toEqual([]);
  expect((await world.contract(id)).seq).toBe(seq);
  return refusalsOf(world, id).slice(before);
};

describe('a request that the rule does not cover', () => {
  it('waits with its plan told, no execution open and nothing made', async () => {
    const calls = world.cloud.calls.length;
    const { data } = await ask('P-waits');
    await world.calm();
    expect(await stateOf('P-waits')).toBe('awaiting-approval');
    expect(reasonsIn({ data })).toEqual(['NOT_AUTO_APPROVED']);
    expect(data['planHash']).toBe((await world.contract('P-waits')).terms?.planHash);
    expect(world.ramWrites(calls)).toEqual([]);
    const executions = world.cloud.flows.executionsOf(OWNER, 'leasehold-onboarding');
    expect(executions.map(({ status }) => status)).toEqual(['Succeeded']);
  });

  it('is told again when it is asked again, and is still one question', async () => {
    await world.onboard('P-waits', { grants: [operate] });
    await hearNth(world, 'P-waits', 'approval-needed', 2);
    expect((await world.facts('P-waits')).map(({ kind }) => kind)).toEqual([
      'requested',
      'awaiting-approval',
    ]);
  });

  it('goes on when it is approved, and works for the partner', async () => {
    const jws = await signed(world, 'P-waits', boss);
    await answer(world, 'P-waits', { jws, id: 'p-waits-yes' });
    const session = await enterAs(world, 'P-waits');
    expect(await using(world, session, operate)).toBe('allowed');
    expect((await world.contract('P-waits')).terms?.approval).toMatchObject({ by: BOSS, jws });
  });

  it('times out after seven days with a reason, and may be asked for again', async () => {
    await ask('P-late');
    await jumpBy(7 * DAY - 120);
    await world.calm();
    const rejected = await world.hear('P-late', 'rejected');
    expect(reasonsIn(rejected)).toEqual(['APPROVAL_TIMED_OUT']);
    expect(await stateOf('P-late')).toBe('rejected');
    await world.onboard('P-late', { grants: [operate] }, 'asked-again');
    await hearNth(world, 'P-late', 'approval-needed', 2);
  });
});

describe('an answer', () => {
  it('that comes too late is refused', async () => {
    await ask('P-after', {
      lease: {
        startsAt: instantOf(world.clock.now()),
        expiresAt: addSeconds(instantOf(world.clock.now()), 300 * DAY),
      },
    });
    const jws = await signed(world, 'P-after', boss, {
      expires: addSeconds(instantOf(world.clock.now()), 30 * DAY),
    });
    await jumpBy(7 * DAY + 120);
    await world.hear('P-after', 'rejected');
    expect(await refusedFor('P-after', { jws, id: 'p-after' })).toEqual(['NOTHING_TO_APPROVE']);
  });

  it('that comes second is refused, whoever gives it; the first one repeated changes nothing', async () => {
    await ask('P-second');
    const jws = await signed(world, 'P-second', boss);
    const no = await signed(world, 'P-second', other, { decision: 'decline' });
    await answer(world, 'P-second', { jws, id: 'p-second-1' });
    await world.hear('P-second', 'granted');
    expect(await refusedFor('P-second', { jws: no, id: 'p-second-2', decision: 'declined' })).toEqual([
      'NOTHING_TO_APPROVE',
    ]);
    const { seq } = await world.contract('P-second');
    const writes = world.cloud.calls.length;
    await answer(world, 'P-second', { jws, id: 'p-second-3' });
    await world.calm();
    expect(world.ramWrites(writes)).toEqual([]);
    expect((await world.contract('P-second')).seq).toBe(seq);
  });

  it('that is foreign, forged, expired or the requester’s own is refused, each with its reason', async () => {
    await ask('P-wrong', { requestedBy: OTHER_BOSS });
    const stranger = await newSigner('stranger@b.example');
    const posing = { ...(await newSigner(BOSS)), id: BOSS };
    const cases = [
      ['UNKNOWN_APPROVER', stranger, {}],
      ['BAD_SIGNATURE', posing, {}],
      ['OWN_REQUEST', other, {}],
      ['ANSWER_EXPIRED', boss, { expires: instantOf(world.clock.now()) }],
      ['PLAN_CHANGED', boss, { planHash: 'f'.repeat(64) }],
      ['PLAN_CHANGED', boss, { of: 7 }],
      ['OTHER_CONTRACT', boss, { contractId: parseContractId('P-second') }],
      ['OTHER_DECISION', boss, { decision: 'decline' }],
    ] as const;
    for (const [index, [code, signer, changes]] of cases.entries()) {
      const jws = await signed(world, 'P-wrong', signer, changes);
      expect(await refusedFor('P-wrong', { jws, id: `p-wrong-${index}` })).toEqual([code]);
    }
    expect(await stateOf('P-wrong')).toBe('awaiting-approval');
  });

  it('that was altered under way is refused', async () => {
    await ask('P-altered');
    const [header, , signature] = (await signed(world, 'P-altered', boss, { decision: 'decline' })).split(
      '.',
    );
    const [, payload] = (await signed(world, 'P-altered', boss)).split('.');
    const jws = [header, payload, signature].join('.');
    expect(await refusedFor('P-altered', { jws, id: 'p-altered' })).toEqual(['BAD_SIGNATURE']);
  });

  it('to a request that was changed since is void; one to the changed request counts', async () => {
    await ask('P-changed');
    const old = await signed(world, 'P-changed', boss);
    const lease = {
      startsAt: instantOf(world.clock.now()),
      expiresAt: addSeconds(instantOf(world.clock.now()), 2 * DAY),
    };
    await world.onboard('P-changed', { grants: [operate], lease }, 'changed');
    await hearNth(world, 'P-changed', 'approval-needed', 2);
    expect(await refusedFor('P-changed', { jws: old, id: 'p-changed-1' })).toEqual(['PLAN_CHANGED']);
    await answer(world, 'P-changed', { jws: await signed(world, 'P-changed', boss), id: 'p-changed-2' });
    const granted = await world.hear('P-changed', 'granted');
    expect(granted.data['lease']).toEqual(lease);
  });

  it('that comes when there is no room any more is refused for that, also when the bus takes the refusal late', async () => {
    await ask('P-full');
    const jws = await signed(world, 'P-full', boss);
    world.cloud.set({ roleQuota: 1 });
    const putBack = failOnce(world, ({ action }) => action === 'PutEvents');
    await answer(world, 'P-full', { jws, id: 'p-full' });
    const rejected = await world.hear('P-full', 'rejected');
    expect(putBack()).toBe(true);
    world.cloud.set({ roleQuota: 1000 });
    await world.calm();
    expect(reasonsIn(rejected)).toEqual(['QUOTA']);
    expect(refusalsOf(world, 'P-full')).toEqual(['QUOTA']);
    expect((await world.facts('P-full')).filter(({ kind }) => kind === 'rejected')).toHaveLength(1);
  });

  it('that is no is final: nothing is made, and the contract is not asked for again', async () => {
    const calls = world.cloud.calls.length;
    await ask('P-no');
    const jws = await signed(world, 'P-no', boss, { decision: 'decline', reason: 'too wide' });
    await answer(world, 'P-no', { jws, id: 'p-no', decision: 'declined' });
    const rejected = await world.hear('P-no', 'rejected');
    expect(reasonsIn(rejected)).toEqual(['DECLINED']);
    expect(JSON.stringify(rejected.data)).toContain('too wide');
    await world.onboard('P-no', { grants: [kafkaGrant] }, 'p-no-again');
    const again = await hearNth(world, 'P-no', 'rejected', 2);
    expect(reasonsIn(again)).toEqual(['CONTRACT_DECLINED']);
    const yes = await signed(world, 'P-no', boss);
    expect(await refusedFor('P-no', { jws: yes, id: 'p-no-yes' })).toEqual(['NOTHING_TO_APPROVE']);
    expect(world.ramWrites(calls)).toEqual([]);
    expect(await stateOf('P-no')).toBe('declined');
  });
});

describe('an amendment', () => {
  it('that widens waits while what was granted goes on, and is carried out when approved', async () => {
    await world.onboard('P-more');
    const session = await enterAs(world, 'P-more');
    const first = (await world.contract('P-more')).terms!;
    await amend(world, 'P-more', { revision: 1, grants: [operate] });
    const { data } = await world.hear('P-more', 'approval-needed');
    expect(data).toMatchObject({ revision: 1 });
    expect((data['change'] as { widens: readonly string[] }).widens.length).toBeGreaterThan(0);
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
    // A signature for the request is none for what amends it.
    const old = await signed(world, 'P-more', boss, { of: first.seq, planHash: first.planHash });
    expect(await refusedFor('P-more', { jws: old, id: 'p-more-old' })).toEqual(['PLAN_CHANGED']);
    await answer(world, 'P-more', { jws: await signed(world, 'P-more', boss), id: 'p-more' });
    await world.hear('P-more', 'amended');
    expect((await world.contract('P-more')).terms).toMatchObject({ revision: 1, approval: { by: BOSS } });
    const changed = (await world.facts('P-more')).filter(({ kind }) => kind === 'role-changed');
    expect(changed.flatMap(({ calls = [] }) => calls).map(({ action }) => action)).toContain(
      'ram:CreatePolicyVersion',
    );
  });

  it('that narrows never waits', async () => {
    await amend(world, 'P-more', { revision: 2, grants: [kafkaGrant] });
    await hearNth(world, 'P-more', 'amended', 2);
    expect((await world.contract('P-more')).terms).toMatchObject({
      revision: 2,
      approval: { by: 'narrowing' },
    });
  });

  it('that is declined leaves what was, and another may be asked for', async () => {
    await amend(world, 'P-more', { revision: 3, grants: [operate] });
    await hearNth(world, 'P-more', 'approval-needed', 2);
    const jws = await signed(world, 'P-more', boss, { decision: 'decline', reason: 'enough' });
    await answer(world, 'P-more', { jws, id: 'p-more-no', decision: 'declined' });
    await world.calm();
    const contract = await world.contract('P-more');
    expect(contract).toMatchObject({ state: 'active', terms: { revision: 2 } });
    expect(contract.amendment).toBeUndefined();
  });

  it('that waits is told as refused when a later one takes its place, also when the bus takes that late', async () => {
    await amend(world, 'P-more', { revision: 4, grants: [operate] });
    await hearNth(world, 'P-more', 'approval-needed', 3);
    const before = refusalsOf(world, 'P-more').length;
    const putBack = failOnce(world, ({ action }) => action === 'PutEvents');
    await amend(world, 'P-more', {
      revision: 5,
      grants: [kafkaGrant],
    });
    await hearNth(world, 'P-more', 'amended', 3);
    expect(putBack()).toBe(true);
    await world.calm();
    expect(refusalsOf(world, 'P-more').slice(before)).toEqual(['OVERTAKEN']);
  });
});

describe('whoever can write the register', () => {
  const approvalFor = async (id: string, rest: { by: string; jws?: string }): Promise<NewFact> => {
    const { terms } = await world.contract(id);
    return { kind: 'approved', data: { of: terms!.seq, planHash: terms!.planHash, ...rest } };
  };
  const goesNowhere = async (id: string) => {
    const calls = world.cloud.calls.length;
    await world.onboard(id, { grants: [operate] });
    const failed = await world.hear(id, 'failed', 'granted');
    await world.calm();
    expect(failed).toMatchObject({
      type: 'partner.access.failed',
      data: { step: 'GrantAccess', code: 'BrokenPromiseError' },
    });
    expect(world.ramWrites(calls)).toEqual([]);
    expect(await world.roles()).not.toContain(nameOf(id));
  };

  it('cannot have granted what the rule does not cover by saying that the rule did', async () => {
    await ask('P-forged-rule');
    await forge(world, 'P-forged-rule', await approvalFor('P-forged-rule', { by: 'auto-approval' }));
    await goesNowhere('P-forged-rule');
  });

  it('nor have a change that widens carried out by saying that it has begun', async () => {
    await world.onboard('P-forged-begun');
    await world.hear('P-forged-begun', 'granted');
    await amend(world, 'P-forged-begun', { revision: 1, grants: [operate] });
    await world.hear('P-forged-begun', 'approval-needed');
    const { amendment } = await world.contract('P-forged-begun');
    const { seq: of = 0, planHash = '' } = amendment ?? {};
    await forge(world, 'P-forged-begun', { kind: 'approved', data: { of, planHash, by: 'auto-approval' } });
    await forge(world, 'P-forged-begun', { kind: 'amending', data: { revision: 1, policies: [] } });
    const text = () => world.ram().readPolicy({ type: 'Custom', name: `${nameOf('P-forged-begun')}-1` });
    const before = await text();
    const root = world.cloud.connectionOf(world.cloud.root);
    await startFlow('leasehold-amendment', { contractId: 'P-forged-begun' }, root);
    const failed = await world.hear('P-forged-begun', 'failed', 'amended');
    expect(failed.data).toMatchObject({ step: 'AmendAccess', code: 'BrokenPromiseError' });
    expect(await text()).toBe(before);
  });

  it('nor by an approver’s name alone', async () => {
    await ask('P-forged-name');
    await forge(world, 'P-forged-name', await approvalFor('P-forged-name', { by: BOSS }));
    await goesNowhere('P-forged-name');
  });

  it('nor by what an approver signed for another plan', async () => {
    await ask('P-forged-plan');
    const jws = await signed(world, 'P-forged-plan', boss, { planHash: 'e'.repeat(64) });
    await forge(world, 'P-forged-plan', await approvalFor('P-forged-plan', { by: BOSS, jws }));
    await goesNowhere('P-forged-plan');
  });

  it('nor by what somebody signed who is no approver', async () => {
    await ask('P-forged-key');
    const jws = await signed(world, 'P-forged-key', await newSigner('stranger@b.example'));
    await forge(world, 'P-forged-key', await approvalFor('P-forged-key', { by: 'stranger@b.example', jws }));
    await goesNowhere('P-forged-key');
  });

  it('nor by an approver’s no', async () => {
    await ask('P-forged-no');
    const jws = await signed(world, 'P-forged-no', boss, { decision: 'decline' });
    await forge(world, 'P-forged-no', await approvalFor('P-forged-no', { by: BOSS, jws }));
    await goesNowhere('P-forged-no');
  });
});

describe('when the rule has been narrowed since', () => {
  const rabbit = {
    service: 'rabbitmq',
    access: 'read',
    region: REGION,
    instanceId: 'amqp-cn-x1',
    virtualHosts: ['shop'],
  } as Grant;
  /** The functions' own use cases, as they would run in a deployment whose rule covers nothing any more. */
  const narrowed = () => {
    const ports = portsAsRoot(world);
    const { settings } = ports;
    const autoApproval = { ...settings.admission.autoApproval, maxLeaseSeconds: 0 };
    return { ...ports, settings: { ...settings, admission: { ...settings.admission, autoApproval } } };
  };
  const amendment = (id: string, revision: number, changes: Parameters<typeof request>[0]) =>
    JSON.stringify({
      ...eventOf({ ...request({ ...changes, contractId: parseContractId(id) }), revision }, { subject: id }),
      id: `narrowed-${id}-${revision}`,
      time: instantOf(world.clock.now()),
      type: 'partner.contract.amended',
    });

  it('a narrowing still does not wait, since the role holds it all already', async () => {
    await world.onboard('P-before', { grants: [kafkaGrant, rabbit] });
    await world.hear('P-before', 'granted');
    const ports = narrowed();
    const { outcome, epoch } = await admitAmendment(amendment('P-before', 1, { grants: [rabbit] }), ports);
    expect(outcome).toBe('amend');
    await amendAccess({ contractId: parseContractId('P-before'), epoch }, ports);
    const policy = await world.ram().readPolicy({ type: 'Custom', name: `${nameOf('P-before')}-1` });
    expect(policy).toContain('amqp:');
    expect(policy).not.toContain('alikafka:ListTopic');
  });

  it('but not what only the register says was there before', async () => {
    await world.onboard('P-never', { grants: [rabbit] });
    await world.hear('P-never', 'granted');
    // Somebody who can write the register says that Kafka had been granted too.
    const more = request({ contractId: parseContractId('P-never'), grants: [kafkaGrant, rabbit] });
    const { planHash } = planAccess(more, OWNER);
    const asked = (await world.contract('P-never')).seq + 1;
    const event = { source: 'x', id: 'x', contentHash: 'x' };
    const change = { widens: [], narrows: [] };
    for (const fact of [
      { kind: 'amendment-requested', data: { event, request: more, revision: 1, planHash, change } },
      { kind: 'approved', data: { of: asked, planHash, by: 'narrowing' } },
      { kind: 'amending', data: { revision: 1, policies: [] } },
      { kind: 'amended', data: { revision: 1, change, policies: [`${nameOf('P-never')}-1`], proofs: [] } },
    ] as const)
      await forge(world, 'P-never', fact);
    const ports = narrowed();
    const { outcome, epoch } = await admitAmendment(amendment('P-never', 2, { grants: [kafkaGrant] }), ports);
    expect(outcome).toBe('amend');
    await expect(amendAccess({ contractId: parseContractId('P-never'), epoch }, ports)).rejects.toMatchObject(
      {
        code: 'NOT_APPROVED',
      },
    );
  });
});

describe('where nobody is configured to approve', () => {
  let alone: World;
  beforeAll(async () => {
    const { LEASEHOLD_AUTO_APPROVAL } = approvedBy([]);
    alone = await startWorld({
      runner: 'in-process',
      env: { LEASEHOLD_AUTO_APPROVAL: LEASEHOLD_AUTO_APPROVAL! },
    });
  });
  afterAll(() => alone?.cloud.close());

  it('what the rule does not cover is refused at once', async () => {
    await alone.onboard('P-alone', { grants: [operate] });
    const heard = await alone.hear('P-alone', 'rejected', 'approval-needed');
    expect(heard.type).toBe('partner.access.rejected');
    expect(reasonsIn(heard)).toEqual(['NOT_AUTO_APPROVED']);
    expect(JSON.stringify(heard.data)).toMatch(/LEASEHOLD_APPROVERS.*LEASEHOLD_AUTO_APPROVAL/);
    expect((await alone.contract('P-alone')).state).toBe('rejected');
  });
});

describe('what is asked again after what is configured has changed', () => {
  let changed: World;
  const { lease } = request();
  beforeAll(async () => {
    changed = await startWorld({ runner: 'in-process', env: approvedBy([boss]) });
    for (const id of ['P-nobody', 'P-wider']) {
      await changed.onboard(id, { grants: [operate], lease });
      await changed.hear(id, 'approval-needed');
    }
    await changed.onboard('P-amends', { lease });
    await changed.hear('P-amends', 'granted');
    await amend(changed, 'P-amends', { revision: 1, grants: [operate], lease });
    await changed.hear('P-amends', 'approval-needed');
    await changed.calm();
  });
  afterAll(() => changed?.cloud.close());

  it('is refused where nobody is left who could approve it', async () => {
    await redeploy(changed, { LEASEHOLD_APPROVERS: '[]' });
    await changed.onboard('P-nobody', { grants: [operate], lease }, 'again-nobody');
    expect(reasonsIn(await changed.hear('P-nobody', 'rejected'))).toEqual(['NOT_AUTO_APPROVED']);
  });

  it('is granted where the rule covers it now', async () => {
    const rule = JSON.stringify({ maxLeaseSeconds: 31_622_400, allowUnavoidablyWider: true });
    await redeploy(changed, { ...approvedBy([boss]), LEASEHOLD_AUTO_APPROVAL: rule });
    await changed.onboard('P-wider', { grants: [operate], lease }, 'again-wider');
    await changed.hear('P-wider', 'granted');
    await amend(changed, 'P-amends', { revision: 1, grants: [operate], lease, id: 'again-amends' });
    await changed.hear('P-amends', 'amended');
    expect((await changed.contract('P-amends')).terms?.approval?.by).toBe('auto-approval');
  });
});
