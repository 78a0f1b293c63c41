import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dropIndex,
  dropOvertaken,
  slotBefore,
  watchClosed,
  watchProgress,
  writeIndex,
} from '../../../shared/app/register/index-entries.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import type { Contract } from '../../../shared/domain/contract.js';
import { foldContract } from '../../../shared/domain/fold-contract.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import {
  addSeconds,
  type Instant,
  instantOf,
  parseContractId,
  secondsBetween,
} from '../../../shared/domain/values.js';
import { NOW, PARTNER, request } from '../../support/requests.js';

const instants = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => instantOf(seconds * 1000));

/** Instants at which somebody looks, when the step begins at each of `begun`. */
async function looksAfter(begun: readonly Instant[]): Promise<readonly Instant[]> {
  const keys = new Set<string>();
  const index = { put: async (key: string) => void keys.add(key) } as unknown as Ports['index'];
  for (const now of begun) {
    const clock = { now: () => now } as Ports['clock'];
    await watchProgress(parseContractId('C-1'), { index, clock, settings: {} as Ports['settings'] });
  }
  return [...keys].map((key) => key.split('/')[1] as Instant);
}

describe('a slot', () => {
  it('is less than five minutes before what it is for, and its own', () => {
    fc.assert(
      fc.property(instants, (at) => {
        const slot = slotBefore(at);
        expect(secondsBetween(slot, at)).toBeGreaterThanOrEqual(0);
        expect(secondsBetween(slot, at)).toBeLessThan(300);
        expect(slotBefore(slot)).toBe(slot);
      }),
    );
  });
});

describe('a look at what was begun', () => {
  it('comes after twenty minutes, and within twenty-five', async () => {
    await fc.assert(
      fc.asyncProperty(instants, async (now) => {
        const [look = now] = await looksAfter([now]);
        expect(secondsBetween(now, look)).toBeGreaterThan(1200);
        expect(secondsBetween(now, look)).toBeLessThanOrEqual(1500);
      }),
    );
  });

  it('is one for all tries within five minutes, but for two where a slot begins', async () => {
    await fc.assert(
      fc.asyncProperty(instants, fc.array(fc.integer({ min: 0, max: 299 })), async (now, tries) => {
        const looks = await looksAfter(tries.map((seconds) => addSeconds(now, seconds)));
        expect(looks.length).toBeLessThanOrEqual(2);
      }),
    );
  });
});

/** What stands in an index, at some instant. */
function indexAt(now: Instant) {
  const keys = new Set<string>();
  const index = {
    put: async (key: string) => void keys.add(key),
    removeAll: async (gone: readonly string[]) => {
      for (const key of gone) keys.delete(key);
    },
  };
  const settings = { warningDays: [30, 7] };
  const ports = { index, clock: { now: () => now }, settings } as unknown as Ports;
  return { ports, keys: () => [...keys].sort() };
}

describe('what the lease of a contract makes due', () => {
  const first = request();
  const { contractId, lease } = first;
  const longer = request({ lease: { ...lease, expiresAt: addSeconds(lease.expiresAt, 86_400) } });
  const overIt = (terms: readonly OnboardingRequest[]): Contract => {
    const chain = terms.reduce<Contract['terms']>(
      (before, one, index) => ({
        revision: index,
        request: one,
        planHash: 'p',
        seq: index + 1,
        ...(before === undefined ? {} : { before }),
      }),
      undefined,
    );
    return { ...foldContract(contractId, []), ...(chain === undefined ? {} : { terms: chain }) };
  };

  it('is what is to come, and its end also when that is past', async () => {
    const { ports, keys } = indexAt(addSeconds(lease.expiresAt, 3600));
    await writeIndex(first, ports);
    expect(keys()).toEqual([
      `due/${lease.expiresAt}/${contractId}/expiry`,
      `grantees/${PARTNER}/${contractId}`,
    ]);
  });

  it('goes with the contract, also what earlier terms of it made due', async () => {
    const { ports, keys } = indexAt(NOW);
    await writeIndex(first, ports);
    await writeIndex(longer, ports);
    await dropIndex(overIt([first, longer]), ports);
    expect(keys()).toEqual([]);
  });

  it('goes when other terms hold, but for what these make due as well', async () => {
    const { ports, keys } = indexAt(addSeconds(lease.startsAt, -60));
    await writeIndex(longer, ports);
    const still = keys();
    await writeIndex(first, ports);
    await dropOvertaken(first, longer, ports);
    expect(keys()).toEqual(still);
  });

  it('leaves a contract that is over to be looked at after minutes, after hours, and after a day', async () => {
    const { ports, keys } = indexAt(NOW);
    await watchClosed(overIt([first]), NOW, ports);
    expect(keys()).toEqual(
      ['2026-12-01T08:10:00Z', '2026-12-01T10:00:00Z', '2026-12-02T08:00:00Z'].map(
        (at) => `due/${at}/${contractId}/closing-watch`,
      ),
    );
  });
});
