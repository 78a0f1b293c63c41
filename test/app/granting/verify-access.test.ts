import { describe, expect, it } from 'vitest';
import { verifyAccess } from '../../../shared/app/granting/verify-access.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { NOW, request } from '../../support/requests.js';
import { contractId, leaseAfter, roleName } from '../../support/small-cloud/lease.js';

const { lease } = request();

async function madeLease(startsAt = lease.startsAt) {
  const made = await leaseAfter(1, { lease: { ...lease, startsAt } });
  const { epoch } = await made.contract();
  return { ...made, input: { contractId, epoch } };
}
/** Products that let in whoever has a session, about the instances for which `isOpen` holds. */
const lettingIn = (ports: Ports, isOpen: (instance: string) => boolean): Ports => ({
  ...ports,
  products: {
    call: async (call, session) =>
      session !== undefined && isOpen(call.params['InstanceId'] ?? '')
        ? { outcome: 'allowed', body: {} }
        : ports.products.call(call, session),
  },
});
const unverified = { code: 'ACCESS_NOT_VERIFIED' };

describe('a role that was made', () => {
  it('is verified where what was granted works and its neighbours are refused', async () => {
    const { ports, input, contract } = await madeLease();
    await verifyAccess(input, ports);
    const { proofs = [] } = (await contract()).verified ?? {};
    expect(proofs.some(({ right }) => right.includes('alikafka_pre-cn-x2'))).toBe(true);
  });

  it('is not verified where a neighbour lets it in', async () => {
    const { ports, input, contract } = await madeLease();
    const open = lettingIn(ports, (instance) => instance !== 'alikafka_pre-cn-x1');
    await expect(verifyAccess(input, open)).rejects.toMatchObject(unverified);
    expect((await contract()).verified).toBeUndefined();
  });

  it('is not verified where what was granted refuses it', async () => {
    const { ports, input, contract } = await madeLease();
    const products = { call: async () => ({ outcome: 'denied', code: 'NoPermission' }) as const };
    await expect(verifyAccess(input, { ...ports, products })).rejects.toMatchObject(unverified);
    expect((await contract()).verified).toBeUndefined();
  });
});

describe('a role for a lease that begins later', () => {
  const later = addSeconds(NOW, 86_400);

  it('is verified where it works without the bounds of the lease and is refused within them', async () => {
    const { ports, input, contract } = await madeLease(later);
    await verifyAccess(input, ports);
    expect((await contract()).verified).toBeDefined();
  });

  it('is not verified where those bounds do not close it', async () => {
    const { ports, input, contract } = await madeLease(later);
    const open = lettingIn(ports, (instance) => instance === 'alikafka_pre-cn-x1');
    await expect(verifyAccess(input, open)).rejects.toMatchObject(unverified);
    expect((await contract()).verified).toBeUndefined();
  });

  it.each([1, 5, 9, 10, 11, 19, 20, 21])(
    'is verified by what it gives within them where it begins while it is looked at, after %i seconds',
    async (seconds) => {
      const begins = addSeconds(NOW, seconds);
      const { ports, input, contract, cloud } = await madeLease(begins);
      const verdict = { answers: 3, intervalSeconds: 5, patienceSeconds: 60 };
      await verifyAccess(input, { ...ports, settings: { ...ports.settings, verdict } });
      expect((await contract()).verified?.proofs.some(({ how }) => how.endsWith('worked'))).toBe(true);
      expect(cloud.documentsOf(roleName).join()).toContain(begins);
      expect(cloud.now - Date.parse(NOW)).toBeLessThan(60_000);
    },
  );
});
