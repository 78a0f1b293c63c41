import { describe, expect, it } from 'vitest';
import { approvedPlan } from '../../../shared/app/plan/approved-plan.js';
import { proveRole } from '../../../shared/app/proof/prove-role.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { REGION, request } from '../../support/requests.js';
import type { Role } from '../../support/small-cloud/cloud.js';
import { leaseAfter, roleName, type SmallLease, suspended } from '../../support/small-cloud/lease.js';

async function prove({ contract, ports }: SmallLease) {
  const current = await contract();
  const { grants } = request();
  return proveRole(current, { plan: approvedPlan(current), grants, lost: [] }, ports);
}
const unproven = { code: 'ACCESS_NOT_VERIFIED' };
/** Takes off the role what `isOff` holds of, by hand. */
function takeOff({ cloud }: SmallLease, isOff: (name: string) => boolean): void {
  const role = cloud.roles.get(roleName) as Role;
  const attached = role.attached.filter(({ policy }) => !isOff(policy.name));
  cloud.setRole(roleName, { ...role, attached });
}

describe('a role that was granted', () => {
  it.each([
    [-1, true],
    [0, false],
    [1, false],
  ])(
    'is looked into by calls while its lease lasts: %i seconds after its end, %s',
    async (after, isCalled) => {
      const lease = await leaseAfter(4);
      lease.cloud.now = Date.parse(request().lease.expiresAt) + after * 1000;
      const proofs = await prove(lease);
      expect(proofs.some(({ how }) => how.endsWith('worked'))).toBe(isCalled);
      expect(proofs.some(({ how }) => how === 'the lease is over')).toBe(!isCalled);
    },
  );

  it('is proven closed while it is suspended, by its stop alone', async () => {
    const lease = await leaseAfter(4);
    await suspended(lease, 's-1');
    expect((await prove(lease)).some(({ how }) => how.startsWith('suspended'))).toBe(true);
    takeOff(lease, (name) => name === 'leasehold-suspended');
    await expect(prove(lease)).rejects.toMatchObject(unproven);
  });

  it('is not proven where something of it was taken off, which no call shows while it is suspended', async () => {
    const lease = await leaseAfter(4);
    await suspended(lease, 's-1');
    takeOff(lease, (name) => name === `${roleName}-1`);
    await expect(prove(lease)).rejects.toMatchObject(unproven);
  });

  it('is looked into with a session that admits what was taken away too: what refuses that is the role', async () => {
    const { contract, ports } = await leaseAfter(4);
    const current = await contract();
    const lost = [
      {
        service: 'rabbitmq',
        access: 'read',
        region: REGION,
        instanceId: 'amqp-cn-x',
        virtualHosts: ['shop'],
      },
    ] as never;
    const policies: string[] = [];
    const assume: Ports['sts']['assume'] = (wanted) => {
      policies.push(wanted.policy ?? '');
      return ports.sts.assume(wanted);
    };
    const { grants } = request();
    await proveRole(
      current,
      { plan: approvedPlan(current), grants, lost },
      { ...ports, sts: { ...ports.sts, assume } },
    );
    expect(policies).toEqual([expect.stringMatching(/alikafka:.*amqp:/)]);
  });
});
