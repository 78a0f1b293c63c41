import { describe, expect, it } from 'vitest';
import { member } from '../../shared/domain/member.js';

describe('a member of what others wrote', () => {
  it('is found at its path, also in lists', () => {
    expect(member({ a: [{ b: 'c' }] }, 'a', '0', 'b')).toBe('c');
    expect(member('all of it')).toBe('all of it');
  });

  it.each([
    ['something is missing on the way', { a: {} }],
    ['nothing is there', undefined],
    ['null is there', { a: null }],
    ['a text is there', { a: 'b' }],
    ['a function is there', { a: Object.assign(() => undefined, { b: 'c' }) }],
  ])('is undefined where %s', (_, value) => {
    expect(member(value, 'a', 'b')).toBeUndefined();
  });

  it('is none that every object has', () => {
    expect(member({}, 'toString')).toBeUndefined();
    expect(member('text', 'length')).toBeUndefined();
  });
});
