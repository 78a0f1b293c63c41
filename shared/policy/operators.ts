/** The 21 condition operators, each as a factory of tests: operands are read once, values tested often. Source: RAM "Condition operators". */
import { globMatches } from './glob.js';

/** A positive operator holds of a value that meets one operand; a negative one of a value that meets none. */
interface Operator {
  readonly negative: boolean;
  /** A test for one operand; `undefined` when the operand is not of the operator's type. */
  readonly test: (operand: string) => ((value: string) => boolean) | undefined;
}

const exact = (operand: string) => (value: string) => value === operand;
const ignoringCase = (operand: string) => {
  const lower = operand.toLowerCase();
  return (value: string) => value.toLowerCase() === lower;
};
const like = (operand: string) => (value: string) => globMatches(operand, value);

/** Decimal number; RAM writes numbers as strings. */
const readNumber = (text: string): number | undefined =>
  /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;

/** Epoch milliseconds of an ISO-8601 date with zone: `2012-11-11T23:59:59Z`, `2019-08-12T17:00:00+08:00`. */
function readDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const epoch = Date.parse(text);
  return Number.isNaN(epoch) ? undefined : epoch;
}

function comparing(
  read: (text: string) => number | undefined,
  holds: (value: number, operand: number) => boolean,
): Operator['test'] {
  return (operand) => {
    const bound = read(operand);
    if (bound === undefined) return undefined;
    let lastText: string | undefined;
    let lastValue: number | undefined;
    return (value) => {
      // The same instant is asked about again and again: a window has two ends and every statement carries it.
      if (value !== lastText) {
        lastText = value;
        lastValue = read(value);
      }
      return lastValue !== undefined && holds(lastValue, bound);
    };
  };
}

function readBoolean(operand: string): ((value: string) => boolean) | undefined {
  const lower = operand.toLowerCase();
  return lower === 'true' || lower === 'false' ? (value) => value.toLowerCase() === lower : undefined;
}

/** An IPv4 address as an unsigned number. */
function readIpv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function inNetwork(operand: string): ((value: string) => boolean) | undefined {
  const [address = '', prefixText, ...rest] = operand.split('/');
  const base = readIpv4(address);
  const prefix = prefixText === undefined ? 32 : /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : 33;
  if (base === undefined || prefix > 32 || rest.length > 0) return undefined;
  const size = 2 ** (32 - prefix);
  const network = Math.floor(base / size);
  return (value) => {
    const ip = readIpv4(value);
    return ip !== undefined && Math.floor(ip / size) === network;
  };
}

const positive = (test: Operator['test']): Operator => ({ negative: false, test });
const negative = (test: Operator['test']): Operator => ({ negative: true, test });

function comparisons(
  kind: 'Numeric' | 'Date',
  read: (text: string) => number | undefined,
): readonly (readonly [string, Operator])[] {
  const equal = comparing(read, (value, operand) => value === operand);
  return [
    [`${kind}Equals`, positive(equal)],
    [`${kind}NotEquals`, negative(equal)],
    [`${kind}LessThan`, positive(comparing(read, (value, operand) => value < operand))],
    [`${kind}LessThanEquals`, positive(comparing(read, (value, operand) => value <= operand))],
    [`${kind}GreaterThan`, positive(comparing(read, (value, operand) => value > operand))],
    [`${kind}GreaterThanEquals`, positive(comparing(read, (value, operand) => value >= operand))],
  ];
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['StringEquals', positive(exact)],
  ['StringNotEquals', negative(exact)],
  ['StringEqualsIgnoreCase', positive(ignoringCase)],
  ['StringNotEqualsIgnoreCase', negative(ignoringCase)],
  ['StringLike', positive(like)],
  ['StringNotLike', negative(like)],
  ...comparisons('Numeric', readNumber),
  ...comparisons('Date', readDate),
  ['Bool', positive(readBoolean)],
  ['IpAddress', positive(inNetwork)],
  ['NotIpAddress', negative(inNetwork)],
]);

export const OPERATOR_NAMES: readonly string[] = [...OPERATORS.keys()];
export const isOperator = (name: string): boolean => OPERATORS.has(name);

/** Why `operand` cannot stand under `name`; `undefined` when it can. */
export function operandProblem(name: string, operand: string): string | undefined {
  const isFine = OPERATORS.get(name)?.test(operand) !== undefined;
  return isFine ? undefined : `"${operand.slice(0, 60)}" is no operand of ${name}`;
}

/** A key's value or values in the request. */
export type ContextValue = string | readonly string[] | undefined;

/**
 * One key under one operator. `whenMissing`: what a negative operator says of a key that the request lacks; undocumented.
 * @throws {RangeError} for an operator or operand that `parse` would have refused
 */
export function compileTest(
  name: string,
  operands: readonly string[],
  whenMissing: boolean,
): (value: ContextValue) => boolean {
  const operator = OPERATORS.get(name);
  const tests = operands.map((operand) => operator?.test(operand));
  if (operator === undefined || !tests.every((test) => test !== undefined))
    throw new RangeError(`${name} cannot be compiled`);
  const meetsOne = (value: string): boolean => tests.some((test) => test?.(value));
  const meets = (value: string | readonly string[]): boolean =>
    typeof value === 'string' ? meetsOne(value) : value.some(meetsOne);
  return operator.negative
    ? (value) => (value === undefined ? whenMissing : !meets(value))
    : (value) => value !== undefined && meets(value);
}
