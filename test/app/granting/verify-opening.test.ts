import { describe, expect, it } from 'vitest';
import { activateAccess } from '../../../shared/app/granting/activate-access.js';
import { handOverAccess } from '../../../shared/app/granting/hand-over-access.js';
import { verifyOpening } from '../../../shared/app/granting/verify-opening.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { NOW, request } from '../../support/requests.js';
import { contractId, leaseAfter } from '../../support/small-cloud/lease.js';

const startsAt = addSeconds(NOW, 86_400);
/** Set up before it begins; the time is so many seconds from its beginning. */
async function beginningLease(seconds: number) {
  const made = await leaseAfter(4, { lease: { ...request().lease, startsAt } });
  made.cloud.now = Date.parse(startsAt) + seconds * 1000;
  return made;
}
/** Of a function by whose clock the lease begins in so many seconds. */
const beginningIn = (ports: Ports, seconds: number): Ports => ({
  ...ports,
  clock: { ...ports.clock, now: () => addSeconds(startsAt, -seconds) },
});
const notYet = { name: 'TryLaterError', code: 'CONFLICT' };
const typesOf = ({ told }: Awaited<ReturnType<typeof beginningLease>>) => told.map(({ type }) => type);

describe('a lease that has begun', () => {
  it('is seen to work, and told', async () => {
    const { ports, contract, ...made } = await beginningLease(0);
    await verifyOpening(contractId, ports);
    await handOverAccess(contractId, ports);
    expect((await contract()).opened?.proofs.some(({ how }) => how.endsWith('worked'))).toBe(true);
    expect(typesOf({ ports, contract, ...made })).toEqual([
      'partner.access.granted',
      'partner.access.opened',
    ]);
  });

  it('is waited for where the clock of whoever looks is behind that of whoever found it', async () => {
    const { ports, contract } = await beginningLease(-1);
    await expect(verifyOpening(contractId, ports)).rejects.toMatchObject(notYet);
    expect((await contract()).opened).toBeUndefined();
  });

  it('is not told, with doors that stay shut, where the clock of whoever tells is behind', async () => {
    const made = await beginningLease(0);
    await verifyOpening(contractId, made.ports);
    made.cloud.now -= 1000;
    await expect(handOverAccess(contractId, made.ports)).rejects.toMatchObject(notYet);
    expect(typesOf(made)).toEqual(['partner.access.granted']);
    made.cloud.now += 1000;
    await handOverAccess(contractId, made.ports);
    expect(typesOf(made)).toEqual(['partner.access.granted', 'partner.access.opened']);
  });

  it('is not looked for where an amendment has put its beginning off', async () => {
    const { ports, contract } = await beginningLease(-3600);
    await verifyOpening(contractId, ports);
    expect((await contract()).opened).toBeUndefined();
  });
});

describe('a lease that had begun by the clock of whoever activated it', () => {
  it.each([1, 60, 900])('is not told to be open %i seconds before it begins', async (seconds) => {
    const { cloud, ports, told, contract } = await leaseAfter(2, { lease: { ...request().lease, startsAt } });
    const { epoch } = await contract();
    cloud.now = Date.parse(addSeconds(startsAt, 60));
    await activateAccess({ contractId, epoch }, ports);
    const handedOver = handOverAccess(contractId, beginningIn(ports, seconds));
    await expect(handedOver).rejects.toMatchObject({ code: 'CONFLICT', retriable: true });
    expect(told).toEqual([]);
    await handOverAccess(contractId, beginningIn(ports, 0));
    expect(told.map(({ type }) => type)).toEqual(['partner.access.granted']);
  });

  it('is told before it begins where it was activated before that', async () => {
    const { ports, told } = await leaseAfter(3, { lease: { ...request().lease, startsAt } });
    await handOverAccess(contractId, beginningIn(ports, 1));
    expect(told.map(({ type }) => type)).toEqual(['partner.access.granted']);
  });
});
