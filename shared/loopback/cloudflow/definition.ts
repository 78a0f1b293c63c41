/** Reads a definition of the new spec; everything wrong with it is named at once. Source: CloudFlow "Process definition". */
import { parseDocument } from 'yaml';
import { checkScope } from './definition-checks.js';
import { asObject, onlyKnown } from './json-checks.js';

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

const FIELDS = ['Type', 'SpecVersion', 'Name', 'Description', 'StartAt', 'States'];

/** @throws {BadDefinitionError} */
export function readDefinition(text: string): Definition {
  const value = parsed(text);
  const problems: string[] = [];
  const definition = asObject(value, 'the definition', problems);
  if (definition['type'] === 'flow')
    throw new BadDefinitionError(['the older language (type: flow) is not understood here']);
  if (definition['Type'] !== 'StateMachine') problems.push('Type must be StateMachine');
  if (definition['SpecVersion'] !== 'v1') problems.push('SpecVersion must be v1');
  if (typeof definition['Name'] !== 'string') problems.push('Name is missing');
  onlyKnown(definition, FIELDS, 'the definition', problems);
  checkScope(definition, 'the flow', problems);
  if (problems.length > 0) throw new BadDefinitionError(problems);
  return value as Definition;
}

/** By text: the clouds of one process, and executions that go on where they were, have the same few. */
const known = new Map<string, Definition>();
const [MAX_KNOWN, MAX_KNOWN_CHARACTERS] = [64, 100_000];

/** As `readDefinition`, but most texts are read once. */
export function knownDefinition(text: string): Definition {
  if (text.length > MAX_KNOWN_CHARACTERS) return readDefinition(text);
  const before = known.get(text);
  if (before !== undefined) return before;
  const definition = readDefinition(text);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, definition);
  return definition;
}

/** More are not worth reading. */
const MAX_SYNTAX_PROBLEMS = 20;

/** YAML may hold bombs of aliases, and nesting deeper than any stack: those are refused too. */
function parsed(text: string): unknown {
  let problems: readonly string[];
  const { stackTraceLimit } = Error;
  // The reader makes an error of every wrong character; with a stack each, a short text would take a tenth of a second.
  Error.stackTraceLimit = 0;
  try {
    const document = parseDocument(text, { schema: 'core', prettyErrors: false });
    if (document.errors.length === 0) return document.toJS({ maxAliasCount: 1000 });
    problems = document.errors.slice(0, MAX_SYNTAX_PROBLEMS).map((error) => error.message);
  } catch {
    problems = ['values or aliases are nested too deeply'];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  throw new BadDefinitionError(problems);
}
