/** What may be wrong with scopes and states. Every check adds its problems to one list. Source: CloudFlow "Process definition". */
import { asObject, checkRange, checkText, type Json, objects, onlyKnown, shown } from './json-checks.js';
import { checkCatch, checkExpression, checkRetry, checkTemplate } from './rule-checks.js';

const COMMON = ['Type', 'Name', 'Description', 'InputConstructor', 'OutputConstructor', 'GlobalConstructor'];
const FLOWING = [...COMMON, 'Next', 'End'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [...FLOWING, 'Action', 'TaskMode', 'Parameters', 'Timeout', 'Timeout.$', 'Retry', 'Catch'],
  Pass: FLOWING,
  Wait: [...FLOWING, 'Seconds', 'Seconds.$'],
  Succeed: [...COMMON, 'End'],
  Fail: [...COMMON, 'Code', 'Detail', 'End'],
  Choice: [...COMMON.filter((name) => name !== 'OutputConstructor'), 'Branches', 'Default'],
  Parallel: [...FLOWING, 'Branches', 'Retry', 'Catch'],
  Map: [...FLOWING, 'ItemsPath', 'Processor', 'MaxConcurrency', 'MaxConcuccency', 'Retry', 'Catch'],
};
const SCOPE_FIELDS = ['StartAt', 'States'];
const TASK_MODES: readonly unknown[] = [
  undefined,
  'RequestComplete',
  'WaitForSystemCallback',
  'WaitForCustomCallback',
];
const MAX_BRANCHES = 50;
const MAX_CONCURRENCY = 40;
const MAX_WAIT_SECONDS = 300;
const MAX_TIMEOUT_SECONDS = 604_800;
/** Scopes within scopes; far more than a person writes. */
const MAX_NESTING = 20;

/** The states of a flow, a branch or an iteration, and where each leads. */
export function checkScope(scope: Json, what: string, problems: string[], depth = 0): void {
  if (depth > MAX_NESTING) {
    problems.push(`${what} is nested too deeply`);
    return;
  }
  const states = objects(scope['States'], `a state of ${what}`, problems);
  if (states.length === 0) problems.push(`${what} has no list of States`);
  const names = new Set<unknown>();
  for (const { Name } of states) {
    if (typeof Name !== 'string' || Name === '' || names.has(Name))
      problems.push(`${what} has a state without a name of its own`);
    names.add(Name);
  }
  const target = (name: unknown, from: string) => {
    if (typeof name !== 'string' || !names.has(name))
      problems.push(`${from} leads to ${shown(name).slice(0, 60)}, which is no state of ${what}`);
  };
  target(scope['StartAt'], `StartAt of ${what}`);
  for (const state of states) checkState(state, target, problems, depth);
}

type Target = (name: unknown, from: string) => void;

function checkState(state: Json, target: Target, problems: string[], depth: number): void {
  const name = `state ${shown(state['Name']).slice(0, 60)}`;
  const type = shown(state['Type']);
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  if (fields === undefined) {
    problems.push(`${name} is of unknown type ${type.slice(0, 40)}`);
    return;
  }
  onlyKnown(state, [...fields, ...(type === 'Map' ? ['ProcessorConfig'] : [])], name, problems);
  checkText(state['Description'], `${name}.Description`, problems);
  if (state['End'] !== undefined && typeof state['End'] !== 'boolean')
    problems.push(`${name}.End is not true or false`);
  if (fields.includes('Next') && (state['End'] !== true || state['Next'] !== undefined))
    target(state['Next'], name);
  for (const key of ['InputConstructor', 'OutputConstructor', 'GlobalConstructor', 'Parameters'])
    checkTemplate(state[key], `${name}.${key}`, problems);
  for (const rule of objects(state['Retry'], `${name}.Retry`, problems))
    checkRetry(rule, `${name}.Retry`, problems);
  for (const rule of objects(state['Catch'], `${name}.Catch`, problems)) {
    checkCatch(rule, `${name}.Catch`, problems);
    target(rule['Next'], `${name}.Catch`);
  }
  OWN_CHECKS[type]?.(state, name, { target, problems, depth });
}

interface Around {
  readonly target: Target;
  readonly problems: string[];
  readonly depth: number;
}
/** What only one type of state has. */
const OWN_CHECKS: Readonly<Record<string, (state: Json, name: string, around: Around) => void>> = {
  Task: (state, name, { problems }) => {
    if (typeof state['Action'] !== 'string' || !/^\w+:\w+$/.test(state['Action']))
      problems.push(`${name} has no Action of the form Product:Api`);
    if (!TASK_MODES.includes(state['TaskMode'])) problems.push(`${name} has an unknown TaskMode`);
    checkSeconds(state, 'Timeout', { from: 0, to: MAX_TIMEOUT_SECONDS }, name, problems);
  },
  Wait: (state, name, { problems }) => {
    if (state['Seconds.$'] === undefined && state['Seconds'] === undefined)
      problems.push(`${name} has no Seconds`);
    checkSeconds(state, 'Seconds', { from: 1, to: MAX_WAIT_SECONDS }, name, problems);
  },
  Fail: (state, name, { problems }) => {
    for (const field of ['Code', 'Detail']) checkText(state[field], `${name}.${field}`, problems);
  },
  Choice: (state, name, { target, problems }) => {
    const branches = objects(state['Branches'], `${name}.Branches`, problems);
    if (branches.length === 0) problems.push(`${name} has no Branches`);
    for (const branch of branches) {
      onlyKnown(branch, ['Condition', 'Next', 'Description'], `${name}.Branches`, problems);
      checkExpression(branch['Condition'], `${name}.Branches.Condition`, problems);
      target(branch['Next'], `${name}.Branches`);
    }
    target(state['Default'], `${name}.Default`);
  },
  Parallel: (state, name, { problems, depth }) => {
    const branches = objects(state['Branches'], `${name}.Branches`, problems);
    if (branches.length === 0 || branches.length > MAX_BRANCHES)
      problems.push(`${name} needs 1 to ${MAX_BRANCHES} branches`);
    for (const [index, branch] of branches.entries())
      checkInner(branch, `${name}, branch ${index}`, problems, depth);
  },
  Map: (state, name, { problems, depth }) => {
    if (state['ProcessorConfig'] !== undefined)
      problems.push(`${name}: Map in distributed mode is not in this embedded cloud`);
    checkExpression(state['ItemsPath'], `${name}.ItemsPath`, problems);
    for (const field of ['MaxConcurrency', 'MaxConcuccency'])
      checkRange(state[field], 1, MAX_CONCURRENCY, `${name}.${field}`, problems);
    checkInner(
      asObject(state['Processor'], `${name}.Processor`, problems),
      `${name}.Processor`,
      problems,
      depth,
    );
  },
};

function checkInner(scope: Json, what: string, problems: string[], depth: number): void {
  onlyKnown(scope, SCOPE_FIELDS, what, problems);
  checkScope(scope, what, problems, depth + 1);
}

function checkSeconds(
  state: Json,
  field: string,
  { from, to }: { readonly from: number; readonly to: number },
  name: string,
  problems: string[],
): void {
  checkRange(state[field], from, to, `${name}.${field}`, problems);
  const expression = state[`${field}.$`];
  if (expression === undefined) return;
  checkExpression(expression, `${name}.${field}.$`, problems);
  if (state[field] !== undefined) problems.push(`${name} has both ${field} and ${field}.$`);
}
