import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claim, claimedAs, letGo } from '../../shared/app/grantee/claims.js';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { parseAccountId, parseContractId } from '../../shared/domain/values.js';
import { amend, reasonsIn } from '../support/changes.js';
import {
  driftToldOf,
  ended,
  etl,
  granted,
  keysOf,
  managedGrantee,
  policiesOf,
  startManaged,
  there,
  usersThere,
} from '../support/managed.js';
import { PARTNER } from '../support/requests.js';
import type { World } from '../support/world.js';

const Etl = { logonName: 'Etl', access: 'programmatic' } as const;

describe.each([
  ['tells names of users apart by case', false],
  ['takes names of users that differ in case alone for one', true],
])('where the cloud %s', (_, userNamesIgnoreCase) => {
  let world: World;
  beforeAll(async () => {
    world = await startManaged();
    world.cloud.set({ userNamesIgnoreCase });
  }, 60_000);
  afterAll(() => world?.cloud.close());

  const refused = async (id: string, setup: Parameters<typeof managedGrantee>[0]) => {
    await world.onboard(id, { grantee: managedGrantee(setup) });
    const heard = await world.hear(id, 'granted', 'failed', 'rejected');
    return heard.type === 'partner.access.rejected' ? reasonsIn(heard) : heard.type;
  };

  it('a request that names the user of another contract in another case is refused, and that user stays', async () => {
    await granted(world, 'C-first', { users: [Etl] });
    expect(await refused('C-second', { users: [etl] })).toEqual(['NAME_IN_OTHER_CASE']);
    const existing = { users: [{ logonName: 'etl', existing: true }] } as const;
    expect(await refused('C-third', existing)).toEqual(['NAME_IN_OTHER_CASE']);
    expect(await usersThere(world)).toEqual(['Etl']);
    expect(await keysOf(world, 'Etl')).toMatchObject([{ Status: 'Active' }]);
    expect(await policiesOf(world, 'Etl')).toHaveLength(1);
  });

  it('an amendment that names the contract’s own user in another case is refused', async () => {
    await amend(world, 'C-first', { revision: 1, grantee: managedGrantee({ users: [etl] }) });
    expect(reasonsIn(await world.hear('C-first', 'rejected', 'amended', 'failed'))).toEqual([
      'SETUP_CHANGED',
    ]);
    expect(await keysOf(world, 'Etl')).toMatchObject([{ Status: 'Active' }]);
    expect((await ended(world, 'C-first')).data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
  });

  it('a name is free in any case once the contract that used it has ended', async () => {
    await granted(world, 'F-first', { users: [Etl] });
    await ended(world, 'F-first');
    await granted(world, 'F-second', { users: [etl] });
    expect(await usersThere(world)).toEqual(['etl']);
    await ended(world, 'F-second');
    expect(await usersThere(world)).toEqual([]);
  });

  it.runIf(userNamesIgnoreCase)(
    'two contracts name a user of the partner’s own in whatever case',
    async () => {
      await there(world, '2015-05-01', 'CreateUser', { UserName: 'carol' });
      await granted(world, 'O-first', { users: [{ logonName: 'carol', existing: true }] });
      await granted(world, 'O-second', { users: [{ logonName: 'Carol', existing: true }] });
      expect(await policiesOf(world, 'carol')).toHaveLength(2);
      // RAM says that carol holds the policy, whom the contract calls Carol.
      await startFlow(
        'leasehold-reconciliation',
        { contractId: 'O-second' },
        world.cloud.connectionOf(world.cloud.root),
      );
      await world.calm();
      expect(driftToldOf(world, 'O-second')).toEqual([]);
      for (const id of ['O-first', 'O-second'])
        expect((await ended(world, id)).data).toMatchObject({ leftBehind: [] });
      expect(await policiesOf(world, 'carol')).toEqual([]);
      expect(await usersThere(world)).toEqual(['carol']);
    },
  );

  it.runIf(!userNamesIgnoreCase)(
    'of two contracts from before that the first one ends, it leaves its user, and says so',
    async () => {
      const { config, connectionOf, root } = world.cloud;
      const index = makeIndexPort(connectionOf(root), config.indexBucket);
      const claimed = claimedAs(parseAccountId(PARTNER), { users: ['Etl'], roles: [] });
      const first = parseContractId('B-first');
      await granted(world, first, { users: [Etl] });
      // As versions did that looked for claims by the very name.
      await letGo(claimed, first, index);
      await granted(world, 'B-second', { users: [etl] });
      for (const one of claimed) await claim(one, first, index);
      expect((await ended(world, first)).data).toMatchObject({
        leftBehind: [{ type: 'user', name: 'Etl', given: ['contract B-second names a user etl'] }],
      });
      expect(await policiesOf(world, 'Etl')).toEqual([]);
      expect(await keysOf(world, 'etl')).toMatchObject([{ Status: 'Active' }]);
      expect((await ended(world, 'B-second')).data).toMatchObject({ leftBehind: [] });
      expect(await usersThere(world)).toEqual(['Etl']);
    },
  );
});
