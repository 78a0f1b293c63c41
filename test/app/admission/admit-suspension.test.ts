import { describe, expect, it } from 'vitest';
import { resumeAccess } from '../../../shared/app/changing/resume-access.js';
import { verifyChange } from '../../../shared/app/changing/verify-change.js';
import { askFor, contractId, leaseAfter, suspended } from '../../support/small-cloud/lease.js';

const CONFLICT = { code: 'CONFLICT', retriable: true };

describe('the wish to lift a suspension', () => {
  it('waits as long as another is not seen to bind', async () => {
    const lease = await leaseAfter(4);
    const suspension = await suspended(lease, 's-1');
    await askFor(lease, 's-2', 'suspend');
    await expect(askFor(lease, 'r-1', 'resume', { suspension })).rejects.toMatchObject(CONFLICT);
    expect((await lease.contract()).resuming).toBeUndefined();
  });

  it('waits as long as another is lifted', async () => {
    const lease = await leaseAfter(4);
    const [first, second] = [await suspended(lease, 's-1'), await suspended(lease, 's-2')];
    await askFor(lease, 'r-1', 'resume', { suspension: first });
    await expect(askFor(lease, 'r-2', 'resume', { suspension: second })).rejects.toMatchObject(CONFLICT);
    expect((await lease.contract()).resuming?.suspension).toBe(first);
  });
});

describe('the wish for a suspension that was lifted since', () => {
  it('suspends nobody again', async () => {
    const lease = await leaseAfter(4);
    const suspension = await suspended(lease, 's-1');
    await askFor(lease, 'r-1', 'resume', { suspension });
    await resumeAccess({ contractId, suspension }, lease.ports);
    await verifyChange({ contractId, epoch: 0, suspension }, lease.ports);
    expect(await askFor(lease, 's-1', 'suspend')).toMatchObject({ outcome: 'finished' });
    expect((await lease.contract()).state).toBe('active');
  });
});
