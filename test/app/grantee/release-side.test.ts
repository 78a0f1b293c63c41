import { describe, expect, it } from 'vitest';
import { removeContract, takeBackLate } from '../../../shared/app/ending/remove-access.js';
import { releaseLate, releaseWhole } from '../../../shared/app/grantee/release-side.js';
import type { GranteePort, Ports } from '../../../shared/cloud/ports.js';
import { BrokenPromiseError, DeniedError, TryLaterError } from '../../../shared/domain/errors.js';
import { foldContract } from '../../../shared/domain/fold-contract.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { amendmentRequested, approved, ending, fact, fold, requested } from '../../domain/facts.js';
import { chainOf, type Written } from '../../support/chains.js';
import { NOW, PARTNER, request } from '../../support/requests.js';
import { policyOf } from '../../support/small-cloud/cloud.js';
import { contractId, nobodysLease, roleName } from '../../support/small-cloud/lease.js';

const CLAIMS = `grantees/${PARTNER}/users/`;
const CLAIM = `${CLAIMS}etl/`;
const setup = { mode: 'managed', users: [{ logonName: 'etl', access: 'programmatic' }], roles: [] } as const;
const { grantee } = request();
const BEGUN = [
  requested(request({ grantee: { ...grantee, setup } as never })),
  approved(1),
  fact('granting', { nonce: 'n', externalId: 'x', verifierExternalId: 'v' }),
];
/** Of a contract that ends, by which a user of the grantee's account was to be set up. */
const contract = fold(...BEGUN, ending('end'));

/** An account in which nothing is there; what is asked of it is answered by `changes` first. */
function worldWith(changes: Partial<GranteePort> = {}) {
  const { cloud, ports } = nobodysLease();
  cloud.index.set(`${CLAIM}${contractId}`, '');
  const account = {
    defaultDomain: async () => 'globex.onaliyun.com',
    passwordPolicy: async () => ({}),
    usersLeft: async () => 10,
    usersTagged: async () => [],
    observeUser: async () => undefined,
    observeRole: async () => undefined,
    observePolicy: async () => undefined,
    ...changes,
  } as unknown as GranteePort;
  const grantees: Ports['grantees'] = { enter: async () => ({ outcome: 'entered', account }) };
  return { cloud, ports: { ...ports, grantees } };
}

describe('whoever leaves an account', () => {
  it('lets go of its claim before it looks who else claims: of two who leave at once, one sees that he is the last', async () => {
    const { cloud, ports } = worldWith();
    const claimed: boolean[] = [];
    const list: Ports['index']['list'] = (prefix, ...rest) => {
      if (prefix === CLAIMS) claimed.push(cloud.index.has(`${CLAIM}${contractId}`));
      return ports.index.list(prefix, ...rest);
    };
    await releaseWhole(contract, 'a-test', { ...ports, index: { ...ports.index, list } });
    expect(claimed).toEqual([false]);
  });

  const shut: readonly [string, Error][] = [
    ['lets it do too little', new DeniedError('NoPermission')],
    ['does not let it in', new BrokenPromiseError('GRANTEE_CLOSED', 'closed')],
  ];
  it.each(shut)('does not hold up the end where that %s, and lets go of its claims', async (_, error) => {
    const { cloud, ports } = worldWith({ observeUser: () => Promise.reject(error) });
    await releaseWhole(contract, 'a-test', ports);
    expect(cloud.index.has(`${CLAIM}${contractId}`)).toBe(false);
  });

  it('lets go of its claims also where nobody can enter', async () => {
    const { cloud, ports } = worldWith();
    const grantees: Ports['grantees'] = { enter: async () => ({ outcome: 'refused', code: 'NoPermission' }) };
    await releaseWhole(contract, 'a-test', { ...ports, grantees });
    expect(cloud.index.has(`${CLAIM}${contractId}`)).toBe(false);
  });

  it('takes no user for a stranger whom RAM spells in another case', async () => {
    const { ports } = worldWith({ usersTagged: async () => ['ETL', 'bob'] });
    const released = await releaseWhole(contract, 'a-test', ports);
    expect(released.granteeSide.leftBehind.map(({ name }) => name)).toEqual(['bob']);
  });

  it('waits for an account that is busy, for half an hour and no longer', async () => {
    const { at: endedAt } = contract.ending ?? { at: NOW };
    const busy = new TryLaterError('CONFLICT', 'DeleteConflict');
    const { cloud, ports } = worldWith({ observeUser: () => Promise.reject(busy) });
    cloud.now = Date.parse(addSeconds(endedAt, 1799));
    await expect(releaseWhole(contract, 'a-test', ports)).rejects.toMatchObject({ code: 'CONFLICT' });
    cloud.now = Date.parse(addSeconds(endedAt, 1800));
    await releaseWhole(contract, 'a-test', ports);
    expect(cloud.index.has(`${CLAIM}${contractId}`)).toBe(false);
  });
});

/** A user as the contract makes them. */
const there = {
  id: 'u-1',
  createdAt: addSeconds(NOW, 3600),
  tags: { 'leasehold-contract': contractId, 'leasehold-nonce': 'n' },
  keys: [],
  groups: [],
  attachments: [],
  hasMfaDevice: false,
};

describe('what was made after the end had been through, or a failed onboarding been taken back', () => {
  it('is taken back in the grantee’s account too', async () => {
    const deleted: string[] = [];
    const { ports } = worldWith({
      observeUser: async () => (deleted.length === 0 ? (there as never) : undefined),
      deleteUser: async (name) => void deleted.push(name),
    });
    await takeBackLate(fold(...BEGUN, fact('grantee-preparing', { of: 1 }), ending('end')), ports);
    expect(deleted).toEqual(['etl']);
  });
});

describe('a user that was deleted', () => {
  it.each([
    ['is left behind where it is there all the same', 'u-1', ['etl']],
    ['is gone where another of its name is there', 'u-2', []],
  ])('%s', async (_, id, left) => {
    let isDeleted = false;
    const { ports } = worldWith({
      observeUser: async (name) =>
        name === 'etl' ? ({ ...there, ...(isDeleted ? { id, tags: {} } : {}) } as never) : undefined,
      deleteUser: async () => {
        isDeleted = true;
      },
    });
    const ended = fold(...BEGUN, fact('grantee-preparing', { of: 1 }), ending('end'));
    const released = await releaseWhole(ended, 'a-test', ports);
    expect(released.granteeSide.leftBehind.map(({ name }) => name)).toEqual(left);
  });
});

describe('a policy in the owner’s account that somebody gave to others', () => {
  it.each([
    ['an end', removeContract],
    ['a look at what is over', takeBackLate],
  ])('keeps nobody in the grantee’s account, and is what %s fails for', async (_, remove) => {
    const deleted: string[] = [];
    const { cloud, ports } = worldWith({
      observeUser: async () => (deleted.length === 0 ? (there as never) : undefined),
      deleteUser: async (name) => void deleted.push(name),
    });
    cloud.policies.set(`${roleName}-1`, policyOf('{}', there.tags));
    const ram: Ports['ram'] = {
      ...ports.ram,
      deletePolicy: () => Promise.reject(new TryLaterError('CONFLICT', 'it is attached')),
      holdersOf: async () => ['user ops'],
    };
    const ended = fold(...BEGUN, fact('grantee-preparing', { of: 1 }), ending('end'));
    await expect(remove(ended, { ...ports, ram })).rejects.toMatchObject({ code: 'HELD_BY_OTHERS' });
    expect(deleted).toEqual(['etl']);
  });
});

describe('who was to join by an amendment that failed, and was made after that', () => {
  const joined = request({
    grantee: {
      ...grantee,
      setup: { ...setup, users: [...setup.users, { logonName: 'late', access: 'programmatic' }] } as never,
    },
  });
  const facts = [
    ...BEGUN,
    fact('role-created', { roleId: 'role-1', policies: [] }),
    fact('activated', { roleArn: 'arn', proofs: [] }),
    amendmentRequested(1, joined),
    approved(6),
    fact('grantee-preparing', { of: 6 }),
    fact('amendment-failed', { revision: 1, step: 'PrepareGrantee', code: 'TryLaterError' }),
  ];
  /** Names of users that are deleted, where the register has `since` besides by the time that they were seen. */
  async function leftBy(since: readonly Written[]) {
    const deleted: string[] = [];
    const { cloud, ports } = worldWith({
      observeUser: async (name) => (name === 'late' && deleted.length === 0 ? (there as never) : undefined),
      deleteUser: async (name) => void deleted.push(name),
    });
    for (const one of chainOf([...facts, ...since]))
      cloud.evidence.set(
        `contracts/${contractId}/${String(one.seq).padStart(8, '0')}.json`,
        JSON.stringify(one),
      );
    await releaseLate(foldContract(contractId, chainOf(facts)), 'a-test', ports);
    return deleted;
  }

  it('leaves again, while who stays does not', async () => {
    expect(await leftBy([])).toEqual(['late']);
  });

  it('stays where he was asked for again just when he was seen', async () => {
    expect(await leftBy([amendmentRequested(2, joined)])).toEqual([]);
  });
});
