import { describe, expect, it } from 'vitest';
import { reportDrift } from '../../../shared/app/role/report-drift.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { foldContract } from '../../../shared/domain/fold-contract.js';
import { parseContractId } from '../../../shared/domain/values.js';

describe('drift that is found when an end has begun already', () => {
  it('is neither written nor announced as healed: nobody heals it', async () => {
    const calls: string[] = [];
    const note = (what: string) => async () => {
      calls.push(what);
    };
    const ports = {
      events: { put: note('announced') },
      evidence: { create: note('written') },
      clock: { now: () => '2026-03-01T08:00:00Z' },
      chance: { nonce: () => 'n' },
      trail: { calls: () => [], recorded: () => undefined },
      log: { warn: () => undefined },
    } as unknown as Ports;
    const ending = { ...foldContract(parseContractId('C-1'), []), state: 'ending' as const };
    expect(await reportDrift(ending, [], 'amend-access', ports)).toBe(ending);
    expect(calls).toEqual([]);
  });
});
