/** Writes and reads the little XML that OSS speaks: elements and text, no attributes, no DTD. */
import { OssError } from './errors.js';

export type XmlNode = readonly [name: string, content: string | number | boolean | readonly XmlNode[]];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const PLAIN: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ENTITIES).map(([character, entity]) => [entity.slice(1, -1), character]),
);

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const write = ([name, content]: XmlNode): string =>
  `<${name}>${Array.isArray(content) ? (content as readonly XmlNode[]).map(write).join('') : escaped(String(content))}</${name}>`;

export const xml = (root: XmlNode): string => `<?xml version="1.0" encoding="UTF-8"?>\n${write(root)}`;

export interface XmlElement {
  readonly name: string;
  /** Text directly inside, entities resolved once. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const TOKEN =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z][\w.-]*)(?:\s[^<>]*?)?(\/?)>|([^<]+)/gy;

/** @throws {OssError} 400 `MalformedXML`; also for a DTD, so that no body can define entities */
export function parseXml(body: string): XmlElement {
  interface Open {
    name: string;
    text: string;
    children: XmlElement[];
  }
  const root: Open = { name: '', text: '', children: [] };
  const open: Open[] = [root];
  let read = 0;
  for (const [whole, cdata, slash, name, isEmpty, text] of body.matchAll(TOKEN)) {
    read += whole.length;
    const parent = open.at(-1) ?? root;
    if (cdata !== undefined) parent.text += cdata;
    else if (text !== undefined) parent.text += resolved(text);
    else if (name !== undefined && slash === '') {
      const element: Open = { name, text: '', children: [] };
      parent.children.push(element);
      if (isEmpty === '') open.push(element);
    } else if (name !== undefined && (open.length === 1 || open.pop()?.name !== name)) throw malformed();
  }
  const [only] = root.children;
  if (read !== body.length || open.length !== 1 || only === undefined || root.children.length > 1)
    throw malformed();
  return only;
}

/** Text of the first child `name`; '' when there is none. */
export const textOf = (element: XmlElement, name: string): string =>
  element.children.find((child) => child.name === name)?.text ?? '';

export const malformed = (): OssError =>
  new OssError(400, 'MalformedXML', 'The XML you provided was not well-formed.');

/** In one pass: what comes out of an entity is never taken for the start of another. */
function resolved(text: string): string {
  return text.replace(/&([^;&]*)(;?)/g, (_entity, name: string, end: string) => {
    const code = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const point =
      code === null ? -1 : Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16);
    const plain = point >= 0 && point <= 0x10ffff ? String.fromCodePoint(point) : PLAIN[name];
    if (plain === undefined || end === '') throw malformed();
    return plain;
  });
}
