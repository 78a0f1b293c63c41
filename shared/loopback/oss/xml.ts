/** Writes and reads the little XML that OSS speaks. */

export type XmlNode = readonly [name: string, content: string | number | boolean | readonly XmlNode[]];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const write = ([name, content]: XmlNode): string =>
  `<${name}>${Array.isArray(content) ? (content as readonly XmlNode[]).map(write).join('') : escaped(String(content))}</${name}>`;

export const xml = (root: XmlNode): string => `<?xml version="1.0" encoding="UTF-8"?>\n${write(root)}`;

/** Texts of all elements `name`, entities resolved; for bodies as flat as those of a multi-object delete. */
export function textsOf(body: string, name: string): readonly string[] {
  const found = body.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'));
  return [...found].map(([, text = '']) =>
    Object.entries(ENTITIES).reduce(
      (plain, [character, entity]) => plain.replaceAll(entity, character),
      text,
    ),
  );
}
