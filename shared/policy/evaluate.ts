/** Compile once, decide many: the verdict of one set of policies. Source: RAM "Policy evaluation process". */
import { compileGlob } from './glob.js';
import { anyOf, type ContextValue, compileTest } from './operators.js';
import type {
  AccessRequest,
  ConditionBlock,
  Effect,
  Entrant,
  EvaluationOptions,
  Match,
  NamedPolicy,
  Statement,
  TrustDocument,
  TrustStatement,
  Verdict,
} from './types.js';

type Context = AccessRequest['context'];

interface CompiledStatement {
  readonly matchesAction: (action: string) => boolean;
  readonly matchesResource: (resource: string) => boolean;
  readonly holds: (context: Context) => boolean;
  /** What it decides when it matches; made once, since decisions are many. */
  readonly outcome: Evaluation;
}

/** Policies made ready for many decisions. */
export interface CompiledPolicies {
  readonly statements: readonly CompiledStatement[];
  /** Statements that can match an action, as spelled by who asked so far. Bounded. */
  readonly byAction: Map<string, readonly CompiledStatement[]>;
}

/** With the statement that decided, or without one when none matched. */
export type Evaluation =
  | { readonly verdict: Exclude<Verdict, 'ImplicitDeny'>; readonly match: Match }
  | { readonly verdict: 'ImplicitDeny'; readonly match?: never };

const IMPLICIT_DENY: Evaluation = Object.freeze({ verdict: 'ImplicitDeny' });
/** More names than any product has; past it the memory starts afresh, so that odd callers cannot make it grow. */
const REMEMBERED_ACTIONS = 512;

export function compilePolicies(
  policies: readonly NamedPolicy[],
  options: EvaluationOptions = {},
): CompiledPolicies {
  const statements = policies.flatMap(({ name, document }) =>
    document.statements.map((statement, index) =>
      compileStatement(statement, { policy: name, statement: index }, options),
    ),
  );
  return { statements: denialsFirst(statements), byAction: new Map() };
}

function compileStatement(statement: Statement, match: Match, options: EvaluationOptions): CompiledStatement {
  const named = compileGlobs(
    (statement.actions ?? statement.notActions ?? []).map((action) => action.toLowerCase()),
  );
  return {
    matchesAction: statement.actions === undefined ? (action) => !named(action) : named,
    matchesResource: anyOf(
      statement.resources.map((options.starsCrossColons ?? true) ? compileGlob : compileByParts),
    ),
    holds: compileCondition(statement.condition, options),
    outcome: outcomeOf(statement, match),
  };
}

const outcomeOf = ({ effect }: { readonly effect: Effect }, match: Match): Evaluation =>
  Object.freeze({ verdict: effect === 'Deny' ? 'ExplicitDeny' : 'Allow', match: Object.freeze(match) });

/** Denials first, since one of them ends the question. */
const denialsFirst = <S extends { readonly outcome: Evaluation }>(statements: readonly S[]): readonly S[] => [
  ...statements.filter(({ outcome }) => outcome.verdict === 'ExplicitDeny'),
  ...statements.filter(({ outcome }) => outcome.verdict !== 'ExplicitDeny'),
];

const compileGlobs = (patterns: readonly string[]): ((text: string) => boolean) =>
  anyOf(patterns.map(compileGlob));

/** As `compileGlob`, but a star stays within its part of the ARN. `*` alone is no ARN, and still everything. */
function compileByParts(pattern: string): (resource: string) => boolean {
  if (pattern === '*') return () => true;
  const parts = partsOf(pattern).map(compileGlob);
  return (resource) => {
    const asked = partsOf(resource);
    return asked.length === parts.length && parts.every((matches, index) => matches(asked[index] ?? ''));
  };
}

/** `acs`, product, region, account, and the resource itself, in which colons are letters like any other. */
function partsOf(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length <= 5 ? parts : [...parts.slice(0, 4), parts.slice(4).join(':')];
}

/** Keys and operators are ANDed. */
function compileCondition(
  block: ConditionBlock | undefined,
  options: EvaluationOptions,
): (context: Context) => boolean {
  const whenMissing = options.negativeOperatorMatchesMissingKey ?? false;
  const tests = Object.entries(block ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, operands]) => ({
      key,
      test: compileTest(operator, operands, whenMissing),
    })),
  );
  const [only] = tests;
  if (only === undefined) return () => true;
  if (tests.length === 1) return (context) => only.test(valueIn(context, only.key));
  return (context) => {
    for (const { key, test } of tests) if (!test(valueIn(context, key))) return false;
    return true;
  };
}

/** Keys such as `constructor` name things that every object inherits; none of those is text. */
function valueIn(context: Context, key: string): ContextValue {
  const value = context[key];
  return typeof value === 'string' || Array.isArray(value) ? value : undefined;
}

/** Some matching Deny: explicit deny; else some matching Allow: allow; else implicit deny. */
export function evaluate(compiled: CompiledPolicies, request: AccessRequest): Evaluation {
  for (const statement of relevant(compiled, request.action)) {
    if (statement.matchesResource(request.resource) && statement.holds(request.context))
      return statement.outcome;
  }
  return IMPLICIT_DENY;
}

function relevant(compiled: CompiledPolicies, action: string): readonly CompiledStatement[] {
  const known = compiled.byAction.get(action);
  if (known !== undefined) return known;
  const lower = action.toLowerCase();
  const found = compiled.statements.filter((statement) => statement.matchesAction(lower));
  if (compiled.byAction.size >= REMEMBERED_ACTIONS) compiled.byAction.clear();
  compiled.byAction.set(action, found);
  return found;
}

export interface CompiledTrust {
  readonly statements: readonly {
    readonly matchesAction: (action: string) => boolean;
    readonly admits: (entrant: Entrant) => boolean;
    readonly holds: (context: Context) => boolean;
    readonly outcome: Evaluation;
  }[];
}

/** `name` is what decisions cite, such as `trust policy of lease-x`. */
export function compileTrust(
  document: TrustDocument,
  name: string,
  options: EvaluationOptions = {},
): CompiledTrust {
  const statements = document.statements.map((statement, index) => ({
    matchesAction: compileGlobs(statement.actions.map((action) => action.toLowerCase())),
    admits: (entrant: Entrant) => isAdmitted(statement, entrant),
    holds: compileCondition(statement.condition, options),
    outcome: outcomeOf(statement, { policy: name, statement: index }),
  }));
  return { statements: denialsFirst(statements) };
}

/** A root principal admits users and roles of its account; user names are compared exactly, role names without regard to case. */
function isAdmitted({ principals }: TrustStatement, entrant: Entrant): boolean {
  if (entrant.kind === 'service') return principals.service.includes(entrant.name);
  const root = `acs:ram::${entrant.accountId}:root`;
  const own = `acs:ram::${entrant.accountId}:${entrant.kind}/${entrant.name}`;
  return principals.ram.some(
    (arn) =>
      arn === root || arn === own || (entrant.kind === 'role' && arn.toLowerCase() === own.toLowerCase()),
  );
}

/** Whether the role's door opens to `entrant` for `action`. */
export function evaluateTrust(
  compiled: CompiledTrust,
  entrant: Entrant,
  action: string,
  context: Context,
): Evaluation {
  const lower = action.toLowerCase();
  for (const statement of compiled.statements) {
    if (statement.matchesAction(lower) && statement.admits(entrant) && statement.holds(context))
      return statement.outcome;
  }
  return IMPLICIT_DENY;
}
