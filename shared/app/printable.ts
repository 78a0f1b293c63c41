/** Text of others for people to read at a terminal: nothing in it moves what stands beside it, or leads out of its line. Pure. */

/** Control and format characters, line ends included, as JSON would spell them; in JSON it is the same text still. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    [...Array(character.length).keys()].map((at) => escaped(character.charCodeAt(at))).join(''),
  );

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** Text whose line ends are our own. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** For machines, and yet harmless to whoever looks on. */
export const printableJson = (value: unknown): string => printableLines(JSON.stringify(value, null, 2));
