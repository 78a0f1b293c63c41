import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotBefore, watchProgress } from '../../../shared/app/register/index-entries.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import {
  addSeconds,
  type Instant,
  instantOf,
  parseContractId,
  secondsBetween,
} from '../../../shared/domain/values.js';

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
