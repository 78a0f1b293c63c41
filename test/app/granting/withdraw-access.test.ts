import { describe, expect, it } from 'vitest';
import { admitRequest } from '../../../shared/app/admission/admit-request.js';
import { cutAccess, cutContract } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { grantAccess } from '../../../shared/app/granting/grant-access.js';
import { withdrawAccess } from '../../../shared/app/granting/withdraw-access.js';
import { ABOUT_NOTHING } from '../../../shared/app/inbound/step-input.js';
import { reportFailure } from '../../../shared/app/telling/report-failure.js';
import { eventOf, request } from '../../support/requests.js';
import type { Role } from '../../support/small-cloud/cloud.js';
import { contractId, leaseAfter, roleName, TERMINATED } from '../../support/small-cloud/lease.js';

const failedAt = (epoch: number) => ({
  ...ABOUT_NOTHING,
  contractId,
  epoch,
  step: 'VerifyAccess',
  code: 'BrokenPromiseError',
});

/** Led through so many steps, and how its execution fails then. */
async function failingLease(steps: number) {
  const lease = await leaseAfter(steps);
  const { epoch } = await lease.contract();
  return { ...lease, failure: failedAt(epoch) };
}

describe('an onboarding that failed', () => {
  it('is cut and removed', async () => {
    const { cloud, ports, failure, contract } = await failingLease(2);
    expect(await withdrawAccess(failure, ports)).toEqual({ withdrawn: true });
    expect([cloud.roles.size, cloud.policies.has(`${roleName}-1`)]).toEqual([0, false]);
    expect(await contract()).toMatchObject({ ending: { reason: 'failed' }, removed: expect.anything() });
  });

  it('is cut and removed by the next try where one died half-way', async () => {
    const { cloud, ports, failure, contract } = await failingLease(2);
    const ending = { reason: 'failed', detail: 'test', failure: { step: 's', code: 'c' } } as const;
    await cutContract(contractId, ending, ports);
    expect(await withdrawAccess(failure, ports)).toEqual({ withdrawn: true });
    expect([cloud.roles.size, (await contract()).removed !== undefined]).toEqual([0, true]);
  });

  it('takes nothing from another execution of the same request that brought it to work', async () => {
    const { cloud, ports, failure, contract } = await failingLease(3);
    expect(await withdrawAccess(failure, ports)).toEqual({ withdrawn: false });
    expect([cloud.roles.has(roleName), (await contract()).state]).toEqual([true, 'active']);
  });

  it('takes nothing from a request that came since', async () => {
    const { cloud, ports, failure, contract } = await failingLease(1);
    await withdrawAccess(failure, ports);
    await reportFailure({ ...failure, withdrawn: true }, ports);
    await admitRequest(JSON.stringify(eventOf(request(), { id: 'again' })), ports);
    const { epoch } = await contract();
    await grantAccess({ contractId, epoch }, ports);
    expect(await withdrawAccess(failure, ports)).toEqual({ withdrawn: false });
    expect([cloud.roles.has(roleName), (await contract()).state]).toEqual([true, 'granting']);
  });

  it('takes back what it made after an end had been through, and leaves that recorded as it is', async () => {
    const { cloud, ports, failure, contract } = await failingLease(1);
    const late = cloud.roles.get(roleName) as Role;
    await cutAccess(TERMINATED, ports);
    await removeAccess({ contractId }, ports);
    await reportRevoked({ contractId }, ports);
    const { seq } = await contract();
    cloud.setRole(roleName, { ...late, attached: [] });
    expect(await withdrawAccess(failure, ports)).toEqual({ withdrawn: true });
    expect([cloud.roles.size, await contract()]).toMatchObject([0, { state: 'ended', seq }]);
  });
});
