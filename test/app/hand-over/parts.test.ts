import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handOverPage } from '../../../shared/app/hand-over/page.js';
import {
  type Delivery,
  type DeliveryPart,
  MAX_PART_BYTES,
  partsOf,
} from '../../../shared/app/hand-over/parts.js';
import { everyGrant, handOverFor } from '../../support/hand-overs.js';

const handOver = handOverFor({ grants: everyGrant });
const delivery: Delivery = { ...handOver, page: handOverPage(handOver) };
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const sealedFor = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ about: `AccessKey of u${n}`, jwe: 'x'.repeat(700) }));

const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 30 });
const any: fc.Arbitrary<Delivery> = fc
  .record({
    grants: words,
    proven: words,
    sealed: fc.integer({ min: 0, max: 20 }),
    lines: fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { maxLength: 60 }),
    hasLastEnd: fc.boolean(),
  })
  .map(({ lines, hasLastEnd, sealed, ...lists }) => ({
    ...delivery,
    ...lists,
    sealed: sealedFor(sealed),
    page: lines.join('\n') + (hasLastEnd ? '\n' : ''),
  }));

/** What whoever gets them puts together: lists and page one after the other, all else as it is in any. */
function joined(parts: readonly DeliveryPart[]): Delivery {
  const sorted = [...parts].sort((left, right) => left.part.number - right.part.number);
  const { part: _, ...first } = sorted[0] as DeliveryPart;
  const lists = Object.entries(first).filter(([, value]) => Array.isArray(value));
  return {
    ...first,
    ...Object.fromEntries(
      lists.map(([name]) => [name, sorted.flatMap((one) => one[name as keyof Delivery] as unknown[])]),
    ),
    page: sorted.map(({ page }) => page).join(''),
  };
}

describe('a hand-over that fits an event', () => {
  it('goes out whole, and says that it is', () => {
    const [part, ...others] = partsOf(delivery);
    expect(others).toEqual([]);
    expect(part).toEqual({ ...delivery, part: { number: 1, of: 1 } });
  });
});

describe('a larger one', () => {
  const large = { ...delivery, sealed: sealedFor(200) };
  const parts = partsOf(large);
  it('goes out in parts that say which of how many they are', () => {
    expect(parts.map(({ part }) => part)).toEqual(
      Array.from({ length: parts.length }, (_, n) => ({ number: n + 1, of: parts.length })),
    );
    expect(parts.length).toBe(Math.ceil(bytesOf(large) / MAX_PART_BYTES));
  });
  it('says in every part whose it is, and until when', () => {
    for (const { roleArn, lease, contractId } of parts)
      expect({ roleArn, lease, contractId }).toEqual({
        roleArn: large.roleArn,
        lease: large.lease,
        contractId: large.contractId,
      });
  });
  it('is refused when one piece alone is too large', () => {
    expect(() => partsOf({ ...delivery, page: 'x'.repeat(60_000) })).toThrow(RangeError);
  });
});

describe('parts of any hand-over', () => {
  it('are small enough each, and joined in any order they are the whole', () => {
    const core = bytesOf({
      ...delivery,
      sealed: [],
      grants: [],
      resources: [],
      accessors: [],
      proven: [],
      page: '',
    });
    fc.assert(
      fc.property(any, fc.integer({ min: core + 2_500, max: core + 20_000 }), (whole, limit) => {
        const parts = partsOf(whole, limit);
        for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(limit);
        expect(joined([...parts].reverse())).toEqual(whole);
      }),
    );
  });
});
