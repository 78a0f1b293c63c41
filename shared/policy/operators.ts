/** The 21 condition operators, each as a factory of tests: operands are read once, values tested often. Source: RAM "Condition operators". */
import { compileGlob } from './glob.js';
import { readBoolean, readDate, readIpv4, readNetwork, readNumber } from './operands.js';

type Test = (value: string) => boolean;

/** A positive operator holds of a value that meets one operand; a negative one of a value that meets none. */
interface Operator {
  readonly negative: boolean;
  /** A test for one operand; `undefined` when the operand is not of the operator's type. */
  readonly test: (operand: string) => Test | undefined;
}

const exact =
  (operand: string): Test =>
  (value) =>
    value === operand;

function ignoringCase(operand: string): Test {
  const lower = operand.toLowerCase();
  return (value) => value.toLowerCase() === lower;
}

function sameBoolean(operand: string): Test | undefined {
  const wanted = readBoolean(operand);
  return wanted === undefined ? undefined : (value) => readBoolean(value) === wanted;
}

/**
 * One request asks of the same text again and again: a window has two ends, and every statement carries one. So the last
 * answer is kept; a reader is pure, so nobody can tell.
 */
function rememberingLast<T>(read: (text: string) => T): (text: string) => T {
  let lastText = '';
  let lastValue = read(lastText);
  return (text) => {
    if (text !== lastText) {
      lastValue = read(text);
      lastText = text;
    }
    return lastValue;
  };
}

const addressOf = rememberingLast(readIpv4);

function inNetwork(operand: string): Test | undefined {
  const network = readNetwork(operand);
  if (network === undefined) return undefined;
  const { first, size } = network;
  return (value) => {
    const address = addressOf(value);
    return address !== undefined && address >= first && address < first + size;
  };
}

const positive = (test: Operator['test']): Operator => ({ negative: false, test });
const negative = (test: Operator['test']): Operator => ({ negative: true, test });

function comparisons(
  kind: 'Numeric' | 'Date',
  read: (text: string) => number | undefined,
): readonly (readonly [string, Operator])[] {
  const remembered = rememberingLast(read);
  /** What a comparison says of a value below, at and above its bound. */
  const saying =
    (below: boolean, same: boolean, above: boolean): Operator['test'] =>
    (operand) => {
      const bound = read(operand);
      if (bound === undefined) return undefined;
      return (text) => {
        const value = remembered(text);
        if (value === undefined) return false;
        return value < bound ? below : value > bound ? above : same;
      };
    };
  return [
    [`${kind}Equals`, positive(saying(false, true, false))],
    [`${kind}NotEquals`, negative(saying(false, true, false))],
    [`${kind}LessThan`, positive(saying(true, false, false))],
    [`${kind}LessThanEquals`, positive(saying(true, true, false))],
    [`${kind}GreaterThan`, positive(saying(false, false, true))],
    [`${kind}GreaterThanEquals`, positive(saying(false, true, true))],
  ];
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['StringEquals', positive(exact)],
  ['StringNotEquals', negative(exact)],
  ['StringEqualsIgnoreCase', positive(ignoringCase)],
  ['StringNotEqualsIgnoreCase', negative(ignoringCase)],
  ['StringLike', positive(compileGlob)],
  ['StringNotLike', negative(compileGlob)],
  ...comparisons('Numeric', readNumber),
  ...comparisons('Date', readDate),
  ['Bool', positive(sameBoolean)],
  ['IpAddress', positive(inNetwork)],
  ['NotIpAddress', negative(inNetwork)],
]);

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
  const tests = operands.map((operand) => operator?.test(operand)).filter((test) => test !== undefined);
  if (operator === undefined || tests.length !== operands.length)
    throw new RangeError(`${name} cannot be compiled`);
  const meetsOne = anyOf(tests);
  return operator.negative
    ? (value) =>
        typeof value === 'string'
          ? !meetsOne(value)
          : value === undefined
            ? whenMissing
            : !value.some(meetsOne)
    : (value) => (typeof value === 'string' ? meetsOne(value) : value?.some(meetsOne) === true);
}

/** Whether one of `tests` holds. Most lists have one item, which then costs no walk. */
export function anyOf(tests: readonly Test[]): Test {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (value) => {
    for (const test of tests) if (test(value)) return true;
    return false;
  };
}
