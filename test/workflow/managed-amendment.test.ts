import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { amend, reasonsIn } from '../support/changes.js';
import { failOnce } from '../support/fail-once.js';
import {
  bob,
  driftToldOf,
  ended,
  etl,
  granted,
  managedGrantee,
  policiesOf,
  startManaged,
  there,
  usersThere,
} from '../support/managed.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startManaged();
}, 60_000);
afterAll(() => world.cloud.close());

describe('an amendment by which somebody is to join under a name that no key can hold', () => {
  it('is refused before anything is done, and keeps the end from nothing', async () => {
    await granted(world, 'A-dots', { users: [bob] });
    const users = [bob, { ...etl, logonName: '..' }];
    await amend(world, 'A-dots', { revision: 1, grantee: managedGrantee({ users }) });
    expect(reasonsIn(await world.hear('A-dots', 'rejected', 'failed', 'amended'))).toEqual(['BAD_NAME']);
    expect((await ended(world, 'A-dots')).type).toBe('partner.access.revoked');
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('an amendment that fails', () => {
  afterEach(async () => {
    await ended(world, 'A-fails');
    expect(await usersThere(world)).toEqual([]);
  });
  it('takes back who was to join, and leaves who was there', async () => {
    await granted(world, 'A-fails', { users: [etl] });
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, callerArn }) =>
        action === 'CreatePolicyVersion' && callerArn?.includes('leasehold-amend-access') === true
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    await amend(world, 'A-fails', {
      revision: 1,
      grantee: managedGrantee({ users: [etl, bob] }),
      lease: { startsAt: '2026-12-01T00:00:00Z', expiresAt: '2027-03-01T00:00:00Z' } as never,
    });
    const failed = await world.hear('A-fails', 'failed', 'amended');
    undo();
    expect(failed.data).toMatchObject({ step: 'AmendAccess', withdrawn: true });
    expect(await usersThere(world)).toEqual(['etl']);
    const policy = (await there(world, '2015-05-01', 'GetPolicy', {
      PolicyType: 'Custom',
      PolicyName: (await policiesOf(world, 'etl'))[0] ?? '',
    })) as { readonly DefaultPolicyVersion: { readonly PolicyDocument: string } };
    expect(policy.DefaultPolicyVersion.PolicyDocument).toContain('2027-06-01T00:00:00Z');
  });
});

describe('a refusal in the partner’s account that does not last', () => {
  /** As a burst of writes is answered. */
  const refusedOnce = (action: string) => {
    let times = 0;
    const undo = world.cloud.cloud.faults.add({
      before: ({ callerArn, ...call }) =>
        call.action === action && callerArn?.includes('leasehold-provisioning') && ++times === 1
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    return () => {
      undo();
      return times > 1;
    };
  };

  it('leaves nobody behind at the end', async () => {
    await granted(world, 'B-end', { users: [etl] });
    const wasRefused = refusedOnce('DeleteUser');
    const { data } = await ended(world, 'B-end');
    expect(wasRefused()).toBe(true);
    expect(data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
  });

  it('leaves nobody of an amendment that failed', async () => {
    await granted(world, 'B-fails', { users: [etl] });
    const refused = world.cloud.cloud.faults.add({
      before: ({ action, callerArn }) =>
        action === 'CreatePolicyVersion' && callerArn?.includes('leasehold-amend-access')
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    const wasRefused = refusedOnce('DeleteUser');
    await amend(world, 'B-fails', {
      revision: 1,
      grantee: managedGrantee({ users: [etl, bob] }),
      lease: { startsAt: '2026-12-01T00:00:00Z', expiresAt: '2027-03-01T00:00:00Z' } as never,
    });
    await world.hear('B-fails', 'failed', 'amended');
    refused();
    expect(wasRefused()).toBe(true);
    expect(await usersThere(world)).toEqual(['etl']);
    await ended(world, 'B-fails');
  });
});

const joins = managedGrantee({ roles: [{ name: 'late-ecs', trusts: 'ecs.aliyuncs.com' }] }, [
  { type: 'role', name: 'late-ecs', via: 'api' },
]);
const isThere = () =>
  there(world, '2015-05-01', 'GetRole', { RoleName: 'late-ecs' }).then(
    () => true,
    (error: { readonly code?: string }) => {
      if (error.code === 'EntityNotExist.Role') return false;
      throw error;
    },
  );

describe('an amendment by which Leasehold is to set up a role, where it was not to set up anybody', () => {
  it('leaves nothing of it where the role was made and could not be let in', async () => {
    await world.onboard('S-half', {});
    await world.hear('S-half', 'granted');
    let wasThere = false;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, params }) => {
        if (action !== 'AttachPolicyToRole' || params['RoleName'] !== 'late-ecs') return undefined;
        wasThere ||= await isThere();
        return { kind: 'error', status: 403, code: 'NoPermission' };
      },
    });
    await amend(world, 'S-half', { revision: 1, grantee: joins });
    const failed = await world.hear('S-half', 'failed', 'amended');
    undo();
    expect([failed.type, wasThere]).toEqual(['partner.access.failed', true]);
    expect(await isThere()).toBe(false);
    await ended(world, 'S-half');
  });
});

describe('an end that overtakes an amendment while a role is made for it at the partner', () => {
  /** `meanwhile` goes on before the role is made. */
  async function overtaken(id: string, meanwhile: () => Promise<void>): Promise<void> {
    await world.onboard(id, {});
    await world.hear(id, 'granted');
    await world.settle();
    let isHeld = false;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, params }) => {
        if (isHeld || action !== 'CreateRole' || params['RoleName'] !== 'late-ecs') return undefined;
        isHeld = true;
        await meanwhile();
        return undefined;
      },
    });
    await amend(world, id, { revision: 1, grantee: joins });
    await world.hear(id, 'revoked');
    await world.settle();
    undo();
    expect(isHeld).toBe(true);
  }
  const sleep = (seconds: number) => world.clock.sleep(seconds * 1000);

  it('has it taken back by who made it too late', async () => {
    await overtaken('O-slow', async () => {
      await world.terminate('O-slow');
      // A call is waited for ten seconds.
      for (let waited = 0; waited < 9; waited += 0.1)
        if ((await world.contract('O-slow')).state !== 'ended') await sleep(0.1);
    });
    expect((await world.contract('O-slow')).state).toBe('ended');
    expect(await isThere()).toBe(false);
  });

  it('finds it at a later look, however late it came, and has it told, however late the bus takes that', async () => {
    await overtaken('O-late', async () => {
      await world.terminate('O-late');
      await sleep(30 * 60);
    });
    await world.jumpTo(world.clock.now() + 31 * 60_000);
    await world.settle();
    expect(await isThere()).toBe(true);
    const isTelling = ({ action, callerArn }: CallInfo) =>
      action === 'PutEvents' && callerArn?.includes('fn-revoke') === true;
    const putBack = failOnce(world, isTelling);
    await world.jumpTo(world.clock.now() + 26 * 3_600_000);
    await world.settle();
    const isRefused = putBack();
    expect(await isThere()).toBe(false);
    // The step that removed it finds nothing to do when it is tried again; the sweep tells what it could not.
    await world.jumpTo(world.clock.now() + 31 * 60_000);
    await world.settle();
    expect(isRefused).toBe(true);
    expect(driftToldOf(world, 'O-late')).toMatchObject([{ findings: [{ code: 'LEFT_BEHIND' }] }]);
  });
});
