/** The little Markdown that the evidence page is made of. Pure. */

/** Text from outside as text: nothing in it lays out the page or leads out of its line. */
export const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
    .replace(/:\/\//g, ':\\/\\/')
    .replace(/\bwww\./gi, (text) => text.replace('.', '\\.'));

/** In the font of code, for ids and hashes of ours. */
export const code = (text: string): string => `\`${text.replace(/[`|\p{Cc}]/gu, ' ')}\``;

/** Lines as they are, in the font of code; indented, since no text can end that. A line ends where any reader of Markdown may end it. */
export const verbatim = (text: string): readonly string[] => [
  ...text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => `    ${line}`),
  '',
];

/** None without rows. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line), ''];
}

export const list = (items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : [...items.map((item) => `- ${item}`), ''];

/** None without a body. */
export const section = (title: string, ...bodies: readonly (readonly string[])[]): readonly string[] => {
  const body = bodies.flat();
  return body.length === 0 ? [] : [`## ${title}`, '', ...body];
};
