/** The files of all clients, no two under one name. Pure. */
import { type Client, type Snippet, wordOf } from './snippet.js';

/** Clients that read the same are one file. */
export function nameClients(clients: readonly Client[]): readonly Snippet[] {
  const each = [...new Map(clients.map((one) => [readingOf(one), one])).values()];
  const taken = new Set<string>();
  return each.map((one) => {
    const others = each.filter((other) => other !== one);
    const words = one.besides.findIndex((_, count) =>
      others.every((other) => keyOf(nameOf(other, count), other) !== keyOf(nameOf(one, count), one)),
    );
    const name = nameOf(one, words < 0 ? one.besides.length : words);
    // Names of others may differ in nothing but signs that no name of a file or class can have.
    for (let number = 1; ; number += 1) {
      const counted = number === 1 ? name : `${name}${jointOf(one)}${number}`;
      if (taken.has(keyOf(counted, one))) continue;
      taken.add(keyOf(counted, one));
      return fileOf(one, counted);
    }
  });
}

const jointOf = ({ extension }: Client): string => (extension === 'mjs' ? '-' : '_');

/** With the first `count` words of what tells it apart. */
const nameOf = (client: Client, count: number): string =>
  [...client.name, ...client.besides.slice(0, count)]
    .map(wordOf)
    .filter((word) => word !== '')
    .join('-')
    .replaceAll('-', jointOf(client));

/** Some file systems know no difference between `Orders` and `orders`. */
const keyOf = (name: string, { extension }: Client): string => `${name}.${extension}`.toLowerCase();

const readingOf = (client: Client): string => `${client.extension} ${client.text(nameOf(client, 0))}`;

const fileOf = (client: Client, name: string): Snippet => ({
  file: `${name}.${client.extension}`,
  language: client.language,
  about: client.about,
  text: client.text(name),
});
