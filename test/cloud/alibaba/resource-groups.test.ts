import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeResourceGroupsPort } from '../../../shared/cloud/alibaba/resource-groups.js';
import { type RunningCloud, startCloud } from '../../../shared/loopback/cloud.js';
import { ownerId, partnerId } from '../../loopback/identity-clients.js';

let cloud: RunningCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud?.close());

describe('a resource group that a request names', () => {
  it('must exist in the account of the owner', async () => {
    const credentials = cloud.accounts.createAccount(ownerId).rootAccessKey;
    cloud.accounts.createAccount(partnerId);
    cloud.accounts.createResourceGroup(ownerId, 'rg-orders');
    cloud.accounts.createResourceGroup(partnerId, 'rg-theirs');
    const port = makeResourceGroupsPort({
      region: 'cn-hangzhou',
      owner: ownerId,
      credentials,
      endpoint: cloud.endpoint,
      timeoutMilliseconds: 5_000,
    });
    expect([
      await port.isOurs('rg-orders'),
      await port.isOurs('rg-theirs'),
      await port.isOurs('rg-none'),
    ]).toEqual([true, false, false]);
  });
});
