/** Built-in functions that are documented with a signature. Source: CloudFlow "Built-in functions". */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { chance } from './chance.js';
import { ExpressionError } from './expression-error.js';
import { matches } from './regex.js';

type BuiltIn = (...args: readonly unknown[]) => unknown;
type Json = Readonly<Record<string, unknown>>;

const fail = (what: string): never => {
  throw new ExpressionError(what);
};
const text = (value: unknown): string => (typeof value === 'string' ? value : fail('a string is due'));
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : fail('a list is due'));
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : fail('an object is due');
const integer = (value: unknown): number =>
  Number.isSafeInteger(value) ? Number(value) : fail('an integer is due');
/** Objects are the same whatever the order of their members. */
export const sameValue = (left: unknown, right: unknown): boolean =>
  left === right || (typeof left === 'object' && isDeepStrictEqual(left, right));
/** The same text for values that are the same; the order of members does not count. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
const HASHES: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-512', 'sha512'],
]);

const BUILT_INS: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ['arrayContains', (array, value) => list(array).some((element) => sameValue(element, value))],
  [
    'arrayUnique',
    (array) => [...new Map(list(array).map((element) => [canonical(element), element])).values()],
  ],
  ['toArray', (...values) => values],
  [
    'format',
    (template, ...values) => {
      let next = 0;
      return text(template).replace(/\{\}/g, () => {
        const value = values[next++];
        return typeof value === 'string' ? value : JSON.stringify(value ?? null);
      });
    },
  ],
  ['split', (value, separator) => text(value).split(text(separator))],
  ['regexMatchString', (pattern, value) => matches(text(pattern), text(value))],
  [
    'length',
    (value) =>
      typeof value === 'string'
        ? value.length
        : Array.isArray(value)
          ? value.length
          : Object.keys(object(value)).length,
  ],
  [
    'get',
    (value, key) => {
      const found = Array.isArray(value)
        ? value[integer(key)]
        : Object.hasOwn(object(value), text(key))
          ? object(value)[text(key)]
          : undefined;
      return found === undefined ? fail('get finds nothing') : found;
    },
  ],
  ['intAdd', (left, right) => integer(left) + integer(right)],
  [
    'randomInt',
    (from, to) => integer(from) + Math.floor(chance().fraction() * Math.max(1, integer(to) - integer(from))),
  ],
  ['mapKeys', (map) => Object.keys(object(map))],
  ['mapValues', (map) => Object.values(object(map))],
  ['jsonMerge', (left, right) => ({ ...object(left), ...object(right) })],
  [
    'stringToJson',
    (value) => {
      try {
        return JSON.parse(text(value)) as unknown;
      } catch {
        return fail('stringToJson was given no JSON');
      }
    },
  ],
  ['fromBase64', (value) => Buffer.from(text(value), 'base64').toString('utf8')],
  [
    'hash',
    (value, algorithm) =>
      createHash(HASHES.get(text(algorithm)) ?? fail('no such hash'))
        .update(text(value))
        .digest('hex'),
  ],
  ['uuid', () => chance().uuid()],
]);

export const isBuiltIn = (name: string): boolean => BUILT_INS.has(name);

/** Functions that take any number of arguments after those they need. */
const VARIADIC: readonly string[] = ['toArray', 'format'];

/** @throws {ExpressionError} also for too few and too many arguments */
export function callBuiltIn(name: string, args: readonly unknown[]): unknown {
  const builtIn = BUILT_INS.get(name) ?? fail(`${name} is no built-in function`);
  if (args.length < builtIn.length || (args.length > builtIn.length && !VARIADIC.includes(name)))
    return fail(`${name} takes ${builtIn.length} arguments`);
  return builtIn(...args);
}
