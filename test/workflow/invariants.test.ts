import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import type { Session } from '../../shared/cloud/ports.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { ApiError, type CallInfo } from '../../shared/loopback/kernel.js';
import { OWNER, PARTNER, REGION } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const nameOf = (id: string) => roleNameOf(parseContractId(id));
const enter = async (id: string): Promise<Session> => {
  const handOver = (await world.hear(id, 'granted')).data as unknown as HandOver;
  const [person] = await world.partner.accept(handOver);
  const entered = await person!.enter(handOver);
  if ('refused' in entered) throw new Error(entered.refused);
  return entered;
};
/** What the policies now say of a read that the grant allows. */
const allowedNow = (session: Session): boolean => {
  const { caller } = world.cloud.cloud.identity.authenticate(session.accessKeyId, session.securityToken);
  const request = {
    action: 'alikafka:ListTopic',
    resource: `acs:alikafka:${REGION}:${OWNER}:alikafka_pre-cn-x1`,
  };
  return world.cloud.cloud.identity.authorize(caller, request).effect === 'allow';
};
/** Whether the session's token still is one. */
const aliveNow = ({ accessKeyId, securityToken }: Session): boolean => {
  try {
    world.cloud.cloud.identity.authenticate(accessKeyId, securityToken);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
};
const isWriteOf = (call: CallInfo, functions: string) =>
  /^(Ram|ResourceManager)$/i.test(call.product) && call.callerArn?.includes(functions) === true;

describe('a role that is being built', () => {
  it('names nobody of the partner in its trust policy until it is verified', async () => {
    const moments: { readonly action: string; readonly trust: string }[] = [];
    const undo = world.cloud.cloud.faults.add({
      after: async ({ action, callerArn = '' }) => {
        const isStep = /fn-grant/.test(callerArn) && /^(CreateRole|CreatePolicy|AttachPolicy)/.test(action);
        if (!isStep && !(/fn-verify/.test(callerArn) && action === 'AssumeRole')) return;
        const role = await world.ram().observeRole(nameOf('I-closed'));
        moments.push({ action, trust: role?.trust ?? '' });
      },
    });
    await world.onboard('I-closed');
    await world.hear('I-closed', 'granted');
    undo();
    expect(new Set(moments.map(({ action }) => action))).toEqual(
      new Set(['CreateRole', 'CreatePolicy', 'AttachPolicyToRole', 'AssumeRole']),
    );
    expect(moments.filter(({ trust }) => trust === '' || trust.includes(PARTNER))).toEqual([]);
    expect((await world.ram().observeRole(nameOf('I-closed')))?.trust).toContain(PARTNER);
  });
});

describe('a removal', () => {
  it('lets a live session through at no moment between its calls', async () => {
    await world.onboard('I-removal');
    const session = await enter('I-removal');
    expect(allowedNow(session)).toBe(true);
    const moments: { readonly action: string; readonly open: boolean }[] = [];
    const look = (call: CallInfo) => {
      if (!isWriteOf(call, 'fn-revoke') || /^(Get|List)/.test(call.action)) return;
      // After the role is gone there is no caller left to ask about.
      if (call.action === 'DeleteRole' || call.action === 'DeletePolicy') return;
      moments.push({ action: call.action, open: allowedNow(session) });
    };
    const undo = world.cloud.cloud.faults.add({ after: look });
    await world.terminate('I-removal');
    await world.hear('I-removal', 'revoked');
    undo();
    const [cut, ...later] = moments;
    expect(cut).toEqual({ action: 'AttachPolicyToRole', open: false });
    expect(later.length).toBeGreaterThan(2);
    expect(later.filter(({ open }) => open)).toEqual([]);
  });

  it('is recorded once a token was seen to be dead, however slowly the cloud takes things in', async () => {
    await world.onboard('I-token');
    const session = await enter('I-token');
    let isDeleted = false;
    const whenRecorded: string[] = [];
    const undo = world.cloud.cloud.faults.add({
      after: (call) => {
        isDeleted ||= call.action === 'DeleteRole';
        // The next fact is `removed`, and nobody else is at work.
        if (isDeleted && call.product === 'oss' && call.action === 'PutObject')
          whenRecorded.push(aliveNow(session) ? 'alive' : 'dead');
      },
    });
    world.cloud.set({ propagationSeconds: 2 });
    await world.terminate('I-token');
    const revoked = await world.hear('I-token', 'revoked');
    world.cloud.set({ propagationSeconds: 0 });
    undo();
    expect(String(revoked.data['tokenDeath'])).toMatch(/^a live token was refused/);
    expect(whenRecorded[0]).toBe('dead');
  });
});

describe('a policy of a name like ours that somebody else made', () => {
  it('is neither changed nor deleted, and the onboarding is told to have failed', async () => {
    const PolicyName = `${nameOf('I-policy')}-1`;
    const PolicyDocument = JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'ecs:DescribeInstances', Resource: '*' }],
    });
    const root = world.cloud.accounts.rootOf(OWNER);
    await world.cloud.cloud.call(root, '2015-05-01', 'CreatePolicy', { PolicyName, PolicyDocument }, REGION);
    await world.onboard('I-policy');
    await world.hear('I-policy', 'failed');
    const there = await world.ram().readPolicy({ type: 'Custom', name: PolicyName });
    expect(JSON.parse(there!)).toEqual(JSON.parse(PolicyDocument));
    expect(await world.roles()).not.toContain(nameOf('I-policy'));
  });
});
