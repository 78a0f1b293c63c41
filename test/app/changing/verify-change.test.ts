import { describe, expect, it } from 'vitest';
import { amendAccess } from '../../../shared/app/changing/amend-access.js';
import { verifyChange } from '../../../shared/app/changing/verify-change.js';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { REGION } from '../../support/requests.js';
import {
  amendmentOf,
  contractId,
  leaseAfter,
  suspended,
  TERMINATED,
} from '../../support/small-cloud/lease.js';

const one = { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_pre-cn-x1' } as const;
const other = { ...one, instanceId: 'alikafka_pre-cn-x2' };

/** A contract whose role was amended, which nobody has seen to work yet. */
async function amendedLease() {
  const lease = await leaseAfter(4, { grants: [one, other] });
  const epoch = (await amendmentOf(lease, [one])).amendment?.seq ?? 0;
  await amendAccess({ contractId, epoch }, lease.ports);
  return { ...lease, change: { contractId, epoch, suspension: undefined } };
}

describe('an amendment that is being verified', () => {
  it('comes to hold also under a suspension that comes meanwhile, which nothing can be seen to work under', async () => {
    const lease = await amendedLease();
    const { ports, change, contract } = lease;
    let isFirst = true;
    const products: Ports['products'] = {
      call: async (...given) => {
        if (isFirst) {
          isFirst = false;
          await suspended(lease, 's-1');
        }
        return ports.products.call(...given);
      },
    };
    await verifyChange(change, { ...ports, products });
    expect(await contract()).toMatchObject({ state: 'suspended', terms: { seq: change.epoch } });
  });

  it('gives way to an end that comes before it is recorded', async () => {
    const { ports, change, contract } = await amendedLease();
    let isFirst = true;
    const create: Ports['evidence']['create'] = async (key, body) => {
      if (isFirst && body.includes('"kind":"amended"')) {
        isFirst = false;
        await cutAccess(TERMINATED, ports);
      }
      return ports.evidence.create(key, body);
    };
    await expect(
      verifyChange(change, { ...ports, evidence: { ...ports.evidence, create } }),
    ).rejects.toMatchObject({ code: 'LOST_THE_RACE' });
    const { state, facts } = await contract();
    expect([state, facts.some(({ kind }) => kind === 'amended')]).toEqual(['ending', false]);
  });
});
