import { expect, it } from 'vitest';
import { counted } from '../../shared/app/counted.js';

it.each([
  [0, '0 policies'],
  [1, '1 policy'],
  [2, '2 policies'],
])('says how many as a person would: %i', (count, said) => {
  expect(counted(count, 'policy', 'policies')).toBe(said);
});

it('adds an s where nothing else is said', () => {
  expect([counted(1, 'fact'), counted(2, 'fact')]).toEqual(['1 fact', '2 facts']);
});
