import { describe, expect, it } from 'vitest';
import { restsUntil } from '../../../shared/app/hand-over/rest.js';
import type { Contract } from '../../../shared/domain/contract.js';
import { addSeconds, type Instant, secondsBetween } from '../../../shared/domain/values.js';
import { active, at, handingOver, resumed, resuming, suspending } from '../../domain/facts.js';
import { NOW } from '../../support/requests.js';

const gaveUp = (begun: number) => ({ kind: 'hand-over-given-up', data: { begun } }) as const;

describe('a hand-over that comes to nothing', () => {
  it('is tried at once as long as nobody has, and when something is owed anew', () => {
    expect(restsUntil(active())).toBeUndefined();
    const again = active(handingOver(1), gaveUp(7), suspending('s'), resuming('s'), resumed('s'));
    expect(again.owed.map(({ what }) => what)).toEqual(['granted', 'resumed']);
    expect(restsUntil(again)).toBeUndefined();
  });

  it('rests for a quarter of the time since its first try', () => {
    const tried = active(handingOver(1), gaveUp(7), handingOver(1), gaveUp(9));
    expect(restsUntil(tried)).toBe(addSeconds(at(9), 30));
  });

  it('is tried every six hours at last, so that a year of it is a register that can be read', () => {
    const tries: Instant[] = [NOW];
    const contract = () =>
      ({
        owed: [{ what: 'granted', of: 1 }],
        facts: tries.map((one, index) => ({ kind: 'handing-over', seq: index + 2, at: one })),
      }) as unknown as Contract;
    const end = addSeconds(NOW, 365 * 86_400);
    for (let now = NOW; now < end; now = addSeconds(now, 900))
      if ((restsUntil(contract()) ?? now) <= now) tries.push(now);
    expect(tries.length).toBeLessThan(1500);
    expect(secondsBetween(tries.at(-2) ?? NOW, tries.at(-1) ?? NOW)).toBe(6 * 3600);
  });
});
