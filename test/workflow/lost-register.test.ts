import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDue } from '../../shared/app/doctor/find-due.js';
import { judgeDue } from '../../shared/app/doctor/keeping.js';
import { addSeconds, instantOf } from '../../shared/domain/values.js';
import { enterAs, using } from '../support/changes.js';
import { HOUR, roleOf } from '../support/drift-stage.js';
import { kafkaGrant, PARTNER } from '../support/requests.js';
import { portsAsRoot } from '../support/side-doors.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

/** As a lifecycle rule would delete them, or somebody by mistake, in a bucket without retention. */
const loseFacts = (id: string, from: number, to?: number) => {
  const bucket = world.cloud.config.evidenceBucket;
  const keys = world.objectKeys(bucket, `contracts/${id}/`).slice(from - 1, to);
  for (const key of keys) world.cloud.objectsOf(bucket).delete(key);
};
const heardOf = (id: string) =>
  world.outbox.heard.filter(({ subject }) => subject === id).map(({ type }) => type.split('.').at(-1));
const deleteByHand = async (id: string) => {
  const RoleName = roleOf(id);
  for (const { policy } of await world.ram().attachmentsOf(RoleName))
    await world.asOwner('2015-05-01', 'DetachPolicyFromRole', {
      PolicyType: policy.type,
      PolicyName: policy.name,
      RoleName,
    });
  await world.asOwner('2015-05-01', 'DeleteRole', { RoleName });
};

describe('a contract whose facts were deleted', () => {
  it.each([
    ['all', 1],
    ['but for its request and approval', 3],
  ])(
    '%s, is cut when it is terminated, and is not said to be revoked before its role is gone',
    async (which, from) => {
      const id = `F-${which.length}`;
      await world.onboard(id);
      const session = await enterAs(world, id);
      expect(await using(world, session, kafkaGrant)).toBe('allowed');
      loseFacts(id, from);

      await world.terminate(id);
      const failed = await world.hear(id, 'failed', 'revoked');
      expect(failed.data).toMatchObject({
        step: 'RemoveAccess',
        reason: expect.stringMatching(/says by its tags that it is of contract .* facts were deleted/),
      });
      expect(await using(world, session, kafkaGrant)).toBe('denied');
      await world.calm();
      expect(heardOf(id)).not.toContain('revoked');

      await deleteByHand(id);
      // The sweep goes on with what was begun.
      const revoked = await world.hear(id, 'revoked');
      expect(revoked.data['witness']).toMatch(
        /^none: the register does not know what was granted; leasehold-ended was read back/,
      );
      expect(revoked.data['unseen']).toContainEqual(expect.stringContaining('told as strays'));
    },
  );

  it('but for its request, is cut when it was begun anew in vain, and not said to be revoked while its role is there', async () => {
    const id = 'F-anew';
    await world.onboard(id);
    await enterAs(world, id);
    await world.calm();
    loseFacts(id, 2);
    // The look that finds it unfinished, and the sweep that begins it again.
    for (let hour = 0; hour < 2; hour += 1) {
      await world.clock.advance(HOUR);
      await world.calm();
    }
    expect((await world.hear(id, 'failed')).data['reason']).toMatch(
      /says by its tags that it is of contract/,
    );
    expect(await using(world, await enterAs(world, id), kafkaGrant)).toBe('denied');

    await world.terminate(id);
    await world.calm();
    expect(heardOf(id)).not.toContain('revoked');
    await deleteByHand(id);
    await world.hear(id, 'revoked');
  });

  it('though only one of them, is named by the doctor once it should have ended, and ends when that was put back from a copy', async () => {
    const now = instantOf(world.clock.now());
    const lease = { startsAt: now, expiresAt: addSeconds(now, 600) };
    await world.onboard('F-hole', { lease });
    await world.hear('F-hole', 'granted');
    await world.calm();
    loseFacts('F-hole', 3, 3);
    await world.jumpTo(lease.expiresAt);
    expect((await world.hear('F-hole', 'failed')).data).toMatchObject({ register: 'REGISTER_BROKEN' });
    expect(judgeDue({ due: { seen: await findDue(portsAsRoot(world)) } })).toMatchObject([
      { severity: 'error', code: 'REGISTER_BROKEN', what: 'contract F-hole' },
    ]);

    const { before } = JSON.parse((await world.evidence().read('contracts/F-hole/00000004.json')) ?? '');
    await world.evidence().create('contracts/F-hole/00000003.json', JSON.stringify(before[2]));
    await world.jumpTo(world.clock.now() + HOUR);
    expect((await world.hear('F-hole', 'revoked')).data).toMatchObject({ reason: 'expired' });
  });

  it('is told by its name, and not as one with another, of whom the sweep cannot know what is due', async () => {
    const lease = {
      startsAt: instantOf(world.clock.now()),
      expiresAt: addSeconds(instantOf(world.clock.now()), 300),
    };
    const ids = ['F-unknowable', 'F-as-well'];
    for (const id of ids) {
      await world.onboard(id, { lease });
      await world.hear(id, 'granted');
    }
    await world.calm();
    for (const id of ids) loseFacts(id, 3, 3);
    const before = world.outbox.heard.length;
    await world.jumpTo(addSeconds(lease.expiresAt, 120));
    await world.calm();
    const told = world.outbox.heard.slice(before).filter(({ data }) => data['step'] === 'AttendContract');
    expect(told.map(({ subject, data }) => [subject, data['contractId'], data['register']]).sort()).toEqual(
      ids.map((id) => [id, id, 'REGISTER_BROKEN']).sort(),
    );
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
  });

  it('is left alone for what only bears its name', async () => {
    const RoleName = roleOf('F-squatted');
    await world.asOwner('2015-05-01', 'CreateRole', {
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '1',
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${PARTNER}:root` } },
        ],
      }),
    });
    await world.terminate('F-squatted');
    expect((await world.hear('F-squatted', 'revoked', 'failed')).data).toMatchObject({
      witness: 'n/a: nothing was ever granted',
    });
    expect(await world.ram().attachmentsOf(RoleName)).toEqual([]);
  });
});
