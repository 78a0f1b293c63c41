/**
 * The leaves of event patterns. Where the vendor's page is silent the semantics of the open-source sibling (Apache RocketMQ
 * EventBridge) are taken; so are its conditions that the page does not list (`unlisted`), unless told otherwise. One difference: numbers are
 * compared as JavaScript writes them, so that 300.0 in an event equals 300 here and not there.
 */
import { isObject } from './events.js';

/** The pattern cannot be used; the message gives the reason in the service's manner. */
export class BadPatternError extends Error {
  override readonly name = 'BadPatternError';
}
export const bad = (reason: string): BadPatternError =>
  new BadPatternError(`Event pattern is not valid, reason: ${reason}`);

/** Judges the value of one field; `undefined` stands for a field that the event lacks. */
export type Matcher = (value: unknown) => boolean;
type Test = (value: unknown) => boolean;

/** What the open-source sibling takes and the vendor's page does not list, by name; `undefined` of what is listed or not taken at all. */
export function unlisted(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const { numeric: bounds, 'anything-but': but, cidr: network } = item;
  const comparison = Array.isArray(bounds) ? bounds.find((one) => one === '>=' || one === '!=') : undefined;
  if (comparison !== undefined) return `numeric ${comparison}`;
  if (isObject(but) && 'suffix' in but) return 'anything-but with a suffix';
  return typeof network === 'string' && !network.includes('/') ? 'cidr of one address' : undefined;
}

/** Items are ORed. @throws {BadPatternError} */
export function compileLeaf(items: readonly unknown[]): Matcher {
  if (items.length === 0) throw bad('an array is empty');
  const tests = items.map(compileItem);
  return (value) => tests.some((test) => test(value));
}

function compileItem(item: unknown): Test {
  if (Array.isArray(item)) throw bad('arrays are nested');
  if (!isObject(item)) return ofEach(equals(item));
  const [[operator, operand] = ['', undefined], ...rest] = Object.entries(item);
  if (rest.length > 0) throw bad('a condition has more than one operator');
  return compileOperator(operator, operand);
}

function compileOperator(operator: string, operand: unknown): Test {
  switch (operator) {
    case 'prefix':
      return ofEach(affix(operand, (value, text) => value.startsWith(text)));
    case 'suffix':
      return ofEach(affix(operand, (value, text) => value.endsWith(text)));
    case 'contains':
      return ofEach(affix(operand, (value, text) => value.includes(text)));
    case 'anything-but':
      return ofEach(anythingBut(operand));
    case 'numeric':
      return ofEach(numeric(operand));
    case 'cidr':
      return ofEach(cidr(operand));
    case 'exists':
      return exists(operand);
    default:
      throw bad(`the operator ${operator.slice(0, 40)} is not known`);
  }
}

/** A list matches when one of its elements does. Objects never match, nor do lists that hold objects or lists. */
const ofEach =
  (test: Test): Test =>
  (value) => {
    if (value === undefined || isObject(value)) return false;
    if (!Array.isArray(value)) return test(value);
    return value.every(isScalar) && value.some(test);
  };
const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** Numbers and strings are compared as written. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const equals =
  (expected: unknown): Test =>
  (value) =>
    expected === null || value === null ? expected === value : textOf(expected) === textOf(value);

function affix(operand: unknown, holds: (value: string, affix: string) => boolean): Test {
  if (typeof operand !== 'string' || operand === '')
    throw bad('prefix, suffix and contains take a non-empty string');
  return (value) => typeof value === 'string' && holds(value, operand);
}

function exists(operand: unknown): Test {
  if (typeof operand !== 'boolean') throw bad('exists takes a boolean');
  const isThere = ofEach(() => true);
  return operand ? isThere : (value) => value === undefined;
}

function anythingBut(operand: unknown): Test {
  if (isObject(operand)) {
    const [[operator, text] = ['', undefined], ...rest] = Object.entries(operand);
    if (rest.length > 0 || (operator !== 'prefix' && operator !== 'suffix'))
      throw bad('anything-but takes values, a prefix or a suffix');
    const excluded = affix(
      text,
      operator === 'prefix' ? (value, stem) => value.startsWith(stem) : (value, tail) => value.endsWith(tail),
    );
    return (value) => !excluded(value);
  }
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0 || !values.every(isScalar))
    throw bad('anything-but takes values, not lists of lists');
  const excluded = values.map(equals);
  return (value) => !excluded.some((matches) => matches(value));
}

const COMPARISONS: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ['=', (value: number, bound: number) => value === bound],
  ['!=', (value: number, bound: number) => value !== bound],
  ['>', (value: number, bound: number) => value > bound],
  ['>=', (value: number, bound: number) => value >= bound],
  ['<', (value: number, bound: number) => value < bound],
  ['<=', (value: number, bound: number) => value <= bound],
]);

function numeric(operand: unknown): Test {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4))
    throw bad('numeric takes one or two comparisons');
  const tests = [0, 2].slice(0, operand.length / 2).map((at) => {
    const comparison = COMPARISONS.get(operand[at]);
    const bound: unknown = operand[at + 1];
    if (comparison === undefined) throw bad('numeric takes =, !=, >, >=, < and <=');
    if (typeof bound !== 'number' || !isBound(bound))
      throw bad('numeric takes numbers up to 1.0e9 with 15 digits, 6 of them decimals');
    return (value: number) => comparison(value, bound);
  });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

const isBound = (value: number): boolean =>
  Math.abs(value) <= 1e9 &&
  Number(value.toFixed(6)) === value &&
  String(Math.abs(value)).replace('.', '').length <= 15;

/** IPv4 only. The whole network counts, its first and last address too; without a length, the one address. */
function cidr(operand: unknown): Test {
  const [, address = '', length = '32'] =
    /^([\d.]+)(?:\/(\d{1,2}))?$/.exec(typeof operand === 'string' ? operand : '') ?? [];
  const base = ipv4(address);
  if (base === undefined || Number(length) > 32) throw bad('cidr takes an IPv4 network');
  const size = 2 ** (32 - Number(length));
  return (value) => {
    const ip = typeof value === 'string' ? ipv4(value) : undefined;
    return ip !== undefined && Math.floor(ip / size) === Math.floor(base / size);
  };
}

function ipv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  return parts === undefined || parts.some((part) => part > 255)
    ? undefined
    : parts.reduce((sum, part) => sum * 256 + part, 0);
}
