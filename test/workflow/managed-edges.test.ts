import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hearNth, resume, suspend } from '../support/changes.js';
import {
  ended,
  etl,
  granted,
  keyIdsOf,
  managedGrantee,
  secretsOf,
  startManaged,
  there,
  usersThere,
} from '../support/managed.js';
import { PARTNER } from '../support/requests.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startManaged();
}, 60_000);
afterAll(() => world.cloud.close());

describe('a role for ECS instances', () => {
  it('is made, let in, and removed', async () => {
    const grantee = managedGrantee({ roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }] }, [
      { type: 'role', name: 'etl-ecs', via: 'api' },
    ]);
    await world.onboard('R-ecs', { grantee });
    expect((await world.hear('R-ecs', 'granted', 'failed', 'rejected')).type).toBe('partner.access.granted');
    const role = (await there(world, '2015-05-01', 'GetRole', { RoleName: 'etl-ecs' })) as {
      readonly Role: { readonly AssumeRolePolicyDocument: string };
    };
    expect(role.Role.AssumeRolePolicyDocument).toContain('ecs.aliyuncs.com');
    await ended(world, 'R-ecs');
    await expect(there(world, '2015-05-01', 'GetRole', { RoleName: 'etl-ecs' })).rejects.toMatchObject({
      code: 'EntityNotExist.Role',
    });
  });
});

describe('a hand-over that the bus does not take', () => {
  it('is made anew by the sweep: of the keys that were made only the announced one is there', async () => {
    let isMade = false;
    let refused = 0;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action }) => {
        isMade ||= action === 'CreateAccessKey';
        // The first try and the six of the flow's patience.
        if (!isMade || action !== 'PutEvents' || refused === 7) return undefined;
        refused += 1;
        return { kind: 'error', status: 503, code: 'ServiceUnavailable' };
      },
    });
    await world.onboard('H-bus', { grantee: managedGrantee({ users: [etl] }) });
    expect((await world.hear('H-bus', 'failed')).data).toMatchObject({ step: 'HandOverAccess' });
    expect(await keyIdsOf(world, 'etl')).toEqual([]);
    undo();
    await world.hear('H-bus', 'granted');
    const [secret] = (await secretsOf(world, 'H-bus')).filter(({ kind }) => kind === 'user');
    expect(await keyIdsOf(world, 'etl')).toEqual([secret?.kind === 'user' ? secret.accessKeyId : '']);
    await ended(world, 'H-bus');
  });
});

describe('an onboarding that is begun again while it', () => {
  it.each([
    ['opens', 'UpdateRole'],
    ['looks for users', 'GetUser'],
    ['makes a key', 'CreateAccessKey'],
    ['makes a login', 'CreateLoginProfile'],
    ['tells', 'PutEvents'],
  ])('%s tells once, of what works', async (_, moment) => {
    const id = `T-${moment}`;
    const [program, person] = [`etl.${moment}`, `alice.${moment}`];
    const grantee = managedGrantee(
      {
        users: [
          { logonName: program, access: 'programmatic' },
          { logonName: person, access: 'console' },
        ],
      },
      [
        { type: 'user', name: program, via: 'api' },
        { type: 'user', name: person, via: 'console' },
      ],
    );
    let isOpening = false;
    let isBegunAgain = false;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action }) => {
        isOpening ||= action === 'UpdateRole';
        if (isBegunAgain || !isOpening || action !== moment) return undefined;
        isBegunAgain = true;
        await world.onboard(id, { grantee });
        return undefined;
      },
    });
    await world.onboard(id, { grantee });
    await world.settle();
    undo();
    const told = world.outbox.heard.filter(({ subject }) => subject === id).map(({ type }) => type);
    // One of the two hands over, and the other finds it done.
    expect(told).toEqual(['partner.access.granted']);
    expect(isBegunAgain).toBe(true);
    const secrets = (await secretsOf(world, id)).filter((one) => one.kind === 'user');
    const [keyId] = secrets.flatMap(({ accessKeyId }) => accessKeyId ?? []);
    const [password = ''] = secrets.flatMap((one) => one.password ?? []);
    expect(await keyIdsOf(world, program)).toEqual([keyId]);
    expect(world.cloud.accounts.canLogOn(PARTNER, person, password)).toBe(true);
    await ended(world, id);
  });
});

describe('a suspension of a contract with users', () => {
  it('leaves them, and their keys work again after it', async () => {
    await granted(world, 'P-paused', { users: [etl] });
    await suspend(world, 'P-paused', 'incident-1');
    await world.hear('P-paused', 'suspended');
    expect(await usersThere(world)).toEqual(['etl']);
    await resume(world, 'P-paused', 'incident-1');
    await hearNth(world, 'P-paused', 'resumed', 1);
    expect((await hearNth(world, 'P-paused', 'resumed', 1)).data['sealed']).toBeUndefined();
    await ended(world, 'P-paused');
  });
});
