import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStsPort } from '../../shared/cloud/alibaba/sts.js';
import { FAULTS, failEachOnce } from '../support/fail-once.js';
import { managedGrantee, secretsOf, startManaged, there, usersThere } from '../support/managed.js';
import { PARTNER } from '../support/requests.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startManaged();
}, 60_000);
afterAll(() => world.cloud.close());

const idOf = (...parts: readonly string[]) => parts.join('-').replace(/[^A-Za-z0-9-]/g, '');
const user = `etl@${PARTNER}.onaliyun.com`;
const grantee = managedGrantee(
  { users: [{ logonName: 'etl', access: 'both', acceptsBothAccessModes: true }] },
  [
    { type: 'user', name: 'etl', via: 'api' },
    { type: 'user', name: 'etl', via: 'console' },
  ],
);

/** Keys of the user that were given to the partner, in the order of the events that brought them. */
const keysGiven = async (id: string) =>
  (await secretsOf(world, id)).flatMap((one) =>
    one.kind === 'user'
      ? [{ accessKeyId: one.accessKeyId ?? '', accessKeySecret: one.accessKeySecret ?? '' }]
      : [],
  );
const keysThere = async () => {
  const reply = (await there(world, '2019-08-15', 'ListAccessKeys', { UserPrincipalName: user })) as {
    readonly AccessKeys: { readonly AccessKey: readonly { readonly AccessKeyId: string }[] };
  };
  return reply.AccessKeys.AccessKey.map(({ AccessKeyId }) => AccessKeyId);
};

describe.each(Object.entries(FAULTS))('where each call that sets up a user is %s once', (what, fault) => {
  it('exactly the one key is left that was handed over last, and it works', async () => {
    const id = idOf('U', what);
    const missed = failEachOnce(
      world,
      ['CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'GetPasswordPolicy'],
      fault,
    );
    await world.onboard(id, { grantee });
    await world.hear(id, 'granted', 'rejected');
    await world.settle();
    expect(missed()).toEqual([]);
    // Whether a key will be made yet is not known as long as nothing was answered and none is there.
    const isInDoubt = what === 'lost before it arrived';
    const told = world.outbox.heard.filter(({ subject }) => subject === id);
    expect(new Set(told.map(({ type }) => type.replace('partner.access.', '')))).toEqual(
      new Set(isInDoubt ? ['failed', 'granted'] : ['granted']),
    );
    const last = (await keysGiven(id)).at(-1);
    expect(await keysThere()).toEqual([last?.accessKeyId]);
    const sts = makeStsPort(
      world.cloud.connectionOf(last ?? { accessKeyId: '', accessKeySecret: '' }, PARTNER),
    );
    expect(await sts.callerOf({ ...last, securityToken: '' } as never)).toMatchObject({ outcome: 'alive' });
    await world.terminate(id);
    await world.hear(id, 'revoked');
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a key of a user that is made after its maker gave up', () => {
  it('goes when another is made, of which alone the partner hears', async () => {
    let isFirst = true;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action }) => {
        if (action === 'CreateAccessKey' && isFirst) {
          isFirst = false;
          await world.cloud.cloud.clock.sleep(30_000);
        }
        return undefined;
      },
    });
    await world.onboard('U-late', { grantee });
    await world.hear('U-late', 'granted');
    await world.settle();
    undo();
    const keys = await keysGiven('U-late');
    expect(keys).toHaveLength(1);
    expect(await keysThere()).toEqual(keys.map(({ accessKeyId }) => accessKeyId));
    await world.terminate('U-late');
    await world.hear('U-late', 'revoked');
  });
});

describe.each(Object.entries(FAULTS))('where each call that removes a user is %s once', (what, fault) => {
  it('an end leaves nobody behind', async () => {
    const id = idOf('E', what);
    await world.onboard(id, { grantee });
    await world.hear(id, 'granted');
    const missed = failEachOnce(
      world,
      ['DeleteAccessKey', 'DeleteLoginProfile', 'DeleteUser', 'GetUser'],
      fault,
    );
    await world.terminate(id);
    const heard = await world.hear(id, 'revoked', 'failed');
    expect(missed()).toEqual([]);
    expect(heard.type).toBe('partner.access.revoked');
    expect(heard.data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
  });
});
