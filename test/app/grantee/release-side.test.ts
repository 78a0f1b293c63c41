import { describe, expect, it } from 'vitest';
import { releaseWhole } from '../../../shared/app/grantee/release-side.js';
import type { GranteePort, Ports } from '../../../shared/cloud/ports.js';
import { BrokenPromiseError, DeniedError, TryLaterError } from '../../../shared/domain/errors.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { approved, ending, fact, fold, requested } from '../../domain/facts.js';
import { NOW, PARTNER, request } from '../../support/requests.js';
import { contractId, nobodysLease } from '../../support/small-cloud/lease.js';

const CLAIM = `grantees/${PARTNER}/users/etl/`;
const setup = { mode: 'managed', users: [{ logonName: 'etl', access: 'programmatic' }], roles: [] } as const;
const { grantee } = request();
/** Of a contract that ends, by which a user of the grantee's account was to be set up. */
const contract = fold(
  requested(request({ grantee: { ...grantee, setup } as never })),
  approved(1),
  fact('granting', { nonce: 'n', externalId: 'x', verifierExternalId: 'v' }),
  ending('end'),
);

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
      if (prefix === CLAIM) claimed.push(cloud.index.has(`${CLAIM}${contractId}`));
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
