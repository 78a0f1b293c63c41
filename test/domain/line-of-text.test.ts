import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLineOfText, toLineOfText } from '../../shared/domain/line-of-text.js';
import schema from '../../shared/schemas/onboarding-requested.schema.json' with { type: 'json' };

const isInSchema = new Ajv().compile(schema.definitions.lineOfText);
const ofHardCharacters = fc.string({
  unit: fc.oneof(
    fc
      .constantFrom(
        0x0,
        0x1f,
        0x7f,
        0x9f,
        0xa0,
        0x200d,
        0x200e,
        0x200f,
        0x2028,
        0x202e,
        0x202f,
        0x2066,
        0x2069,
      )
      .map(String.fromCodePoint),
    fc.constantFrom('a', 'é', '界', '👍'),
  ),
  maxLength: 140,
  size: 'max',
});

describe('a line of text', () => {
  it('is what the schema of requests takes for one', () => {
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      expect(isLineOfText(character), code.toString(16)).toBe(isInSchema(character));
    }
    fc.assert(fc.property(ofHardCharacters, (text) => isLineOfText(text) === isInSchema(text)));
  });

  it.each([
    ['', false],
    ['x'.repeat(128), true],
    ['x'.repeat(129), false],
    ['👍'.repeat(128), true],
  ])('has 1 to 128 characters: %j', (text, isOne) => {
    expect(isLineOfText(text)).toBe(isOne);
  });

  it('is what is left of any text without what is obeyed, if that is anything', () => {
    expect(toLineOfText('a\u001b[2J\u202eb')).toBe('a[2Jb');
    fc.assert(
      fc.property(ofHardCharacters, (text) => {
        const line = toLineOfText(text);
        expect(line === '' || [...line].length > 128 || isLineOfText(line)).toBe(true);
      }),
    );
  });
});
