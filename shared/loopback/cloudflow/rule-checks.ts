/** Templates, expressions, Retry and Catch rules, checked. Source: CloudFlow "Error handling", "Inputs and outputs". */
import { textIn } from '../json-values.js';
import { ExpressionError } from './expression-error.js';
import { parseExpression } from './expressions.js';
import { asObject, checkRange, checkText, type Json, onlyKnown } from './json-checks.js';

/** Source: CloudFlow "Error handling". */
const MAX_INTERVAL_SECONDS = 86_400;
/** Values within values; far more than a person writes. */
const MAX_DEPTH = 50;
const RETRY_FIELDS = [
  'Errors',
  'Description',
  'MaxAttempts',
  'IntervalSeconds',
  'BackoffRate',
  'MaxBackoffSeconds',
];
const CATCH_FIELDS = ['Errors', 'Description', 'Next', 'OutputConstructor'];

export function checkRetry(rule: Json, what: string, problems: string[]): void {
  onlyKnown(rule, RETRY_FIELDS, what, problems);
  checkErrors(rule, what, problems);
  for (const field of ['MaxAttempts', 'IntervalSeconds'])
    if (rule[field] === undefined) problems.push(`${what} has no ${field}`);
  for (const field of ['MaxAttempts', 'IntervalSeconds', 'MaxBackoffSeconds'])
    if (typeof rule[field] === 'string') problems.push(`${what}.${field} is no number`);
  checkRange(rule['MaxAttempts'], 0, Number.MAX_SAFE_INTEGER, `${what}.MaxAttempts`, problems);
  checkRange(rule['IntervalSeconds'], 0, MAX_INTERVAL_SECONDS, `${what}.IntervalSeconds`, problems);
  checkRange(rule['MaxBackoffSeconds'], 0, MAX_INTERVAL_SECONDS, `${what}.MaxBackoffSeconds`, problems);
  const rate = rule['BackoffRate'];
  if (rate !== undefined && !(typeof rate === 'number' && rate > 0 && Number.isFinite(rate)))
    problems.push(`${what}.BackoffRate must be a number above 0`);
}

/** Everything about a Catch rule but whether its `Next` exists. */
export function checkCatch(rule: Json, what: string, problems: string[]): void {
  onlyKnown(rule, CATCH_FIELDS, what, problems);
  checkErrors(rule, what, problems);
  checkTemplate(rule['OutputConstructor'], `${what}.OutputConstructor`, problems);
}

/** Editions before 2024 asked for no Description; today's do. */
function checkErrors(rule: Json, what: string, problems: string[]): void {
  if (rule['Description'] === undefined) problems.push(`${what} has no Description`);
  checkText(rule['Description'], `${what}.Description`, problems);
  const errors = rule['Errors'];
  if (!Array.isArray(errors) || errors.length === 0 || !errors.every((error) => typeof error === 'string'))
    problems.push(`${what} has no Errors`);
}

/** A template is a mapping at its top, and absent or sound. */
export function checkTemplate(value: unknown, what: string, problems: string[]): void {
  if (value === undefined) return;
  checkWithin(asObject(value, what, problems), what, problems);
}

function checkWithin(value: unknown, what: string, problems: string[], depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) {
    problems.push(`${what.slice(0, 100)} is nested too deeply`);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    if (!key.endsWith('.$')) checkWithin(child, `${what}.${key}`, problems, depth + 1);
    else if (Object.hasOwn(value, key.slice(0, -2)))
      problems.push(`${what} has both ${key} and ${key.slice(0, -2)}`);
    else checkExpression(child, `${what}.${key}`, problems);
  }
}

/** YAML reads `5` and `true` as values already; as expressions they are what they say. */
export function checkExpression(value: unknown, what: string, problems: string[]): void {
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    problems.push(`${what} is no expression`);
    return;
  }
  try {
    parseExpression(textIn(value));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.push(`${what}: ${error.message}`);
  }
}
