import { describe, expect, it } from 'vitest';
import { makeCredentials } from '../../../shared/app/hand-over/credentials.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import type { GranteePort, Ports } from '../../../shared/cloud/ports.js';
import { activated, approved, fact, fold, requested } from '../../domain/facts.js';
import { kafkaGrant, NOW, OWNER, request } from '../../support/requests.js';
import { contractId, down, nobodysLease } from '../../support/small-cloud/lease.js';

const { grantee } = request();
const setup = { mode: 'managed', users: [{ logonName: 'etl', access: 'programmatic' }], roles: [] };
/** Under which both a user of the grantee's and an account in a data plane are to get what they log on with. */
const asked = request({
  grantee: { ...grantee, setup } as never,
  grants: [
    { ...kafkaGrant, access: 'publish', topics: ['orders'], dataPlane: { endsByController: true } } as never,
  ],
});
const contract = fold(
  requested(asked),
  approved(1),
  fact('granting', { nonce: 'n', externalId: 'x', verifierExternalId: 'v' }),
  fact('role-created', { roleId: 'role-1', policies: [] }),
  fact('grantee-changed', {
    of: 1,
    users: [{ name: 'etl', made: { id: 'u-1', by: contractId } }],
    roles: [],
  }),
  activated,
);

describe('what users and accounts log on with', () => {
  it('is taken back from users where it cannot be made for accounts', async () => {
    const keys: string[] = [];
    const made: string[] = [];
    const tags = { 'leasehold-contract': contractId, 'leasehold-nonce': 'n' };
    const account = {
      defaultDomain: async () => 'globex.onaliyun.com',
      passwordPolicy: async () => ({}),
      usersLeft: async () => 10,
      observePolicy: async () => undefined,
      observeUser: async () => ({ id: 'u-1', createdAt: NOW, tags, keys: [], groups: [], attachments: [] }),
      createKey: async () => {
        made.push('key-1');
        keys.push('key-1');
        return { id: 'key-1', secret: 's' };
      },
      deleteKey: async (_: string, id: string) => void keys.splice(keys.indexOf(id), 1),
    } as unknown as GranteePort;
    const ports = {
      ...nobodysLease().ports,
      grantees: { enter: async () => ({ outcome: 'entered', account }) },
      dataPlanes: { observe: down },
    } as unknown as Ports;
    await expect(
      makeCredentials(contract, planAccess(asked, OWNER), ports, () => undefined),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect([made, keys]).toEqual([['key-1'], []]);
  });
});
