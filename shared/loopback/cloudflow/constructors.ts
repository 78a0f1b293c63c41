/** Builds values from templates: a key that ends in `.$` holds an expression. Source: CloudFlow "Inputs and outputs". */
import { textIn } from '../json-values.js';
import { CHANCE, drawingFrom } from './chance.js';
import type { Template } from './definition.js';
import { type Expression, parseExpression, type Variables } from './expressions.js';

const parsed = new Map<string, Expression>();
const MAX_PARSED = 5_000;

/** The value of `expression`, which is parsed once however often it is asked for. @throws {ExpressionError} */
export function evaluateExpression(expression: string, variables: Variables): unknown {
  let compiled = parsed.get(expression);
  if (compiled === undefined) {
    compiled = parseExpression(expression);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(expression, compiled);
  }
  const evaluate = compiled;
  return drawingFrom(variables[CHANCE], () => evaluate(variables));
}

/** @throws {ExpressionError} */
export function construct(template: Template, variables: Variables): Template {
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$')
        ? [key.slice(0, -2), evaluateExpression(textIn(value), variables)]
        : [key, within(value, variables)],
    ),
  );
}

function within(value: unknown, variables: Variables): unknown {
  if (Array.isArray(value)) return value.map((item) => within(item, variables));
  return typeof value === 'object' && value !== null ? construct(value as Template, variables) : value;
}
