import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, padded, shortened } from '../../shared/cli/columns.js';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const columns = fc.integer({ min: 1, max: 30 });

describe('a name in a table', () => {
  it.each([
    ['Globex', 6],
    ['环球科技', 8],
    ['株式会社グロベックス', 20],
    ['글로벡스', 8],
    ['شركة النور', 10],
    ['Zu\u0308rich', 6],
    ['👍', 2],
  ])('of %s takes %d columns of a terminal', (name, taken) => expect(columnsOf(name)).toBe(taken));

  it('is as wide as its column, in whatever script', () => {
    expect(columnsOf(padded('环球', 8))).toBe(8);
    expect(padded('环球科技', 2)).toBe('环球科技');
  });

  it('never takes more columns than it may, nor loses half a character', () => {
    expect(shortened('环球科技有限公司', 8)).toBe('环球科…');
    fc.assert(
      fc.property(text, columns, (name, most) => {
        const cut = shortened(name, most);
        return columnsOf(cut) <= most && (cut === name || name.startsWith(cut.slice(0, -1)));
      }),
    );
  });
});
