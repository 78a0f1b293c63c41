/** Reads a definition of the new spec; everything wrong with it is named at once. Source: CloudFlow "Process definition". */
import { parseDocument } from 'yaml';
import { ExpressionError } from './expression-error.js';
import { parseExpression } from './expressions.js';

export type Template = Readonly<Record<string, unknown>>;

export interface RetryRule {
  readonly Errors: readonly string[];
  readonly MaxAttempts: number;
  readonly IntervalSeconds: number;
  readonly BackoffRate?: number;
  readonly MaxBackoffSeconds?: number;
}
export interface CatchRule {
  readonly Errors: readonly string[];
  readonly Next: string;
  readonly OutputConstructor?: Template;
}
interface Common {
  readonly Name: string;
  readonly InputConstructor?: Template;
  readonly OutputConstructor?: Template;
  readonly GlobalConstructor?: Template;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Retry?: readonly RetryRule[];
  readonly Catch?: readonly CatchRule[];
}
export type State =
  | (Common & {
      readonly Type: 'Task';
      readonly Action: string;
      readonly TaskMode?: string;
      readonly Parameters?: Template;
      readonly Timeout?: number | string;
      readonly 'Timeout.$'?: string;
    })
  | (Common & { readonly Type: 'Pass' | 'Succeed' })
  | (Common & { readonly Type: 'Wait'; readonly Seconds?: number; readonly 'Seconds.$'?: string })
  | (Common & { readonly Type: 'Fail'; readonly Code?: string; readonly Detail?: string })
  | (Common & {
      readonly Type: 'Choice';
      readonly Branches: readonly { readonly Condition: string; readonly Next: string }[];
      readonly Default: string;
    })
  | (Common & { readonly Type: 'Parallel'; readonly Branches: readonly Scope[] })
  | (Common & {
      readonly Type: 'Map';
      readonly ItemsPath: string;
      readonly Processor: Scope;
      readonly MaxConcurrency?: number;
      readonly MaxConcuccency?: number;
    });
/** A flow, a branch or an iteration: states that only know each other. */
export interface Scope {
  readonly StartAt: string;
  readonly States: readonly State[];
}
export interface Definition extends Scope {
  readonly Name: string;
}

/** The definition is refused; `problems` has every reason. */
export class BadDefinitionError extends Error {
  override readonly name = 'BadDefinitionError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

type Json = Readonly<Record<string, unknown>>;

const COMMON = ['Type', 'Name', 'Description', 'InputConstructor', 'OutputConstructor', 'GlobalConstructor'];
const FLOWING = [...COMMON, 'Next', 'End'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [...FLOWING, 'Action', 'TaskMode', 'Parameters', 'Timeout', 'Timeout.$', 'Retry', 'Catch'],
  Pass: FLOWING,
  Wait: [...FLOWING, 'Seconds', 'Seconds.$'],
  Succeed: [...COMMON, 'End'],
  Fail: [...COMMON.filter((name) => name !== 'OutputConstructor'), 'Code', 'Detail', 'End'],
  Choice: [...COMMON.filter((name) => name !== 'OutputConstructor'), 'Branches', 'Default'],
  Parallel: [...FLOWING, 'Branches', 'Retry', 'Catch'],
  Map: [...FLOWING, 'ItemsPath', 'Processor', 'MaxConcurrency', 'MaxConcuccency', 'Retry', 'Catch'],
};
const MAX_BRANCHES = 50;
const MAX_CONCURRENCY = 40;
const MAX_WAIT_SECONDS = 300;
const MAX_TIMEOUT_SECONDS = 604_800;
/** Scopes within scopes; far more than a person writes. */
const MAX_NESTING = 20;

/** @throws {BadDefinitionError} */
export function readDefinition(text: string): Definition {
  const document = parseDocument(text, { schema: 'core' });
  if (document.errors.length > 0)
    throw new BadDefinitionError(document.errors.map((error) => error.message.split('\n')[0] ?? 'not YAML'));
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 1000 });
  } catch {
    throw new BadDefinitionError(['aliases are nested too deeply']);
  }
  const problems: string[] = [];
  const definition = asObject(value, 'the definition', problems);
  if (definition['type'] === 'flow')
    throw new BadDefinitionError(['the older language (type: flow) is not understood here']);
  if (definition['Type'] !== 'StateMachine') problems.push('Type must be StateMachine');
  if (definition['SpecVersion'] !== 'v1') problems.push('SpecVersion must be v1');
  if (typeof definition['Name'] !== 'string') problems.push('Name is missing');
  onlyKnown(
    definition,
    ['Type', 'SpecVersion', 'Name', 'Description', 'StartAt', 'States'],
    'the definition',
    problems,
  );
  checkScope(definition, 'the flow', problems, 0);
  if (problems.length > 0) throw new BadDefinitionError(problems);
  return value as Definition;
}

function asObject(value: unknown, what: string, problems: string[]): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  problems.push(`${what} is no mapping`);
  return {};
}

function onlyKnown(json: Json, known: readonly string[], what: string, problems: string[]): void {
  for (const field of Object.keys(json))
    if (!known.includes(field)) problems.push(`${what} has no field ${field.slice(0, 40)}`);
}

function checkScope(scope: Json, what: string, problems: string[], depth: number): void {
  if (depth > MAX_NESTING) {
    problems.push(`${what} is nested too deeply`);
    return;
  }
  const states = Array.isArray(scope['States'])
    ? scope['States'].map((state) => asObject(state, `a state of ${what}`, problems))
    : [];
  if (states.length === 0) problems.push(`${what} has no list of States`);
  const names = states.map((state) => state['Name']);
  for (const [index, name] of names.entries())
    if (typeof name !== 'string' || names.indexOf(name) < index)
      problems.push(`${what} has a state without a name of its own`);
  const target = (name: unknown, from: string) => {
    if (typeof name !== 'string' || !names.includes(name))
      problems.push(`${from} leads to ${String(name).slice(0, 60)}, which is no state of ${what}`);
  };
  target(scope['StartAt'], `StartAt of ${what}`);
  for (const state of states) checkState(state, target, problems, depth);
}

type Target = (name: unknown, from: string) => void;

function checkState(state: Json, target: Target, problems: string[], depth: number): void {
  const name = `state ${String(state['Name']).slice(0, 60)}`;
  const type = String(state['Type']);
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  if (fields === undefined) {
    problems.push(`${name} is of unknown type ${type.slice(0, 40)}`);
    return;
  }
  if (state['ProcessorConfig'] !== undefined)
    problems.push(`${name}: Map in distributed mode is not in this embedded cloud`);
  onlyKnown(state, [...fields, 'ProcessorConfig'], name, problems);
  const flows = fields.includes('Next');
  if (flows && state['End'] !== true) target(state['Next'], name);
  for (const key of ['InputConstructor', 'OutputConstructor', 'GlobalConstructor', 'Parameters'])
    checkTemplate(state[key], `${name}.${key}`, problems);
  for (const rule of rules(state['Retry'], `${name}.Retry`, problems)) checkRetry(rule, name, problems);
  for (const rule of rules(state['Catch'], `${name}.Catch`, problems)) {
    target(rule['Next'], `${name}.Catch`);
    checkTemplate(rule['OutputConstructor'], `${name}.Catch`, problems);
  }
  switch (type) {
    case 'Task':
      if (typeof state['Action'] !== 'string' || !/^\w+:\w+$/.test(state['Action']))
        problems.push(`${name} has no Action of the form Product:Api`);
      if (
        !['undefined', 'RequestComplete', 'WaitForSystemCallback', 'WaitForCustomCallback'].includes(
          String(state['TaskMode']),
        )
      )
        problems.push(`${name} has an unknown TaskMode`);
      range(state['Timeout'], 0, MAX_TIMEOUT_SECONDS, `${name}.Timeout`, problems);
      break;
    case 'Wait':
      if (state['Seconds.$'] === undefined && state['Seconds'] === undefined)
        problems.push(`${name} has no Seconds`);
      range(state['Seconds'], 1, MAX_WAIT_SECONDS, `${name}.Seconds`, problems);
      break;
    case 'Choice':
      for (const branch of rules(state['Branches'], `${name}.Branches`, problems)) {
        checkExpression(branch['Condition'], `${name}.Branches`, problems);
        target(branch['Next'], `${name}.Branches`);
      }
      target(state['Default'], `${name}.Default`);
      break;
    case 'Parallel': {
      const branches = rules(state['Branches'], `${name}.Branches`, problems);
      if (branches.length === 0 || branches.length > MAX_BRANCHES)
        problems.push(`${name} needs 1 to ${MAX_BRANCHES} branches`);
      for (const [index, branch] of branches.entries())
        checkScope(branch, `${name}, branch ${index}`, problems, depth + 1);
      break;
    }
    case 'Map':
      checkExpression(state['ItemsPath'], `${name}.ItemsPath`, problems);
      range(state['MaxConcurrency'], 1, MAX_CONCURRENCY, `${name}.MaxConcurrency`, problems);
      range(state['MaxConcuccency'], 1, MAX_CONCURRENCY, `${name}.MaxConcuccency`, problems);
      checkScope(
        asObject(state['Processor'], `${name}.Processor`, problems),
        `${name}.Processor`,
        problems,
        depth + 1,
      );
      break;
  }
}

function rules(value: unknown, what: string, problems: string[]): readonly Json[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((rule) => asObject(rule, what, problems));
  problems.push(`${what} is no list`);
  return [];
}

function checkRetry(rule: Json, name: string, problems: string[]): void {
  const isListOfNames =
    Array.isArray(rule['Errors']) &&
    rule['Errors'].length > 0 &&
    rule['Errors'].every((error) => typeof error === 'string');
  if (!isListOfNames) problems.push(`${name}.Retry has no Errors`);
  for (const field of ['MaxAttempts', 'IntervalSeconds'])
    if (!Number.isInteger(rule[field])) problems.push(`${name}.Retry has no ${field}`);
  range(rule['IntervalSeconds'], 0, 86_400, `${name}.Retry.IntervalSeconds`, problems);
  range(rule['MaxBackoffSeconds'], 0, 86_400, `${name}.Retry.MaxBackoffSeconds`, problems);
}

function range(value: unknown, from: number, to: number, what: string, problems: string[]): void {
  if (value !== undefined && !(Number(value) >= from && Number(value) <= to))
    problems.push(`${what} must be ${from} to ${to}`);
}

function checkTemplate(value: unknown, what: string, problems: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key.endsWith('.$')) checkExpression(child, `${what}.${key}`, problems);
    else checkTemplate(child, what, problems);
  }
}

function checkExpression(value: unknown, what: string, problems: string[]): void {
  try {
    parseExpression(String(value));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.push(`${what}: ${error.message}`);
  }
}
