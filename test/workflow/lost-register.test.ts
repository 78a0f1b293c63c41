import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enterAs, using } from '../support/changes.js';
import { roleOf } from '../support/drift-stage.js';
import { kafkaGrant, PARTNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

/** As a lifecycle rule would delete them, or somebody by mistake, in a bucket without retention. */
const loseFacts = (id: string, from: number) => {
  const bucket = world.cloud.config.evidenceBucket;
  const keys = world.objectKeys(bucket, `contracts/${id}/`).slice(from - 1);
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
