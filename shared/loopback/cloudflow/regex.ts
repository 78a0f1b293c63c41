/** Regular expressions that cannot hang: some patterns take longer than anyone lives, and JavaScript's engine has no limit. */
import { createContext, Script } from 'node:vm';
import { ExpressionError } from './expression-error.js';

const MAX_MS = 200;
const test = new Script('new RegExp(pattern).test(value)');
const sandbox = createContext({ pattern: '', value: '' }) as { pattern: string; value: string };

/** Whether `pattern` is found in `value`. @throws {ExpressionError} for no pattern, or one that takes too long */
export function matches(pattern: string, value: string): boolean {
  Object.assign(sandbox, { pattern, value });
  try {
    return test.runInContext(sandbox, { timeout: MAX_MS }) === true;
  } catch {
    throw new ExpressionError('the pattern is no regular expression, or takes too long');
  }
}
