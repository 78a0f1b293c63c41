import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStsPort } from '../../shared/cloud/alibaba/sts.js';
import { failing, throttled } from '../../shared/loopback/dispatch.js';
import type { Fault } from '../../shared/loopback/kernel.js';
import { letUsIn, managedGrantee, secretsOf, there, usersThere } from '../support/managed.js';
import { PARTNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
  await letUsIn(world);
}, 60_000);
afterAll(() => world.cloud.close());

const faults: readonly (readonly [string, Fault])[] = [
  ['throttled', throttled],
  ['answered 503', { kind: 'error', status: 503, code: 'ServiceUnavailable' }],
  ['applied, its reply lost', { kind: 'lost-reply' }],
  ['lost before it arrived', { kind: 'lost-request' }],
];
const idOf = (...parts: readonly string[]) => parts.join('-').replace(/[^A-Za-z0-9-]/g, '');
const user = `etl@${PARTNER}.onaliyun.com`;
const grantee = managedGrantee(
  { users: [{ logonName: 'etl', access: 'both', acceptsBothAccessModes: true }] },
  [
    { type: 'user', name: 'etl', via: 'api' },
    { type: 'user', name: 'etl', via: 'console' },
  ],
);
const cases = (actions: readonly string[]) =>
  actions.flatMap((action) => faults.map(([what, fault]) => ({ action, what, fault })));

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

describe.each(cases(['CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'GetPasswordPolicy']))(
  'setting up a user when $action is $what',
  ({ action, what, fault }) => {
    it('leaves exactly the one key that was handed over last, and it works', async () => {
      const id = idOf('U', action, what);
      const undo = world.cloud.cloud.faults.add(failing({ action, product: 'Ims', nth: 1 }, fault));
      await world.onboard(id, { grantee });
      await world.hear(id, 'granted', 'rejected');
      await world.settle();
      undo();
      // Whether a key will be made yet is not known as long as nothing was answered and none is there.
      const isInDoubt = action === 'CreateAccessKey' && what === 'lost before it arrived';
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
  },
);

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

describe.each(cases(['DeleteAccessKey', 'DeleteLoginProfile', 'DeleteUser', 'GetUser']))(
  'an end when $action is $what',
  ({ action, what, fault }) => {
    it('leaves nobody behind', async () => {
      const id = idOf('E', action, what);
      await world.onboard(id, { grantee });
      await world.hear(id, 'granted');
      const undo = world.cloud.cloud.faults.add(failing({ action, product: 'Ims', nth: 1 }, fault));
      await world.terminate(id);
      const heard = await world.hear(id, 'revoked', 'failed');
      undo();
      expect(heard.type).toBe('partner.access.revoked');
      expect(heard.data).toMatchObject({ leftBehind: [] });
      expect(await usersThere(world)).toEqual([]);
    });
  },
);
