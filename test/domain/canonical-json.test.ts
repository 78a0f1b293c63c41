import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { canonicalJson, sayTheSame } from '../../shared/domain/canonical-json.js';

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

describe('two texts', () => {
  it('say the same where they are JSON of equal values, spaced and ordered however they are', () => {
    expect(sayTheSame('{"a":1,"b":[2]}', ' { "b" : [ 2 ], "a" : 1 } ')).toBe(true);
    expect(sayTheSame('{"a":1}', '{"a":2}')).toBe(false);
    expect(sayTheSame('[1,2]', '[2,1]')).toBe(false);
  });

  it('say nothing where they are no JSON, be they alike', () => {
    expect(sayTheSame('{', '{')).toBe(false);
    expect(sayTheSame('1', '')).toBe(false);
  });

  it('are not compared where something else goes wrong', () => {
    const parse = vi.spyOn(JSON, 'parse').mockImplementation(() => {
      throw new RangeError('too deep');
    });
    expect(() => sayTheSame('1', '1')).toThrow(RangeError);
    parse.mockRestore();
  });
});
