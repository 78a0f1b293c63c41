import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/domain/canonical-json.js';

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('canonical JSON', () => {
  it('is the same whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });
  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = JSON.parse(canonicalJson(value));
        expect(canonicalJson(read)).toBe(canonicalJson(value));
        expect(read).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
  it.each([
    [{ b: 1, a: { d: undefined, c: [2, undefined] } }, '{"a":{"c":[2,null]},"b":1}'],
    ['\ud800', '"\\ud800"'],
    [undefined, 'null'],
  ])('of %o has one form', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });
});
