import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePolicies, evaluate, parsePolicy } from '../../shared/policy/index.js';

/** Whether a value of the key `k` meets one of the conditions. */
function meetsOneOf(...conditions: readonly object[]): (value: string) => boolean {
  const statements = conditions.map((Condition) => ({
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    Condition,
  }));
  const document = parsePolicy(JSON.stringify({ Version: '1', Statement: statements }));
  const policies = compilePolicies([{ name: 'p', document }]);
  return (value) =>
    evaluate(policies, { action: 'a:B', resource: '*', context: { k: value } }).verdict === 'Allow';
}

const upTo = (last: number): readonly number[] => Array.from({ length: last + 1 }, (_, n) => n);
const two = (n: number): string => `${n}`.padStart(2, '0');

describe('a date', () => {
  const bound = '2024-01-01T00:00:00Z';
  /** What can be read lies on one side of a bound or on the other. */
  const canBeRead = meetsOneOf({ DateLessThan: { k: bound } }, { DateGreaterThanEquals: { k: bound } });
  /** A day that the calendar lacks comes out as another one. */
  const hasDay = (year: number, month: number, day: number): boolean =>
    new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(`${year}-${two(month)}-${two(day)}`);

  it('is of a day that the calendar has, in leap years and common ones', () => {
    const days = [1900, 2000, 2023, 2024].flatMap((year) =>
      upTo(13).flatMap((month) => upTo(32).map((day) => [year, month, day] as const)),
    );
    const read = days.filter(([year, month, day]) =>
      canBeRead(`${year}-${two(month)}-${two(day)}T12:00:00Z`),
    );
    expect(read).toEqual(days.filter((day) => hasDay(...day)));
    expect(read).toHaveLength(365 + 366 + 365 + 366);
  });

  it('has a time and a zone of 24 hours, of 60 minutes and seconds', () => {
    const pairs = upTo(61).flatMap((left) => upTo(61).map((right) => `${two(left)}:${two(right)}`));
    const times = pairs.filter((pair) => canBeRead(`2024-02-29T${pair}Z`));
    expect(times).toHaveLength(24 * 60);
    expect(times.every((time) => time <= '23:59')).toBe(true);
    expect(pairs.filter((pair) => canBeRead(`2024-02-29T12:00+${pair}`))).toEqual(times);
    expect(pairs.filter((pair) => canBeRead(`2024-02-29T12:00:00-${pair}`))).toEqual(times);
    expect(upTo(61).filter((second) => canBeRead(`2024-02-29T12:00:${two(second)}Z`))).toEqual(upTo(59));
    expect(upTo(61).filter((second) => canBeRead(`2024-02-29T12:00:${two(second)}.5+08:00`))).toEqual(
      upTo(59),
    );
  });

  it('is the instant that it names, wherever it was written', () => {
    const instant = fc.date({
      min: new Date('0100-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    const offset = fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 });
    fc.assert(
      fc.property(instant, offset, (at, minutes) => {
        const wall = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const written = `${wall}${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
        const isIt = meetsOneOf({ DateEquals: { k: written } });
        expect(isIt(at.toISOString())).toBe(true);
        expect(isIt(new Date(at.getTime() + 1).toISOString())).toBe(false);
      }),
    );
  });
});

describe('a network', () => {
  it('holds an address while its leading bits stay as they are', () => {
    const dotted = (address: number): string =>
      [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.boolean(), (half, isUpper) => {
        const address = isUpper ? (half | 0x8000_0000) >>> 0 : half >>> 0;
        for (const prefix of upTo(32)) {
          const isWithin = meetsOneOf({ IpAddress: { k: `${dotted(address)}/${prefix}` } });
          const leading = upTo(31).filter((bit) => !isWithin(dotted(address ^ (0x8000_0000 >>> bit))));
          expect(isWithin(dotted(address))).toBe(true);
          expect(leading).toEqual(upTo(31).slice(0, prefix));
        }
      }),
      { numRuns: 20 },
    );
  });
});
