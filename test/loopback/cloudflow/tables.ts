import { readFileSync } from 'node:fs';

/** Cases kept as data, in `tables/<name>.json`. */
export const table = <Row>(name: string): readonly Row[] =>
  JSON.parse(readFileSync(new URL(`./tables/${name}.json`, import.meta.url), 'utf8'));
