import { describe, expect, it } from 'vitest';
import { DEFAULT_ADMISSION } from '../../shared/domain/admission-settings.js';
import { addSeconds, parseInstant } from '../../shared/domain/values.js';

describe('an operator who has set nothing', () => {
  it('lets nothing through without an approver', () => {
    expect(DEFAULT_ADMISSION.autoApproval).toEqual({
      maxLeaseSeconds: 0,
      allowSystemPolicies: false,
      allowUnavoidablyWider: false,
      allowEndsByController: false,
    });
  });

  it('has leases of three years at most, leap years or not', () => {
    const { maxLeaseSeconds } = DEFAULT_ADMISSION;
    const from = parseInstant('2027-03-01T00:00:00Z');
    expect(addSeconds(from, maxLeaseSeconds) >= '2030-03-01T00:00:00Z').toBe(true);
    expect(addSeconds(from, maxLeaseSeconds) < '2030-03-04T00:00:00Z').toBe(true);
  });

  it('has the things protected that Leasehold makes, in any region', () => {
    expect(DEFAULT_ADMISSION.protectedNames).toEqual({ prefix: 'leasehold', buckets: [] });
    expect(DEFAULT_ADMISSION).not.toHaveProperty('regions');
  });
});
