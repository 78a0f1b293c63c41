import { describe, expect, it } from 'vitest';
import { requireSettled } from '../../../shared/app/hand-over/credentials.js';
import { noting } from '../../../shared/app/hand-over/doubt.js';
import { giveWay, isMadeAnew, requireNobodyElse } from '../../../shared/app/hand-over/give-way.js';
import type { AccessPlan } from '../../../shared/app/plan/plan-access.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import type { Contract } from '../../../shared/domain/contract.js';
import { BrokenPromiseError, TryLaterError } from '../../../shared/domain/errors.js';
import type { Unsettled } from '../../../shared/domain/fact.js';
import { addSeconds, type Instant } from '../../../shared/domain/values.js';
import { active, handingOver, made } from '../../domain/facts.js';
import { NOW } from '../../support/requests.js';

const at = (contract: Contract): Instant => contract.handingOver?.at ?? NOW;
const conflict = { code: 'CONFLICT', retriable: true };
const begun = active(handingOver(1));
const clockAt = (now: Instant) => ({ now: () => now, ticks: () => 0, sleep: async () => undefined });
const allowed = (execution: string | undefined, seconds: number) => () =>
  requireNobodyElse(begun, {
    clock: clockAt(addSeconds(at(begun), seconds)),
    ...(execution === undefined ? {} : { execution }),
  });

describe('whoever hands over', () => {
  it('lets another finish who has begun, for as long as he can be at it', () => {
    expect(allowed('another', 300)).toThrow(expect.objectContaining(conflict));
    expect(allowed(undefined, 300)).toThrow(expect.objectContaining(conflict));
    expect(allowed('another', 301)).not.toThrow();
  });

  it('does not wait for an earlier try of its own, nor for nobody', () => {
    expect(allowed('e', 1)).not.toThrow();
    expect(() => requireNobodyElse(active(), { clock: clockAt(NOW), execution: 'another' })).not.toThrow();
  });

  it('goes on where nobody has begun or made anything since', () => {
    const later = active(handingOver(1), made(1));
    expect(giveWay(later, later)).toBe(later);
  });

  it.each([
    ['has begun', active(handingOver(1), handingOver(1))],
    ['has made something', active(handingOver(1), made(1))],
  ])('leaves it to whoever %s since', (_, now) => {
    expect(() => giveWay(begun, now)).toThrow(expect.objectContaining(conflict));
  });

  it('knows by the register whether another makes anew what it made', () => {
    expect(isMadeAnew(begun, begun)).toBe(false);
    expect(isMadeAnew(begun, active(handingOver(1), handingOver(1)))).toBe(true);
  });
});

describe('a call that makes what somebody logs on with', () => {
  const noted = async (error: Error, unsettled: Unsettled | undefined) => {
    const notes: Unsettled[] = [];
    const work = () => Promise.reject(error);
    await expect(noting(unsettled, (one) => notes.push(one), work)).rejects.toBe(error);
    return notes;
  };
  const doubt = { what: 'made', of: 'lh-1' } as const;

  it('is in doubt where it got no answer, and nowhere else', async () => {
    expect(await noted(new TryLaterError('NO_ANSWER', 'x'), doubt)).toEqual([doubt]);
    expect(await noted(new TryLaterError('TIMED_OUT', 'x'), doubt)).toEqual([doubt]);
    expect(await noted(new TryLaterError('THROTTLED', 'x'), doubt)).toEqual([]);
    expect(await noted(new BrokenPromiseError('QUOTA', 'x'), doubt)).toEqual([]);
    expect(await noted(new TryLaterError('NO_ANSWER', 'x'), undefined)).toEqual([]);
  });

  it('keeps all from being made anew while it may still take something away', async () => {
    const contract = { ...active(), unsettled: { what: 'deleted', of: 'lh-1', at: NOW } } as Contract;
    const settled = (seconds: number) =>
      requireSettled(
        contract,
        {} as AccessPlan,
        {
          clock: clockAt(addSeconds(NOW, seconds)),
        } as unknown as Ports,
      );
    await expect(settled(1199)).rejects.toMatchObject({ code: 'NOT_YET_VISIBLE' });
    await expect(settled(1200)).resolves.toBeUndefined();
  });
});
