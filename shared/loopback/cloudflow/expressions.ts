/**
 * Expressions of the new spec: paths from `$Input`, `$Output`, `$Context`, `$Global`, `$Item`; literals; comparison, logic,
 * membership; calls of built-in functions. Source: CloudFlow "Inputs and outputs", "Choice", "Built-in functions".
 */

import { textIn } from '../json-values.js';
import { callBuiltIn, isBuiltIn, sameValue } from './built-ins.js';
import type { CHANCE, Chance } from './chance.js';
import { ExpressionError } from './expression-error.js';

/** Where the variables of an expression say that it compares values of any kind; no expression can name it. */
export const ANY_KIND = Symbol('any kind');

/** Values of the system variables, by name with `$`. */
export interface Variables {
  readonly [name: string]: unknown;
  /** Without it what is random is the host's. */
  readonly [CHANCE]?: Chance;
  readonly [ANY_KIND]?: boolean;
}
export type Expression = (variables: Variables) => unknown;

type Token = { readonly kind: 'path' | 'name' | 'string' | 'number' | 'symbol'; readonly text: string };

const TOKEN =
  /\s*(?:(\$[A-Za-z][\w]*)|([A-Za-z_][\w]*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(\d+(?:\.\d+)?)|(==|!=|>=|<=|&&|\|\||[><!\-().,[\]]))/y;
const KINDS = ['path', 'name', 'string', 'number', 'symbol'] as const;
const MAX_CALLS = 10;
/** Longer is no honest expression. */
const MAX_TOKENS = 2_000;
/** Deeper nesting is no honest expression. */
const MAX_DEPTH = 100;

/** @throws {ExpressionError} */
export function parseExpression(text: string): Expression {
  return new Parser(tokenize(text), text).whole();
}

/** What no page says of expressions, and of conditions alone, in words for whoever wrote one. */
export type Undocumented =
  | 'parentheses'
  | 'null'
  | 'an index that is no number'
  | 'both && and || at once'
  | 'a function in a condition'
  | 'single quotes in a condition';

/** What an expression, or a condition, says that no page does; empty when each part of it is documented. @throws {ExpressionError} */
export function undocumentedIn(text: string, isCondition: boolean): readonly Undocumented[] {
  const parser = new Parser(tokenize(text), text);
  parser.whole();
  return [...parser.undocumented].filter((what) => isCondition || !what.endsWith('in a condition'));
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new ExpressionError(`cannot read "${text.slice(at, at + 20)}"`);
    const which = match.slice(1).findIndex((group) => group !== undefined);
    if (tokens.length >= MAX_TOKENS) throw new ExpressionError('an expression is too long');
    tokens.push({ kind: KINDS[which] ?? 'symbol', text: match[which + 1] ?? '' });
  }
  return tokens;
}

class Parser {
  #at = 0;
  #calls = 0;
  #depth = 0;
  readonly undocumented = new Set<Undocumented>();

  constructor(
    private readonly tokens: readonly Token[],
    private readonly source: string,
  ) {}

  whole(): Expression {
    const expression = this.#or();
    if (this.#at < this.tokens.length) throw this.#error('has something left over');
    const symbols = this.tokens.filter(({ kind }) => kind === 'symbol').map(({ text }) => text);
    if (symbols.includes('&&') && symbols.includes('||')) this.undocumented.add('both && and || at once');
    return expression;
  }

  #error(what: string): ExpressionError {
    return new ExpressionError(`expression "${this.source.slice(0, 80)}" ${what}`);
  }
  #peek(text: string): boolean {
    const token = this.tokens[this.#at];
    return token !== undefined && token.kind !== 'string' && token.text === text;
  }
  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += 1;
    return true;
  }
  #expect(text: string): void {
    if (!this.#take(text)) throw this.#error(`lacks a ${text}`);
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('||')) {
      const [first, second] = [left, this.#and()];
      left = (variables) => truth(first(variables)) || truth(second(variables));
    }
    return left;
  }
  #and(): Expression {
    let left = this.#comparison();
    while (this.#take('&&')) {
      const [first, second] = [left, this.#comparison()];
      left = (variables) => truth(first(variables)) && truth(second(variables));
    }
    return left;
  }
  #comparison(): Expression {
    const left = this.#prefix();
    const token = this.tokens[this.#at];
    const compare = token === undefined || token.kind === 'string' ? undefined : COMPARISONS.get(token.text);
    if (compare === undefined) return left;
    this.#at += 1;
    const right = this.#prefix();
    const isEquality = token?.text === '==' || token?.text === '!=';
    return (variables) => {
      const [first, second] = [left(variables), right(variables)];
      if (isEquality && variables[ANY_KIND] !== true) demandComparable(first, second);
      return compare(first, second);
    };
  }
  #prefix(): Expression {
    if (++this.#depth > MAX_DEPTH) throw this.#error('is nested too deeply');
    try {
      if (this.#take('!')) {
        const inner = this.#prefix();
        return (variables) => !truth(inner(variables));
      }
      if (this.#take('-')) {
        const inner = this.#prefix();
        return (variables) => -number(inner(variables));
      }
      return this.#primary();
    } finally {
      this.#depth -= 1;
    }
  }

  #primary(): Expression {
    if (this.#take('(')) {
      this.undocumented.add('parentheses');
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    if (this.#take('[')) return this.#list(']');
    const token = this.tokens[this.#at++];
    switch (token?.kind) {
      case 'string': {
        if (token.text.startsWith("'")) this.undocumented.add('single quotes in a condition');
        const value = unquote(token.text);
        return () => value;
      }
      case 'number': {
        const value = Number(token.text);
        return () => value;
      }
      case 'path':
        return this.#path(token.text);
      case 'name':
        return this.#named(token.text);
      default:
        throw this.#error('ends too early or has a symbol out of place');
    }
  }

  /** Elements up to `end`, as one value: a list. */
  #list(end: string): Expression {
    const elements: Expression[] = [];
    while (!this.#take(end)) {
      elements.push(this.#or());
      if (!this.#peek(end)) this.#expect(',');
    }
    return (variables) => elements.map((element) => element(variables));
  }

  #path(root: string): Expression {
    const steps: Expression[] = [];
    for (;;) {
      if (this.#take('.')) {
        const token = this.tokens[this.#at++];
        if (token?.kind !== 'name') throw this.#error('has a dot without a name');
        steps.push(() => token.text);
      } else if (this.#take('[')) {
        if (this.tokens[this.#at]?.kind !== 'number') this.undocumented.add('an index that is no number');
        steps.push(this.#or());
        this.#expect(']');
      } else break;
    }
    return (variables) => {
      if (!Object.hasOwn(variables, root)) throw new ExpressionError(`${root} is not to be had here`);
      return steps.reduce<unknown>(
        (value, step) => stepInto(value, step(variables), this.source),
        variables[root],
      );
    };
  }

  #named(name: string): Expression {
    if (name === 'true' || name === 'false') return () => name === 'true';
    if (name === 'null') {
      this.undocumented.add('null');
      return () => null;
    }
    if (!isBuiltIn(name)) throw this.#error(`calls ${name}, which is no built-in function`);
    if (++this.#calls > MAX_CALLS) throw this.#error(`has more than ${MAX_CALLS} function calls`);
    this.undocumented.add('a function in a condition');
    this.#expect('(');
    const args = this.#list(')');
    return (variables) => callBuiltIn(name, args(variables) as readonly unknown[]);
  }
}

function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  return quoted.startsWith('`')
    ? inner
    : inner.replace(/\\(.)/g, (_, character: string) => ({ n: '\n', t: '\t' })[character] ?? character);
}

function stepInto(value: unknown, key: unknown, source: string): unknown {
  const found = Array.isArray(value)
    ? value[typeof key === 'number' ? key : -1] // a list has no members but its items
    : typeof value === 'object' && value !== null && Object.hasOwn(value, textIn(key))
      ? (value as Variables)[textIn(key)]
      : undefined;
  if (found === undefined)
    throw new ExpressionError(`"${source.slice(0, 80)}" leads nowhere at ${textIn(key).slice(0, 40)}`);
  return found;
}

function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new ExpressionError('logic takes booleans');
  return value;
}
function number(value: unknown): number {
  if (typeof value !== 'number') throw new ExpressionError('a number is due');
  return value;
}

function demandComparable(left: unknown, right: unknown): void {
  const kinds = [typeof left, typeof right];
  if (kinds[0] !== kinds[1] || (kinds[0] !== 'number' && kinds[0] !== 'string'))
    throw new ExpressionError('only two numbers or two strings are documented to be compared');
}

const ordered =
  (holds: (left: number | string, right: number | string) => boolean) =>
  (left: unknown, right: unknown): boolean => {
    if (typeof left === 'number' && typeof right === 'number') return holds(left, right);
    if (typeof left === 'string' && typeof right === 'string') return holds(left, right);
    throw new ExpressionError('only two numbers or two strings can be put in order');
  };
const COMPARISONS: ReadonlyMap<string, (left: unknown, right: unknown) => boolean> = new Map([
  ['==', sameValue],
  ['!=', (left, right) => !sameValue(left, right)],
  ['>', ordered((left, right) => left > right)],
  ['>=', ordered((left, right) => left >= right)],
  ['<', ordered((left, right) => left < right)],
  ['<=', ordered((left, right) => left <= right)],
  [
    'in',
    (left, right) => {
      if (Array.isArray(right)) return right.some((element) => sameValue(element, left));
      if (typeof right === 'object' && right !== null) return Object.hasOwn(right, textIn(left));
      throw new ExpressionError('"in" takes a list or an object');
    },
  ],
]);
