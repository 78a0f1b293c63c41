import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DATA_BYTES, shortened } from '../../../shared/app/telling/shortened.js';

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const names = (count: number, length = 100) =>
  Array.from({ length: count }, (_, n) => `${n}-`.padEnd(length, 'x'));

describe('what an event has room for', () => {
  it('goes out as it is', () => {
    const data = { reason: 'expired', appeared: names(100) };
    expect(shortened(data)).toBe(data);
  });
});

describe('what an event has no room for', () => {
  it('loses the ends of its longest lists, and says how much', () => {
    const data = { reason: 'expired', appeared: names(2000), foreign: names(3) };
    const told = shortened(data) as typeof data & { readonly notTold: object };
    expect(told).toMatchObject({ reason: 'expired', foreign: data.foreign });
    expect(told.appeared).toEqual(data.appeared.slice(0, told.appeared.length));
    expect(told.notTold).toEqual({ appeared: 2000 - told.appeared.length });
    expect(bytesOf(told)).toBeGreaterThan(MAX_DATA_BYTES / 2);
  });
  it('is never a credential less', () => {
    expect(shortened({ sealed: names(1000), grants: names(10) })).toMatchObject({ sealed: names(1000) });
  });
  it('keeps one item as long as what is in it can be shortened', () => {
    const data = { findings: [{ code: 'FOREIGN_POLICY', widens: names(2000) }, { code: 'OTHER' }] };
    expect(shortened(data)).toMatchObject({ findings: [{ code: 'FOREIGN_POLICY' }] });
  });
  it('fits, whatever it is made of, as long as no text alone is too long', () => {
    const list = fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 40 });
    const findings = fc.array(fc.record({ code: fc.string(), widens: list }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.record({ findings, foreign: list, plan: fc.record({ grants: list }) }), (data) => {
        const told = shortened(data, 1000);
        expect(bytesOf(told)).toBeLessThanOrEqual(1000);
        expect('notTold' in told).toBe(bytesOf(data) > 1000);
      }),
    );
  });
});
