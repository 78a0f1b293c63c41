/** Values that pass between states: constructed, checked. Source: CloudFlow "Inputs and outputs", "Limits". */
import { textIn } from '../json-values.js';
import { evaluateExpression } from './constructors.js';
import type { Template } from './definition.js';
import { ExpressionError } from './expression-error.js';
import type { Variables } from './expressions.js';
import { MAX_DATA_BYTES, MAX_GLOBAL_KEY_BYTES, MAX_GLOBAL_VALUE_BYTES, RUNTIME_ERROR } from './readings.js';
import { StateError } from './state-error.js';

/** What an expression fails with is a state's failure. @throws {StateError} */
export function evaluated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError) throw new StateError(RUNTIME_ERROR, error.message);
    throw error;
  }
}

/** Every input and output is a JSON object. @throws {StateError} */
export function asData(value: unknown): Template {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Template;
  throw new StateError(RUNTIME_ERROR, 'a result is no JSON object');
}

/** `data` if it is not too large. @throws {StateError} */
export function checked(data: Template): Template {
  if (Buffer.byteLength(JSON.stringify(data)) > MAX_DATA_BYTES)
    throw new StateError(RUNTIME_ERROR, 'a value is larger than 64 KiB');
  return data;
}

/** What a state adds to `$Global`, if no key and no value is too large. @throws {StateError} */
export function checkedGlobals(added: Template): Template {
  for (const [key, value] of Object.entries(added)) {
    if (Buffer.byteLength(key) > MAX_GLOBAL_KEY_BYTES)
      throw new StateError(RUNTIME_ERROR, 'a key of $Global is longer than 128 bytes');
    if (Buffer.byteLength(JSON.stringify(value)) > MAX_GLOBAL_VALUE_BYTES)
      throw new StateError(RUNTIME_ERROR, `$Global.${key} is larger than 256 KiB`);
  }
  return added;
}

/** Seconds written out or as an expression, within their range. @throws {StateError} */
export function secondsOf(
  literal: number | string | undefined,
  expression: string | undefined,
  variables: Variables,
  { from, to }: { readonly from: number; readonly to: number },
  what: string,
): number {
  const value =
    expression === undefined ? literal : evaluated(() => evaluateExpression(textIn(expression), variables));
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));
  const seconds = isNumeric ? Number(value) : Number.NaN;
  if (!(Number.isInteger(seconds) && seconds >= from && seconds <= to))
    throw new StateError(RUNTIME_ERROR, `${what} takes ${from} to ${to} whole seconds`);
  return seconds;
}
