import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claim, claimedAs, letGo } from '../../shared/app/grantee/claims.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { parseAccountId, parseContractId } from '../../shared/domain/values.js';
import { reasonsIn } from '../support/changes.js';
import {
  bob,
  ended,
  etl,
  granted,
  keyIdsOf,
  keysOf,
  managedGrantee,
  policiesOf,
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

describe('two contracts that share a user', () => {
  it('leave it to the last one out, whichever made it', async () => {
    await granted(world, 'S-first', { users: [etl] });
    await granted(world, 'S-second', { users: [etl] });
    expect((await secretsOf(world, 'S-second')).filter(({ kind }) => kind === 'user')).toEqual([]);
    expect(await policiesOf(world, 'etl')).toHaveLength(2);
    await ended(world, 'S-first');
    expect(await usersThere(world)).toEqual(['etl']);
    expect(await policiesOf(world, 'etl')).toHaveLength(1);
    await ended(world, 'S-second');
    expect(await usersThere(world)).toEqual([]);
  });

  it('leave nobody for the sake of one that has ended, whose claim was applied late', async () => {
    await granted(world, 'L-first', { users: [etl] });
    await ended(world, 'L-first');
    await granted(world, 'L-second', { users: [etl] });
    const { config, connectionOf, root } = world.cloud;
    const index = makeIndexPort(connectionOf(root), config.indexBucket);
    await claim(
      { accountId: parseAccountId(PARTNER), type: 'user', name: 'etl' },
      parseContractId('L-first'),
      index,
    );
    const revoked = await ended(world, 'L-second');
    expect(revoked.data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a user and a role whose claim by one of two contracts is taken out of the index', () => {
  const setup = { users: [etl], roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }] } as const;
  const rolesThere = async () => {
    const { Roles } = (await there(world, '2015-05-01', 'ListRoles', {})) as {
      readonly Roles: { readonly Role: readonly { readonly RoleName: string }[] };
    };
    return Roles.Role.map(({ RoleName }) => RoleName).filter((name) => name !== 'leasehold-provisioning');
  };

  it('are left to it all the same, with what they sign with, and go with it', async () => {
    await granted(world, 'T-first', setup);
    await granted(world, 'T-robbed', setup);
    const { config, connectionOf, root } = world.cloud;
    const index = makeIndexPort(connectionOf(root), config.indexBucket);
    const accountId = parseAccountId(PARTNER);
    const robbed = parseContractId('T-robbed');
    await letGo(claimedAs(accountId, { users: ['etl'], roles: ['etl-ecs'] }), robbed, index);
    expect((await ended(world, 'T-first')).data).toMatchObject({ leftBehind: [] });
    expect(await keysOf(world, 'etl')).toMatchObject([{ Status: 'Active' }]);
    expect([await policiesOf(world, 'etl'), await rolesThere()]).toEqual([
      [expect.stringMatching(/^lease-t-robbed-/)],
      ['etl-ecs'],
    ]);
    await ended(world, 'T-robbed');
    expect([await usersThere(world), await rolesThere()]).toEqual([[], []]);
  });

  it('are left to nobody where both end at once', async () => {
    await granted(world, 'U-first', setup);
    await granted(world, 'U-second', setup);
    await Promise.all([world.terminate('U-first'), world.terminate('U-second')]);
    await Promise.all([world.hear('U-first', 'revoked'), world.hear('U-second', 'revoked')]);
    expect([await usersThere(world), await rolesThere()]).toEqual([[], []]);
  });
});

describe('a user and a role whom one contract removes as another names them', () => {
  const setup = { users: [etl], roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }] } as const;
  /** Has `id` requested as soon as the other one has let go of them, and the removal wait for so long. */
  const requestedWhileRemoved = (id: string, named: Parameters<typeof managedGrantee>[0] = setup) => {
    let isRequested = false;
    return world.cloud.cloud.faults.add({
      before: async ({ action, callerArn }) => {
        const isIt = action === 'DetachPolicyFromUser' && callerArn?.includes('leasehold-provisioning');
        if (isRequested || !isIt) return undefined;
        isRequested = true;
        await world.onboard(id, { grantee: managedGrantee(named) });
        await world.clock.sleep(5_000);
        return undefined;
      },
    });
  };

  it('are waited for, and made anew', async () => {
    await granted(world, 'W-old', setup);
    const undo = requestedWhileRemoved('W-new');
    await world.terminate('W-old');
    const heard = await world.hear('W-new', 'granted', 'failed', 'rejected');
    undo();
    expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.granted', undefined]);
    await world.hear('W-old', 'revoked');
    const keys = (await secretsOf(world, 'W-new')).flatMap((one) =>
      one.kind === 'user' ? [one.accessKeyId] : [],
    );
    expect(keys).toEqual(await keyIdsOf(world, 'etl'));
    await ended(world, 'W-new');
    expect(await usersThere(world)).toEqual([]);
  });

  it('are waited for also where they are named as the partner’s own, and then there are none of that name', async () => {
    await granted(world, 'E-old', setup);
    const undo = requestedWhileRemoved('E-new', {
      users: [{ logonName: 'etl', existing: true }],
      roles: [{ name: 'etl-ecs', existing: true }],
    });
    await world.terminate('E-old');
    const heard = await world.hear('E-new', 'granted', 'failed', 'rejected');
    undo();
    expect(heard.type).toBe('partner.access.rejected');
    expect(reasonsIn(heard)).toEqual(['USER_MISSING', 'ROLE_MISSING']);
    await world.hear('E-old', 'revoked');
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a claim of a contract whose terms do not name the user', () => {
  it('keeps nobody there: it was applied late', async () => {
    await granted(world, 'N-other', { users: [bob] });
    await granted(world, 'N-last', { users: [etl] });
    const { config, connectionOf, root } = world.cloud;
    const index = makeIndexPort(connectionOf(root), config.indexBucket);
    const claimed = { accountId: parseAccountId(PARTNER), type: 'user', name: 'etl' } as const;
    await claim(claimed, parseContractId('N-other'), index);
    await ended(world, 'N-last');
    expect(await usersThere(world)).toEqual(['bob']);
    await ended(world, 'N-other');
  });
});

describe('a user whom a contract claims whose register is broken', () => {
  it('does not hold up the end of another contract, which leaves him and says why', async () => {
    await granted(world, 'V-1', { users: [etl] });
    await world.evidence().create('contracts/V-broken/00000001.json', '{"v":1}');
    const { config, connectionOf, root } = world.cloud;
    const index = makeIndexPort(connectionOf(root), config.indexBucket);
    const claimed = { accountId: parseAccountId(PARTNER), type: 'user', name: 'etl' } as const;
    await claim(claimed, parseContractId('V-broken'), index);
    const revoked = await ended(world, 'V-1');
    expect(revoked.data['leftBehind']).toMatchObject([
      { type: 'user', name: 'etl', given: [expect.stringContaining('V-broken')] },
    ]);
    expect([await usersThere(world), await policiesOf(world, 'etl')]).toEqual([['etl'], []]);

    // Once the claim is gone the next look takes him away after all.
    await letGo([claimed], parseContractId('V-broken'), index);
    await world.clock.advance(15 * 60_000);
    await world.calm();
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a user that a hundred contracts claimed once', () => {
  it('stays for the one that lives, however many claims of others stand before its own', async () => {
    await granted(world, 'Q-first', { users: [etl] });
    await granted(world, 'Q-lives', { users: [etl] });
    const { config, connectionOf, root } = world.cloud;
    const index = makeIndexPort(connectionOf(root), config.indexBucket);
    const claimed = { accountId: parseAccountId(PARTNER), type: 'user', name: 'etl' } as const;
    // Of contracts that a register lost which was put back.
    const stale = Array.from({ length: 120 }, (_, n) => parseContractId(`A-${n}`));
    await Promise.all(stale.map((id) => claim(claimed, id, index)));
    expect((await ended(world, 'Q-first')).data).toMatchObject({ leftBehind: [] });
    expect(await keysOf(world, 'etl')).toMatchObject([{ Status: 'Active' }]);
    expect(await policiesOf(world, 'etl')).toHaveLength(1);
    await ended(world, 'Q-lives');
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a user of the partner’s own', () => {
  it('gets the policy, loses it, and is otherwise as it was', async () => {
    await there(world, '2015-05-01', 'CreateUser', { UserName: 'carol' });
    await granted(world, 'X-own', { users: [{ logonName: 'carol', existing: true }] });
    expect(await policiesOf(world, 'carol')).toHaveLength(1);
    await ended(world, 'X-own');
    expect(await usersThere(world)).toEqual(['carol']);
    expect(await policiesOf(world, 'carol')).toEqual([]);
  });

  it('is not taken for a new one', async () => {
    await world.onboard('X-new', {
      grantee: managedGrantee({ users: [{ logonName: 'carol', access: 'programmatic' }] }),
    });
    expect(reasonsIn(await world.hear('X-new', 'rejected'))).toEqual(['USER_EXISTS']);
    await there(world, '2015-05-01', 'DeleteUser', { UserName: 'carol' });
  });
});
