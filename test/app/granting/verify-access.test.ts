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

  it('keeps no version without those bounds, whatever came of the look', async () => {
    for (const isRefused of [false, true]) {
      const { ports, input, cloud, contract } = await madeLease(later);
      const products: Ports['products'] = isRefused
        ? { call: async () => ({ outcome: 'denied', code: 'NoPermission' }) }
        : ports.products;
      const looked = verifyAccess(input, { ...ports, products });
      if (isRefused) await expect(looked).rejects.toMatchObject(unverified);
      else await looked;
      expect(cloud.policies.get(`${roleName}-1`)?.versions).toHaveLength(1);
      expect(cloud.documentsOf(roleName).join()).toContain(later);
      expect((await contract()).probing).toBeUndefined();
    }
  });

  it('is verified by one execution at a time: another sets no bounds under its hands', async () => {
    const { ports, input, contract } = await madeLease(later);
    let isFirst = true;
    const call: Ports['products']['call'] = async (...asked) => {
      if (isFirst && asked[1] !== undefined) {
        isFirst = false;
        await expect(verifyAccess(input, ports)).rejects.toMatchObject({ code: 'CONFLICT' });
      }
      return ports.products.call(...asked);
    };
    await verifyAccess(input, { ...ports, products: { call } });
    expect([isFirst, (await contract()).verified !== undefined]).toEqual([false, true]);
  });

  it.each([
    [899, 'CONFLICT'],
    [900, undefined],
  ])('is left to who took its bounds off, for as long as that may run: %i seconds', async (seconds, code) => {
    const { ports, input, contract, cloud } = await madeLease(later);
    const died = (): Promise<never> => Promise.reject(new Error('killed'));
    const dying: Ports = { ...ports, products: { call: died } };
    // Whoever is killed undoes nothing.
    const ram = { ...ports.ram, setDefaultVersion: died, setPolicyDocument: died };
    await expect(verifyAccess(input, { ...dying, ram })).rejects.toThrow('killed');
    expect((await contract()).probing).toBeDefined();
    cloud.now = Date.parse((await contract()).probing?.at ?? '') + seconds * 1000;
    const looked = verifyAccess(input, ports);
    if (code === undefined) await looked;
    else await expect(looked).rejects.toMatchObject({ code });
    expect((await contract()).verified !== undefined).toBe(code === undefined);
  });
});
