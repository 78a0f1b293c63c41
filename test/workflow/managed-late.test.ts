import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManagedSetup } from '../../shared/domain/request.js';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { amend } from '../support/changes.js';
import { holdFirst } from '../support/hold-first.js';
import { letUsIn, managedGrantee, there, usersThere } from '../support/managed.js';
import { kafkaGrant, REGION } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  // What does not work is given up before what is held here is done.
  const impatient = { LEASEHOLD_VERDICT_INTERVAL_SECONDS: '1', LEASEHOLD_VERDICT_PATIENCE_SECONDS: '2' };
  world = await startWorld({ runner: 'in-process', env: impatient });
  await letUsIn(world);
}, 60_000);
afterAll(() => world?.cloud.close());

const etl = { logonName: 'etl', access: 'programmatic' } as const;
const nowhere = { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'no-such-bus' } as const;
const HELD_SECONDS = 45;

/** An amendment that has `setup` join etl and cannot be had, one call of which is applied after all was put back. */
async function amendedInVain(id: string, setup: Partial<ManagedSetup>, action: string): Promise<void> {
  await world.onboard(id, { grantee: managedGrantee({ users: [etl] }) });
  await world.hear(id, 'granted');
  const isIt = (call: CallInfo) =>
    call.action === action && call.callerArn?.includes('leasehold-provisioning') === true;
  const wasHeld = holdFirst(world, isIt, HELD_SECONDS);
  const grantee = managedGrantee({ ...setup, users: [etl, ...(setup.users ?? [])] });
  await amend(world, id, { revision: 1, grantee, grants: [kafkaGrant, nowhere] });
  await world.hear(id, 'failed');
  await world.jumpTo(world.clock.now() + 2 * HELD_SECONDS * 1000);
  expect(wasHeld()).toBe(true);
}
/** Longer than anything is looked at once more. */
const halfAnHourLater = async (): Promise<void> => {
  await world.jumpTo(world.clock.now() + 1_800_000);
  await world.calm();
};
async function ended(id: string): Promise<void> {
  await world.terminate(id);
  await world.hear(id, 'revoked');
}
const driftOf = (id: string) =>
  world.outbox.heard.filter(({ subject, type }) => subject === id && type.endsWith('.drift-found'));
async function rolesThere(): Promise<readonly string[]> {
  const { Roles } = (await there(world, '2015-05-01', 'ListRoles', {})) as {
    readonly Roles: { readonly Role: readonly { readonly RoleName: string }[] };
  };
  return Roles.Role.map(({ RoleName }) => RoleName).filter((name) => name !== 'leasehold-provisioning');
}

describe('who was to join by an amendment that failed, and is made after that', () => {
  it('leaves again while the contract goes on, if it is a user', async () => {
    await amendedInVain('J-user', { users: [{ logonName: 'bob', access: 'programmatic' }] }, 'CreateUser');
    expect(await usersThere(world)).toEqual(['bob', 'etl']);
    await halfAnHourLater();
    expect(await usersThere(world)).toEqual(['etl']);
    expect(driftOf('J-user')).toEqual([]);
    await ended('J-user');
  });

  it('leaves again while the contract goes on, if it is a role', async () => {
    const roles = [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }] as const;
    await amendedInVain('J-role', { roles }, 'CreateRole');
    expect(await rolesThere()).toEqual(['etl-ecs']);
    await halfAnHourLater();
    expect(await rolesThere()).toEqual([]);
    await ended('J-role');
  });

  it('stays if the grantee has given it something of his own meanwhile', async () => {
    await amendedInVain('J-kept', { users: [{ logonName: 'carol', access: 'programmatic' }] }, 'CreateUser');
    const own = { PolicyType: 'System', PolicyName: 'AliyunKafkaReadOnlyAccess', UserName: 'carol' };
    await there(world, '2015-05-01', 'AttachPolicyToUser', own);
    await halfAnHourLater();
    expect(await usersThere(world)).toEqual(['carol', 'etl']);
    await ended('J-kept');
    expect(await usersThere(world)).toEqual(['carol']);
    await there(world, '2015-05-01', 'DetachPolicyFromUser', own);
    await there(world, '2015-05-01', 'DeleteUser', { UserName: 'carol' });
  });

  it('stays if a later amendment has asked for it again', async () => {
    const dave = { logonName: 'dave', access: 'programmatic' } as const;
    await amendedInVain('J-again', { users: [dave] }, 'CreateUser');
    await amend(world, 'J-again', { revision: 2, grantee: managedGrantee({ users: [etl, dave] }) });
    await world.hear('J-again', 'amended');
    await halfAnHourLater();
    expect(await usersThere(world)).toEqual(['dave', 'etl']);
    expect(driftOf('J-again')).toEqual([]);
    await ended('J-again');
  });

  it('stays if it is asked for again just when it was seen', async () => {
    const erin = { logonName: 'erin', access: 'programmatic' } as const;
    await amendedInVain('J-just', { users: [erin] }, 'CreateUser');
    let isAsked = false;
    const undo = world.cloud.cloud.faults.add({
      after: async ({ action, params, callerArn }) => {
        const isLook = action === 'ListPoliciesForUser' && callerArn?.includes('leasehold-provisioning');
        if (isAsked || !isLook || !JSON.stringify(params).includes('erin')) return;
        isAsked = true;
        await amend(world, 'J-just', { revision: 2, grantee: managedGrantee({ users: [etl, erin] }) });
        await world.clock.sleep(5_000);
      },
    });
    await halfAnHourLater();
    undo();
    expect(isAsked).toBe(true);
    expect(world.outbox.heard.filter(({ subject }) => subject === 'J-just').map(({ type }) => type)).toEqual([
      'partner.access.granted',
      'partner.access.failed',
      'partner.access.amended',
    ]);
    expect(await usersThere(world)).toEqual(['erin', 'etl']);
    await ended('J-just');
  });
});
