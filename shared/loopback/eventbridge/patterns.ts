/**
 * Event patterns: leaves are arrays, ORed; keys are ANDed. Where the vendor's page is silent the semantics of the open-source
 * sibling (Apache RocketMQ EventBridge) are taken. Source: EventBridge "Event patterns".
 */

type Json = Readonly<Record<string, unknown>>;
type Test = (value: unknown) => boolean;
/** `undefined` stands for a field that the event lacks. */
type Matcher = (value: unknown) => boolean;

/** The pattern cannot be used; `reason` as the service words it. */
export class BadPatternError extends Error {
  override readonly name = 'BadPatternError';
}

const ATTRIBUTES = new Set([
  'id',
  'source',
  'specversion',
  'type',
  'time',
  'subject',
  'datacontenttype',
  'dataschema',
  'data',
]);

/** @throws {BadPatternError} */
export function compilePattern(text: string): (event: Json) => boolean {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw bad('the pattern is not JSON');
  }
  if (!isObject(pattern)) throw bad('the pattern is not an object');
  for (const key of Object.keys(pattern))
    if (!ATTRIBUTES.has(key) && !key.startsWith('aliyun'))
      throw bad(`the key ${key.slice(0, 40)} is not known`);
  if (isObject(pattern['data']) && Object.keys(pattern['data']).length === 0) throw bad('data is empty');
  const matcher = compileObject(pattern, 0);
  return (event) => matcher(event);
}

const bad = (reason: string): BadPatternError =>
  new BadPatternError(`Event pattern is not valid, reason: ${reason}`);
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const MAX_DEPTH = 32;

function compileObject(pattern: Json, depth: number): Matcher {
  if (depth > MAX_DEPTH) throw bad('nested too deeply');
  const fields = Object.entries(pattern).map(([key, child]): readonly [string, Matcher] => {
    if (Array.isArray(child)) return [key, compileLeaf(child)];
    if (isObject(child)) return [key, compileObject(child, depth + 1)];
    throw bad(`${key.slice(0, 40)} is not an array`);
  });
  return (value) =>
    fields.every(([key, matches]) =>
      matches(isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    );
}

function compileLeaf(items: readonly unknown[]): Matcher {
  if (items.length === 0) throw bad('an array is empty');
  const tests = items.map(compileItem);
  return (value) => tests.some((test) => test(value));
}

/** A value that is a list matches when one of its elements does; objects never match a leaf. */
const ofEach =
  (test: Test): Test =>
  (value) => {
    if (value === undefined || isObject(value)) return false;
    if (!Array.isArray(value)) return test(value);
    return value.every((element) => !isObject(element)) && value.some(test);
  };

/** Numbers and strings are compared as written. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const equals =
  (expected: unknown): Test =>
  (value) =>
    expected === null || value === null ? expected === value : textOf(expected) === textOf(value);

function compileItem(item: unknown): Test {
  if (Array.isArray(item)) throw bad('arrays are nested');
  if (!isObject(item)) return ofEach(equals(item));
  const [[operator, operand] = ['', undefined], ...rest] = Object.entries(item);
  if (rest.length > 0) throw bad('a condition has more than one operator');
  return compileOperator(operator, operand);
}

const affix = (operand: unknown, holds: (value: string, affix: string) => boolean): Test => {
  if (typeof operand !== 'string' || operand === '')
    throw bad('prefix, suffix and contains take a non-empty string');
  return (value) => typeof value === 'string' && holds(value, operand);
};

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
      if (typeof operand !== 'boolean') throw bad('exists takes a boolean');
      return (value) => (value !== undefined && !isObject(value)) === operand;
    default:
      throw bad(`the operator ${operator.slice(0, 40)} is not known`);
  }
}

function anythingBut(operand: unknown): Test {
  if (isObject(operand)) {
    const [[operator, text] = ['', undefined], ...rest] = Object.entries(operand);
    if (rest.length > 0 || (operator !== 'prefix' && operator !== 'suffix'))
      throw bad('anything-but takes values, a prefix or a suffix');
    const excluded = affix(
      text,
      operator === 'prefix' ? (value, stem) => value.startsWith(stem) : (value, stem) => value.endsWith(stem),
    );
    return (value) => !excluded(value);
  }
  const excluded = (Array.isArray(operand) ? operand : [operand]).map((value) => equals(value));
  if (excluded.length === 0) throw bad('anything-but is empty');
  return (value) => !excluded.some((matches) => matches(value));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
};

function numeric(operand: unknown): Test {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4))
    throw bad('numeric takes one or two comparisons');
  const tests = [0, 2].slice(0, operand.length / 2).map((at) => {
    const comparison = Object.hasOwn(COMPARISONS, String(operand[at]))
      ? COMPARISONS[String(operand[at])]
      : undefined;
    const bound: unknown = operand[at + 1];
    if (comparison === undefined || typeof bound !== 'number' || Math.abs(bound) > 1e9)
      throw bad('numeric takes =, >, >=, <, <= and numbers up to 1.0e9');
    return (value: number) => comparison(value, bound);
  });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function cidr(operand: unknown): Test {
  const [address = '', prefixText = '32'] = typeof operand === 'string' ? operand.split('/') : [];
  const base = ipv4(address);
  const prefix = Number(prefixText);
  if (base === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > 32)
    throw bad('cidr takes an IPv4 network');
  const size = 2 ** (32 - prefix);
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
