import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { handOverPage } from '../../shared/app/hand-over/page.js';
import { makeProductPort } from '../../shared/cloud/alibaba/products.js';
import { makeStsPort } from '../../shared/cloud/alibaba/sts.js';
import type { Session } from '../../shared/cloud/ports.js';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { grantProbes } from '../../shared/services/index.js';
import { kafkaGrant, OWNER, PARTNER, REGION, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const nameOf = (id: string) => roleNameOf(parseContractId(id));
const handOver = async (id: string) => (await world.hear(id, 'granted')).data as unknown as HandOver;
const enter = async (id: string): Promise<Session> => {
  const [person] = await world.partner.accept(await handOver(id));
  const entered = await person!.enter(await handOver(id));
  if ('refused' in entered) throw new Error(entered.refused);
  return entered;
};
const use = async (session: Session) => {
  const port = makeProductPort(world.cloud.connectionOf(world.cloud.root));
  const [probe] = grantProbes(kafkaGrant as ResourceGrant, OWNER);
  return (await port.call(probe!.call, session)).outcome;
};
const ramByHand = (action: string, params: Readonly<Record<string, string>>) =>
  world.asOwner('2015-05-01', action, params);
const asLease = (startsAt: string, expiresAt: string) => ({
  lease: { startsAt, expiresAt } as ReturnType<typeof request>['lease'],
});

describe('one contract, from request to proven end', () => {
  it('takes at most 10 state entries, 4 RAM writes to onboard and 6 to revoke', async () => {
    const entered = () =>
      world.cloud.flows.stateEntriesOf(OWNER, 'leasehold-onboarding') +
      world.cloud.flows.stateEntriesOf(OWNER, 'leasehold-revocation');
    const before = entered();
    const calls = world.cloud.calls.length;
    await world.onboard('C-count');
    await world.hear('C-count', 'granted');
    expect(world.ramWrites(calls)).toEqual([
      'CreateRole',
      'CreatePolicy',
      'AttachPolicyToRole',
      'UpdateRole',
    ]);
    const granted = world.cloud.calls.length;
    await world.terminate('C-count');
    await world.hear('C-count', 'revoked');
    await world.calm();
    expect(world.ramWrites(granted)).toEqual([
      'AttachPolicyToRole',
      'UpdateRole',
      'DetachPolicyFromRole',
      'DetachPolicyFromRole',
      'DeleteRole',
      'DeletePolicy',
    ]);
    expect(entered() - before).toBeLessThanOrEqual(10);
  });

  it('leaves facts that are chained, and nothing in RAM', async () => {
    const kinds = (await world.facts('C-count')).map((fact) => fact.kind);
    expect(kinds).toEqual([
      'requested',
      'approved',
      'granting',
      'role-created',
      'verified',
      'activated',
      'handed-over',
      'ending',
      'cut',
      'removed',
      'ended',
    ]);
    expect(await world.roles()).not.toContain(nameOf('C-count'));
    expect(await world.ram().readPolicy({ type: 'Custom', name: `${nameOf('C-count')}-1` })).toBeUndefined();
  });

  it('leaves the request id of every write in the facts', async () => {
    const recorded = (await world.facts('C-count')).flatMap(({ calls = [] }) => calls);
    expect(recorded.map(({ action }) => action)).toEqual([
      'ram:CreateRole',
      'ram:CreatePolicy',
      'ram:AttachPolicyToRole',
      'ram:UpdateRole',
      'ram:AttachPolicyToRole',
      'ram:UpdateRole',
      'ram:DetachPolicyFromRole',
      'ram:DetachPolicyFromRole',
      'ram:DeleteRole',
      'ram:DeletePolicy',
    ]);
    const made = new Map(world.cloud.calls.map(({ requestId, action }) => [requestId, `ram:${action}`]));
    for (const { action, requestId } of recorded) expect(made.get(requestId)).toBe(action);
  });

  it('keeps the hand-over, to be given out again, as it was announced', async () => {
    const [key] = await world.evidence().list('hand-overs/C-count/');
    const { register: _, page, part, ...announced } = (await world.hear('C-count', 'granted')).data;
    // What was seen to work is known only when it is announced.
    const seen = { proven: announced['proven'], judged: announced['judged'] };
    const kept = { ...JSON.parse((await world.evidence().read(key!))!), ...seen };
    expect(kept).toEqual(announced);
    expect(page).toBe(handOverPage(kept));
    expect(part).toEqual({ number: 1, of: 1 });
  });

  it('records the time to the first refusal, seen by a session that had worked', async () => {
    const revoked = await world.hear('C-count', 'revoked');
    expect(revoked.data['timeToDenySeconds']).toBeTypeOf('number');
    expect(revoked.data['witness']).toBe('a live session worked before the cut');
    expect(String(revoked.data['tokenDeath'])).toMatch(/^a live token was refused/);
  });
});

describe('with every process of ours dead', () => {
  it('the policies refuse before the lease and from its end on, also a session that worked a minute before', async () => {
    const at = (days: number) =>
      new Date(world.clock.now() + days * 86_400_000).toISOString().replace(/\.\d+/, '');
    const [startsAt, expiresAt] = [at(1), at(2)];
    await world.onboard('C-window', asLease(startsAt, expiresAt));
    const data = await handOver('C-window');
    const [person] = await world.partner.accept(data);
    // The policy that the partner was given for his own side holds the window too.
    expect(await person!.enter(data)).toHaveProperty('refused');
    await world.clock.jumpTo(Date.parse(startsAt) + 1000);
    expect(await use((await person!.enter(data)) as Session)).toBe('allowed');
    await world.clock.jumpTo(Date.parse(expiresAt) - 60_000);
    const late = (await person!.enter(data)) as Session;
    expect(await use(late)).toBe('allowed');
    // No flow starts from here on, so neither the sweep nor anything else of ours is there to end it.
    const revive = world.cloud.cloud.faults.add({
      before: (call) =>
        call.action === 'StartExecution'
          ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
          : undefined,
    });
    await world.clock.jumpTo(Date.parse(expiresAt));
    expect(await use(late)).toBe('denied');
    expect((await makeStsPort(world.cloud.connectionOf(world.cloud.root)).callerOf(late)).outcome).toBe(
      'alive',
    );
    expect(await person!.enter(data)).toHaveProperty('refused');
    expect((await world.contract('C-window')).state).toBe('active');
    revive();
  });

  it('the end is recorded all the same, with no time to deny since nothing was open', async () => {
    await world.terminate('C-window');
    const revoked = await world.hear('C-window', 'revoked');
    expect(revoked.data['timeToDenySeconds']).toBe('n/a');
  });
});

describe('an ended contract', () => {
  it('stays ended: neither a repeat nor a new request re-opens it', async () => {
    await world.onboard('C-again');
    await world.hear('C-again', 'granted');
    await world.terminate('C-again');
    await world.hear('C-again', 'revoked');
    const calls = world.cloud.calls.length;
    await world.onboard('C-again');
    await world.onboard('C-again', {}, 'a-new-event');
    const rejected = await world.hear('C-again', 'rejected');
    await world.calm();
    expect(JSON.stringify(rejected.data)).toContain('CONTRACT_ENDED');
    expect(world.ramWrites(calls)).toEqual([]);
  });

  it('may end before it began: the onboarding is then refused', async () => {
    await world.terminate('C-unborn');
    await world.hear('C-unborn', 'revoked');
    await world.onboard('C-unborn');
    expect(JSON.stringify((await world.hear('C-unborn', 'rejected')).data)).toContain('CONTRACT_ENDED');
    expect(await world.roles()).not.toContain(nameOf('C-unborn'));
  });

  it('never touches its neighbour for the same partner and resource', async () => {
    await world.onboard('C-left');
    await world.onboard('C-right');
    await world.hear('C-left', 'granted');
    const session = await enter('C-right');
    await world.terminate('C-left');
    await world.hear('C-left', 'revoked');
    expect(await use(session)).toBe('allowed');
  });
});

describe('a request', () => {
  it('that cannot be honoured is answered with every reason and no call with an effect', async () => {
    const calls = world.cloud.calls.length;
    await world.onboard('C-bad', {
      ...asLease('2025-01-01T00:00:00Z', '2024-01-01T00:00:00Z'),
      grants: [{ service: 'eventbridge', access: 'publish', region: REGION, eventBus: 'leasehold' }],
    });
    const { data } = await world.hear('C-bad', 'rejected');
    const codes = (data['reasons'] as readonly { readonly code: string }[]).map((reason) => reason.code);
    expect(codes.sort()).toEqual(['LEASE_ENDS_BEFORE_START', 'LEASE_IN_THE_PAST', 'PROTECTED']);
    expect(world.ramWrites(calls)).toEqual([]);
  });

  it('that cannot be read in part is told what speaks against the rest, where that stands in it', async () => {
    const calls = world.cloud.calls.length;
    const grants = [
      { ...kafkaGrant, access: 'everything' },
      { service: 'eventbridge', access: 'publish', region: REGION, eventBus: 'leasehold' },
    ];
    const lease = asLease('2025-01-01T00:00:00Z', '2024-01-01T00:00:00Z');
    await world.onboard('C-part', { ...lease, grants: grants as never });
    const { data } = await world.hear('C-part', 'rejected');
    const reasons = data['reasons'] as readonly { readonly code: string; readonly pointer: string }[];
    expect(reasons.map(({ code, pointer }) => `${code} ${pointer}`).sort()).toEqual([
      'LEASE_ENDS_BEFORE_START /data/lease/expiresAt',
      'LEASE_IN_THE_PAST /data/lease/expiresAt',
      'PROTECTED /data/grants/1/eventBus',
      'SCHEMA /data/grants/0/access',
    ]);
    expect(world.ramWrites(calls)).toEqual([]);
    expect((await world.contract('C-part')).state).toBe('unknown');
  });

  it('that cannot be read in part is told too that its contract is at work, and nothing of it changes', async () => {
    await world.onboard('C-at-work');
    await world.hear('C-at-work', 'granted');
    const grants = [
      { ...kafkaGrant, access: 'everything' },
      { ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' },
    ];
    await world.onboard('C-at-work', { grants: grants as never }, 'other-request');
    const { data } = await world.hear('C-at-work', 'rejected');
    expect(JSON.stringify(data)).toMatch(/SCHEMA.*CONTRACT_EXISTS/);
    expect((await world.contract('C-at-work')).state).toBe('active');
  });

  it('that was rejected may be mended and asked again', async () => {
    await world.onboard('C-bad', {}, 'mended');
    await world.hear('C-bad', 'granted');
  });

  it('with other content for a contract that lives is refused and changes nothing', async () => {
    await world.onboard('C-live');
    await world.hear('C-live', 'granted');
    const calls = world.cloud.calls.length;
    await world.onboard('C-live', { requestedBy: 'somebody.else@a.example' }, 'second-request');
    expect(JSON.stringify((await world.hear('C-live', 'rejected')).data)).toContain('CONTRACT_EXISTS');
    expect(world.ramWrites(calls)).toEqual([]);
    expect((await world.contract('C-live')).state).toBe('active');
  });

  it('under the id of an earlier event with other content is reported', async () => {
    await world.onboard('C-reuse');
    await world.hear('C-reuse', 'granted');
    await world.onboard('C-reuse', { requestedBy: 'somebody.else@a.example' });
    expect(JSON.stringify((await world.hear('C-reuse', 'rejected')).data)).toContain('EVENT_REUSED');
  });

  it('that cannot be read is answered too', async () => {
    await world.post({
      id: 'unreadable',
      source: 'test',
      type: 'partner.onboarding.requested',
      subject: 'not..good',
      data: { contractId: 'not..good' },
    });
    expect((await world.hear('unreadable', 'rejected')).data['reasons']).not.toEqual([]);
  });

  it('on another bus starts nothing', async () => {
    const started = world.cloud.flows.executionsOf(OWNER, 'leasehold-onboarding').length;
    await world.cloud.events.publisher.publish(world.cloud.accounts.rootOf(OWNER), 'cn-hangzhou', [
      {
        id: 'elsewhere',
        source: 'test',
        specversion: '1.0',
        time: '2026-12-01T00:00:00Z',
        type: 'partner.onboarding.requested',
        subject: 'C-x',
        data: request(),
        aliyuneventbusname: 'orders',
      },
    ]);
    await world.calm();
    expect(world.cloud.flows.executionsOf(OWNER, 'leasehold-onboarding').length).toBe(started);
  });
});

describe('an onboarding that fails for good', () => {
  it('is taken back whole, told, and may be asked again', async () => {
    await world.onboard('C-missing', {
      grants: [{ ...kafkaGrant, instanceId: 'alikafka_pre-cn-nowhere' } as typeof kafkaGrant],
    });
    const failed = await world.hear('C-missing', 'failed');
    const failure = {
      step: 'VerifyAccess',
      code: 'BrokenPromiseError',
      reason: expect.stringContaining('alikafka_pre-cn-nowhere finds nothing of that name'),
    };
    expect(failed.data).toMatchObject({ ...failure, withdrawn: true, state: 'failed' });
    expect(await world.contract('C-missing')).toMatchObject({ failed: failure });
    expect(await world.roles()).not.toContain(nameOf('C-missing'));
    expect(
      await world.ram().readPolicy({ type: 'Custom', name: `${nameOf('C-missing')}-1` }),
    ).toBeUndefined();
    await world.onboard('C-missing', {}, 'mended-request');
    await world.hear('C-missing', 'granted');
    expect((await world.contract('C-missing')).state).toBe('active');
  });
});

describe('an account with no room', () => {
  it('refuses before the first effect', async () => {
    const make = (PolicyName: string) =>
      world.cloud.cloud.call(
        world.cloud.accounts.rootOf(OWNER),
        '2015-05-01',
        'CreatePolicy',
        {
          PolicyName,
          PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Deny","Action":"a:B","Resource":"*"}]}',
        },
        REGION,
      );
    const made: string[] = [];
    for (let n = 0; n < 1_600; n++) {
      const outcome = await make(`filler-${n}`).then(
        () => 'made',
        (error: { readonly code: string }) => error.code,
      );
      if (outcome !== 'made') {
        expect(outcome).toBe('LimitExceeded.Policy');
        break;
      }
      made.push(`filler-${n}`);
    }
    const calls = world.cloud.calls.length;
    await world.onboard('C-full');
    expect(JSON.stringify((await world.hear('C-full', 'rejected')).data)).toContain('QUOTA');
    expect(world.ramWrites(calls)).toEqual([]);
    for (const PolicyName of made) await ramByHand('DeletePolicy', { PolicyName });
  });
});

describe('a cloud that is slow to take things in', () => {
  it('is waited for: the time to deny is the time until sessions were seen to be refused', async () => {
    // Its time passes by itself: one that is moved stands still while a function looks, and this one looks at how time passes.
    const slow = await startWorld({ runner: 'processes' });
    try {
      await slow.onboard('C-slow');
      await slow.hear('C-slow', 'granted');
      slow.cloud.set({ propagationSeconds: 1 });
      await slow.terminate('C-slow');
      const revoked = await slow.outbox.answerTo('C-slow', ['revoked']);
      expect(Number(revoked.data['timeToDenySeconds'])).toBeGreaterThan(0.5);
      expect(String(revoked.data['tokenDeath'])).toMatch(/^a live token was refused/);
    } finally {
      slow.cloud.close();
    }
  });
});

describe('an account whose room cannot be read', () => {
  it('is not taken to have room', async () => {
    const reader = {
      before: (call: { readonly action: string }) =>
        call.action === 'GetAccountSummary'
          ? { kind: 'error' as const, status: 403, code: 'NoPermission' }
          : undefined,
    };
    const undo = world.cloud.cloud.faults.add(reader);
    await world.onboard('C-unread');
    const failed = await world.hear('C-unread', 'failed');
    undo();
    expect(failed.data).toMatchObject({ step: 'AdmitRequest', code: 'DeniedError' });
    expect(await world.roles()).not.toContain(nameOf('C-unread'));
  });
});

describe('what is not ours', () => {
  it('is reported and never changed: a role of our name that somebody else made', async () => {
    const RoleName = nameOf('C-squatted');
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${PARTNER}:root` } },
      ],
    });
    await ramByHand('CreateRole', { RoleName, AssumeRolePolicyDocument });
    await world.onboard('C-squatted');
    const failed = await world.hear('C-squatted', 'failed');
    expect(failed.data).toMatchObject({
      step: expect.any(String),
      owner: expect.any(String),
      next: expect.any(String),
    });
    const role = await world.ram().observeRole(RoleName);
    expect(JSON.parse(role!.trust)).toEqual(JSON.parse(AssumeRolePolicyDocument));
    expect(await world.ram().attachmentsOf(RoleName)).toEqual([]);
  });
});

describe('a partner who is given access', () => {
  it('gets past no guard, also when somebody attaches a system policy to the role', async () => {
    await world.onboard('C-guard');
    const session = await enter('C-guard');
    const attach = { PolicyType: 'System', PolicyName: 'AdministratorAccess', RoleName: nameOf('C-guard') };
    await ramByHand('AttachPolicyToRole', attach);
    const { caller } = world.cloud.cloud.identity.authenticate(session.accessKeyId, session.securityToken);
    for (const action of ['ram:CreateUser', 'alikafka:ListSaslUser', 'eventbridge:PutTargets']) {
      expect(
        world.cloud.cloud.identity.authorize(caller, { action, resource: `acs:ram::${OWNER}:role/x` }).effect,
        action,
      ).toBe('deny');
    }
    await world.terminate('C-guard');
    const revoked = await world.hear('C-guard', 'revoked');
    expect(revoked.data['foreign']).toEqual(['AdministratorAccess']);
    expect(await world.roles()).not.toContain(nameOf('C-guard'));
  });
});
