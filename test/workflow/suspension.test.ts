import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import { addSeconds, instantOf } from '../../shared/domain/values.js';
import { failing, throttled } from '../../shared/loopback/dispatch.js';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { enterAs, hearNth, reasonsIn, resume, suspend, using } from '../support/changes.js';
import { kafkaGrant, OWNER, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const stateOf = async (id: string) => (await world.contract(id)).state;
const roleOf = async (id: string) => (await world.contract(id)).requested!.roleName;
const granted = async (id: string, changes: Parameters<typeof request>[0] = {}) => {
  await world.onboard(id, changes);
  return enterAs(world, id);
};
const asRoot = (action: string, params: Readonly<Record<string, string>>) =>
  world.cloud.cloud.call(world.cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, 'cn-hangzhou');

describe('a suspension', () => {
  it('refuses a live session, by one call, and says how long that took', async () => {
    const session = await granted('S-one');
    const before = world.cloud.calls.length;
    await suspend(world, 'S-one', 's-one');
    const suspended = await world.hear('S-one', 'suspended');
    expect(world.ramWrites(before)).toEqual(['AttachPolicyToRole']);
    expect(suspended.data).toMatchObject({ suspension: 's-one', by: 'security@a.example' });
    expect(suspended.data['timeToDenySeconds']).toBeTypeOf('number');
    expect(await using(world, session, kafkaGrant)).toBe('denied');
  });

  it('is lifted by one call, and the same session works again, on the same documents', async () => {
    const session = await granted('S-back');
    const name = await roleOf('S-back');
    const before = await world.ram().readPolicy({ type: 'Custom', name: `${name}-1` });
    await suspend(world, 'S-back', 's-back');
    await world.hear('S-back', 'suspended');
    const calls = world.cloud.calls.length;
    await resume(world, 'S-back', 's-back');
    const resumed = await world.hear('S-back', 'resumed', 'failed');
    expect(resumed.data).toMatchObject({ suspension: 's-back', remaining: [] });
    expect(world.ramWrites(calls)).toEqual(['DetachPolicyFromRole']);
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
    expect(await world.ram().readPolicy({ type: 'Custom', name: `${name}-1` })).toBe(before);
    expect(await stateOf('S-back')).toBe('active');
  });

  it('asked for twice is one, also when the repeat comes after it was lifted', async () => {
    const session = await granted('S-twice');
    world.cloud.events.switches.deliverTwice = true;
    await suspend(world, 'S-twice', 's-twice');
    await world.hear('S-twice', 'suspended');
    world.cloud.events.switches.deliverTwice = false;
    await resume(world, 'S-twice', 's-twice');
    await world.hear('S-twice', 'resumed');
    await suspend(world, 'S-twice', 's-twice');
    await world.calm();
    expect(await stateOf('S-twice')).toBe('active');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });

  it('beside another holds until both are lifted', async () => {
    const session = await granted('S-both');
    await suspend(world, 'S-both', 's-first');
    await hearNth(world, 'S-both', 'suspended', 1);
    await suspend(world, 'S-both', 's-second');
    await hearNth(world, 'S-both', 'suspended', 2);
    await resume(world, 'S-both', 's-first');
    const resumed = await hearNth(world, 'S-both', 'resumed', 1);
    expect(resumed.data).toMatchObject({ suspension: 's-first', remaining: ['s-second'] });
    expect(await using(world, session, kafkaGrant)).toBe('denied');
    await resume(world, 'S-both', 's-second');
    await hearNth(world, 'S-both', 'resumed', 2);
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });

  it('of the same id and content as one from another sender is one of its own, and holds until it is lifted too', async () => {
    const session = await granted('S-senders');
    await suspend(world, 'S-senders', 's-same', 'contracts.a.example');
    await hearNth(world, 'S-senders', 'suspended', 1);
    await suspend(world, 'S-senders', 's-same', 'security.a.example');
    const second = await hearNth(world, 'S-senders', 'suspended', 2);
    expect(second.data).toMatchObject({ suspension: 's-same-2' });
    await resume(world, 'S-senders', 's-same');
    const resumed = await hearNth(world, 'S-senders', 'resumed', 1);
    expect(resumed.data).toMatchObject({ suspension: 's-same', remaining: ['s-same-2'] });
    expect(await using(world, session, kafkaGrant)).toBe('denied');
    await suspend(world, 'S-senders', 's-same', 'security.a.example');
    await suspend(world, 'S-senders', 's-same', 'contracts.a.example');
    await world.calm();
    await resume(world, 'S-senders', 's-same-2');
    await hearNth(world, 'S-senders', 'resumed', 2);
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });

  it('of the same id as one that is over is lifted by nothing that comes late for that', async () => {
    await granted('S-over');
    await suspend(world, 'S-over', 's-over', 'contracts.a.example');
    await hearNth(world, 'S-over', 'suspended', 1);
    await resume(world, 'S-over', 's-over');
    await hearNth(world, 'S-over', 'resumed', 1);
    await suspend(world, 'S-over', 's-over', 'security.a.example');
    await hearNth(world, 'S-over', 'suspended', 2);
    await resume(world, 'S-over', 's-over', 'late');
    expect(reasonsIn(await hearNth(world, 'S-over', 'rejected', 1))).toEqual(['OTHER_SUSPENSION']);
    expect(await stateOf('S-over')).toBe('suspended');
  });

  it('never touches a neighbour for the same partner and resource', async () => {
    await granted('S-left');
    const session = await granted('S-right');
    await suspend(world, 'S-left', 's-left');
    await world.hear('S-left', 'suspended');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });

  it('is ended by a termination', async () => {
    await granted('S-ended');
    await suspend(world, 'S-ended', 's-ended');
    await world.hear('S-ended', 'suspended');
    await world.terminate('S-ended');
    await world.hear('S-ended', 'revoked');
    expect(await world.roles()).not.toContain(await roleOf('S-ended'));
    await resume(world, 'S-ended', 's-ended');
    expect(reasonsIn(await world.hear('S-ended', 'rejected'))).toEqual(['CONTRACT_ENDED']);
  });

  it('does not stop the lease: the end comes all the same', async () => {
    const { lease } = request();
    const expiresAt = addSeconds(instantOf(world.clock.now()), 900);
    await granted('S-expires', { lease: { ...lease, expiresAt } });
    await suspend(world, 'S-expires', 's-expires');
    await world.hear('S-expires', 'suspended');
    await world.clock.jumpTo(Date.parse(expiresAt) + 60_000);
    const revoked = await world.hear('S-expires', 'revoked');
    expect(revoked.data['reason']).toBe('expired');
  });
});

describe('a resumption of', () => {
  it('what is not suspended is refused', async () => {
    await granted('R-open');
    await resume(world, 'R-open', 's-never');
    expect(reasonsIn(await world.hear('R-open', 'rejected'))).toEqual(['NOT_SUSPENDED']);
  });

  it('another suspension than the one that holds lifts nothing', async () => {
    const session = await granted('R-other');
    await suspend(world, 'R-other', 's-holds');
    await world.hear('R-other', 'suspended');
    await resume(world, 'R-other', 's-other');
    expect(reasonsIn(await world.hear('R-other', 'rejected'))).toEqual(['OTHER_SUSPENSION']);
    expect(await using(world, session, kafkaGrant)).toBe('denied');
  });

  it('a role that was changed meanwhile opens nothing, and says what was changed', async () => {
    const session = await granted('R-drift');
    await suspend(world, 'R-drift', 's-drift');
    await world.hear('R-drift', 'suspended');
    await asRoot('AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AdministratorAccess',
      RoleName: await roleOf('R-drift'),
    });
    await resume(world, 'R-drift', 's-drift');
    const failed = await world.hear('R-drift', 'failed');
    expect(failed.data).toMatchObject({ step: 'ResumeAccess', state: 'suspended' });
    expect(await using(world, session, kafkaGrant)).toBe('denied');
  });

  it('and leaves what was changed as it is, where drift is only told', async () => {
    const role = await roleOf('R-drift');
    const onIt = (await world.ram().attachmentsOf(role)).map(({ policy }) => policy.name);
    expect(onIt).toEqual(expect.arrayContaining(['AdministratorAccess', 'leasehold-suspended']));
  });
});

describe('a suspension that races a resumption', () => {
  it.each(['before', 'after'] as const)('%s the stop is taken off leaves the stop on', async (moment) => {
    const id = `R-race-${moment}`;
    const session = await granted(id);
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
    let held: Promise<unknown> | undefined;
    const hold = async (call: { readonly action: string; readonly callerArn?: string }) => {
      if (
        held !== undefined ||
        call.action !== 'DetachPolicyFromRole' ||
        !call.callerArn?.includes('fn-grant')
      )
        return undefined;
      held = (async () => {
        await suspend(world, id, `again-${id}`);
        while ((await world.contract(id)).suspensions.every(({ id: one }) => one !== `again-${id}`))
          await new Promise((resolve) => setImmediate(resolve));
      })();
      await held;
      return undefined;
    };
    const undo = world.cloud.cloud.faults.add(
      moment === 'before' ? { before: hold } : { after: async (call) => void (await hold(call)) },
    );
    await resume(world, id, `s-${id}`);
    await hearNth(world, id, 'suspended', 2);
    await world.calm();
    undo();
    expect(held).toBeDefined();
    expect(await using(world, session, kafkaGrant)).toBe('denied');
    expect(await stateOf(id)).toBe('suspended');
  });
});

describe('a suspension or resumption whose write is answered by nobody', () => {
  it.each([
    ['AttachPolicyToRole', { kind: 'lost-reply' } as const],
    ['AttachPolicyToRole', throttled],
    ['DetachPolicyFromRole', { kind: 'lost-reply' } as const],
    ['DetachPolicyFromRole', throttled],
    ['PutObject', { kind: 'lost-reply' } as const],
  ])('%s (%o) ends as it should', async (action, fault) => {
    const id = `R-fault-${action}-${fault.kind}`;
    const session = await granted(id);
    await world.calm();
    const product = action === 'PutObject' ? 'oss' : 'Ram';
    const undo = world.cloud.cloud.faults.add(failing({ action, product, nth: 1 }, fault));
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
    expect(await using(world, session, kafkaGrant)).toBe('denied');
    await resume(world, id, `s-${id}`);
    await world.hear(id, 'resumed');
    undo();
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });
});

describe('a resumption that RAM shows late', () => {
  it('is waited for, and what was taken off is not taken for still there', async () => {
    const session = await granted('S-late');
    await suspend(world, 'S-late', 's-late');
    await world.hear('S-late', 'suspended');
    world.cloud.set({ propagationSeconds: 3 });
    await resume(world, 'S-late', 's-late');
    await hearNth(world, 'S-late', 'resumed', 1);
    world.cloud.set({ propagationSeconds: 0 });
    expect(await stateOf('S-late')).toBe('active');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });

  it('puts the stop on again when it is given up, though the stop may still be read', async () => {
    await granted('S-given-up');
    await suspend(world, 'S-given-up', 's-given-up');
    await world.hear('S-given-up', 'suspended');
    world.cloud.set({ propagationSeconds: 60 });
    await resume(world, 'S-given-up', 's-given-up');
    const failed = await world.hear('S-given-up', 'failed', 'resumed');
    world.cloud.set({ propagationSeconds: 0 });
    expect(failed.data).toMatchObject({ step: 'VerifyChange', withdrawn: true });
    const stops = (await world.ram().attachmentsOf(await roleOf('S-given-up'))).map(
      ({ policy }) => policy.name,
    );
    expect(stops).toContain('leasehold-suspended');
  });

  it('is tried again when it is posted again, and not once more after it was lifted', async () => {
    await world.calm();
    await resume(world, 'S-given-up', 's-given-up');
    await world.hear('S-given-up', 'resumed');
    await world.calm();
    const { seq } = await world.contract('S-given-up');
    await resume(world, 'S-given-up', 's-given-up');
    await world.calm();
    expect((await world.contract('S-given-up')).seq).toBe(seq);
  });
});

describe('a stop by an execution that the resumption has overtaken', () => {
  /** But not for so long that a call is given up. */
  const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tenths = 0; tenths < 90 && !(await isSo()); tenths++) await world.clock.sleep(100);
  };
  const isSuspension = ({ action, params }: CallInfo, wanted: string) =>
    action === wanted && params['PolicyName'] === 'leasehold-suspended';
  /** Suspends and resumes, and has a second execution of the suspension put the stop on after that. */
  const overtaken = async (
    id: string,
  ): Promise<{ readonly undo: () => void; readonly wasOvertaken: () => boolean }> => {
    let stops = 0;
    let isOvertaken = false;
    const undo = world.cloud.cloud.faults.add({
      before: async (call) => {
        if (!isSuspension(call, 'AttachPolicyToRole') || call.params['RoleName'] !== (await roleOf(id)))
          return undefined;
        stops += 1;
        if (stops === 1) {
          await startFlow(
            'leasehold-amendment',
            { contractId: id },
            world.cloud.connectionOf(world.cloud.root),
          );
          await until(() => stops === 2);
        } else if (stops === 2) {
          await until(async () =>
            (await world.contract(id)).suspensions.some(({ seen }) => seen !== undefined),
          );
          await resume(world, id, `s-${id}`);
          await until(async () => (await world.contract(id)).resumed !== undefined);
          isOvertaken = (await world.contract(id)).resumed !== undefined;
        }
        return undefined;
      },
    });
    await suspend(world, id, `s-${id}`);
    return { undo, wasOvertaken: () => isOvertaken };
  };

  it('comes off again', async () => {
    const session = await granted('S-overtaken');
    const { undo, wasOvertaken } = await overtaken('S-overtaken');
    await world.hear('S-overtaken', 'resumed');
    await world.calm();
    undo();
    expect(wasOvertaken()).toBe(true);
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });

  it('stays where the contract is suspended once more meanwhile', async () => {
    const session = await granted('S-once-more');
    const { undo } = await overtaken('S-once-more');
    let isSuspended = false;
    const undoDetaching = world.cloud.cloud.faults.add({
      before: async (call) => {
        const isIt = isSuspension(call, 'DetachPolicyFromRole') && call.callerArn?.includes('suspend-access');
        if (!isIt || isSuspended) return undefined;
        isSuspended = true;
        undo();
        await suspend(world, 'S-once-more', 's-once-more');
        await until(async () =>
          (await world.contract('S-once-more')).suspensions.some(({ seen }) => seen !== undefined),
        );
        return undefined;
      },
    });
    await world.hear('S-once-more', 'resumed');
    await world.calm();
    undoDetaching();
    expect(isSuspended).toBe(true);
    expect(await stateOf('S-once-more')).toBe('suspended');
    expect(await using(world, session, kafkaGrant)).toBe('denied');
  });
});
