/** Answers that lack what was asked for, which the embedded cloud does not give: nothing is taken to be gone by them. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../shared/cloud/alibaba/connection.js';
import { granteePolicies } from '../../../shared/cloud/alibaba/grantee-policies.js';
import { granteeUsers } from '../../../shared/cloud/alibaba/grantee-users.js';
import { makeRamPort } from '../../../shared/cloud/alibaba/ram.js';
import { UNNOTED } from '../../../shared/cloud/trail.js';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { type Canned, type CannedCloud, startCannedCloud } from '../../support/canned-cloud.js';
import { request } from '../../support/requests.js';

const role = roleNameOf(request().contractId);

let cloud: CannedCloud | undefined;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

async function connectedTo(answer: Canned) {
  const domain = { body: { DefaultDomainName: 'owner.onaliyun.com' } };
  cloud = await startCannedCloud(({ headers }) =>
    headers['x-acs-action'] === 'GetDefaultDomain' ? domain : answer,
  );
  return cloud.connection;
}

describe.each<[string, string, (connection: Connection) => Promise<unknown>]>([
  ["a role in the owner's account", 'Role', (there) => makeRamPort(there).observeRole(role)],
  [
    "a policy in the owner's account",
    'Policy',
    (there) => makeRamPort(there).readPolicy({ type: 'Custom', name: `${role}-1` }),
  ],
  ["a user in a grantee's account", 'User', (there) => granteeUsers(there, UNNOTED).observeUser('alice')],
  ["a role in a grantee's account", 'Role', (there) => granteePolicies(there, UNNOTED).observeRole('etl')],
])('%s', (_, what, read) => {
  it('is not there where it is said so', async () => {
    const missing = { status: 404, body: { Code: `EntityNotExist.${what}` } };
    expect(await read(await connectedTo(missing))).toBeUndefined();
  });

  it('is not known to be there or not where the answer lacks it', async () => {
    await expect(read(await connectedTo({ body: { RequestId: 'r' } }))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
