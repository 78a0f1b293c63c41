import { describe, expect, it } from 'vitest';
import { findDue } from '../../../shared/app/doctor/find-due.js';
import { addSeconds, instantOf, parseInstant } from '../../../shared/domain/values.js';
import { request } from '../../support/requests.js';
import { contractId, leaseAfter, type SmallLease } from '../../support/small-cloud/lease.js';

const { expiresAt } = request().lease;
const BEFORE = addSeconds(expiresAt, -60);

/** A lease that is over for a day, with entries in the index before its own. */
async function overdueBehind(count: number, key: (n: number) => string): Promise<SmallLease> {
  const lease = await leaseAfter(4);
  const others = [...lease.cloud.index.keys()].filter(
    (one) => one.startsWith('due/') && !one.endsWith('/expiry'),
  );
  await lease.ports.index.removeAll(others);
  for (let n = 0; n < count; n++) await lease.ports.index.put(`due/${key(n)}`, '');
  lease.cloud.now = Date.parse(addSeconds(expiresAt, 86_400));
  return lease;
}

describe('what is due and was not done', () => {
  it.each([
    ['entries of a version that knows more', (n: number) => `${BEFORE}/C-${n}/of-a-later-version`],
    ['entries of contracts that another register has', (n: number) => `${BEFORE}/C-${n}/expiry`],
    ['keys that somebody made', (n: number) => `!${n}`],
  ])('is found behind thousands of others: %s', async (_, key) => {
    const { ports } = await overdueBehind(2_500, key);
    const { overdue } = await findDue(ports);
    expect(overdue).toEqual([{ contractId, dueAt: expiresAt, state: 'active' }]);
  });

  it('is counted to the last entry that this version does not know', async () => {
    const { ports } = await overdueBehind(2_500, (n) => `${BEFORE}/C-${n}/of-a-later-version`);
    expect((await findDue(ports)).unknown).toBe(2_500);
  });

  it('is looked for no further than what is due in an hour', async () => {
    const { ports, cloud } = await leaseAfter(4);
    const now = parseInstant(instantOf(cloud.now));
    for (let n = 0; n < 2_500; n++)
      await ports.index.put(`due/${addSeconds(now, 7200)}/C-${n}/of-a-later-version`, '');
    let listed = 0;
    const index: typeof ports.index = {
      ...ports.index,
      list: async (...args) => {
        listed += 1;
        return ports.index.list(...args);
      },
    };
    expect(await findDue({ ...ports, index })).toMatchObject({ overdue: [], unknown: 0 });
    expect(listed).toBe(1);
  });
});
