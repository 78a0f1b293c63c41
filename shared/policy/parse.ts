/** Reads policy documents as RAM does: what its grammar lacks is refused, all problems at once. Source: RAM "Policy structure and syntax". */
import { isOperator, operandProblem } from './operators.js';
import type {
  ConditionBlock,
  Effect,
  PolicyDocument,
  Principals,
  Statement,
  TrustDocument,
  TrustStatement,
} from './types.js';

/** The document is not in RAM's policy language. */
export class MalformedPolicyError extends Error {
  override readonly name = 'MalformedPolicyError';
  readonly code = 'MalformedPolicyDocument';
  constructor(readonly reasons: readonly string[]) {
    super(`malformed policy: ${reasons.join('; ')}`);
  }
}

type Json = Readonly<Record<string, unknown>>;

/** @throws {MalformedPolicyError} */
export const parsePolicy = (text: string): PolicyDocument => parseDocument(text, readStatement);

/** @throws {MalformedPolicyError} */
export const parseTrustPolicy = (text: string): TrustDocument => parseDocument(text, readTrustStatement);

function parseDocument<S>(
  text: string,
  read: (statement: Json, problems: Problems) => S,
): { readonly version: '1'; readonly statements: readonly S[] } {
  const problems = new Problems();
  const document = toJson(text);
  problems.fields(document, ['Version', 'Statement'], '');
  if (document['Version'] !== '1') problems.add('Version must be "1"');
  const list = Array.isArray(document['Statement'])
    ? (document['Statement'] as readonly unknown[])
    : undefined;
  if (list === undefined || list.length === 0)
    problems.add('Statement must be a list of at least one statement');
  const statements = (list ?? []).map((statement, index) =>
    read(problems.object(statement, `Statement ${index}`), problems.at(index)),
  );
  problems.throwIfAny();
  return { version: '1', statements };
}

function toJson(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedPolicyError(['not JSON']);
  }
  if (!isObject(value)) throw new MalformedPolicyError(['not a JSON object']);
  return value;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readStatement(json: Json, problems: Problems): Statement {
  problems.fields(json, ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'Condition'], 'the statement');
  const isNegative = json['NotAction'] !== undefined;
  if (isNegative === (json['Action'] !== undefined))
    problems.add('exactly one of Action and NotAction is needed');
  const actions = readActions(json, isNegative ? 'NotAction' : 'Action', problems);
  return {
    effect: readEffect(json, problems),
    ...(isNegative ? { notActions: actions } : { actions }),
    resources: problems.strings(json['Resource'], 'Resource'),
    ...readCondition(json, problems),
  };
}

function readTrustStatement(json: Json, problems: Problems): TrustStatement {
  problems.fields(json, ['Sid', 'Effect', 'Action', 'Principal', 'Condition'], 'the statement');
  return {
    effect: readEffect(json, problems),
    actions: readActions(json, 'Action', problems),
    principals: readPrincipals(json, problems),
    ...readCondition(json, problems),
  };
}

function readActions(json: Json, field: 'Action' | 'NotAction', problems: Problems): readonly string[] {
  const actions = problems.strings(json[field], field);
  for (const action of actions)
    if (action !== '*' && !/^[^:]+:[^:]+$/.test(action))
      problems.add(`"${action.slice(0, 60)}" is not an action`);
  return actions;
}

function readEffect(json: Json, problems: Problems): Effect {
  const effect = json['Effect'];
  if (effect === 'Allow' || effect === 'Deny') return effect;
  problems.add('Effect must be Allow or Deny');
  return 'Deny';
}

/** Wildcards among principals are not documented, so they are refused. */
const RAM_PRINCIPAL = /^acs:ram::\d+:(?:root|user\/[A-Za-z0-9._-]+|role\/[A-Za-z0-9.@-]+)$/;
const IDENTITY_PROVIDER = /^acs:ram::\d+:(?:saml|oidc)-provider\/[A-Za-z0-9._-]+$/;
/** Such as `ecs.aliyuncs.com`, or of one account only: `<account id>@eventbridge.aliyuncs.com`. */
const SERVICE = /^[^\s*?]+$/;

function readPrincipals(json: Json, problems: Problems): Principals {
  const principal = problems.object(json['Principal'], 'Principal');
  problems.fields(principal, ['RAM', 'Service', 'Federated'], 'Principal');
  const named = (kind: string, form: RegExp): readonly string[] => {
    const names = principal[kind] === undefined ? [] : problems.strings(principal[kind], kind);
    for (const name of names)
      if (!form.test(name)) problems.add(`"${name.slice(0, 80)}" is no ${kind} principal`);
    return names;
  };
  if (Object.keys(principal).length === 0) problems.add('Principal names nobody');
  return {
    ram: named('RAM', RAM_PRINCIPAL),
    service: named('Service', SERVICE),
    federated: named('Federated', IDENTITY_PROVIDER),
  };
}

function readCondition(json: Json, problems: Problems): { readonly condition?: ConditionBlock } {
  if (json['Condition'] === undefined) return {};
  const block = problems.object(json['Condition'], 'Condition');
  const condition = Object.entries(block).map(([operator, keys]) => {
    if (!isOperator(operator))
      problems.add(`The condition operator '${operator.slice(0, 40)}' is not supported`);
    const entries = Object.entries(problems.object(keys, operator)).map(([key, values]) => {
      const list = problems.strings(values, key);
      if (isOperator(operator)) for (const value of list) problems.addIf(operandProblem(operator, value));
      return [key, list] as const;
    });
    return [operator, toRecord(entries)] as const;
  });
  return { condition: toRecord(condition) };
}

/** Without a prototype, so that keys such as `__proto__` are keys like any other. */
function toRecord<V>(entries: readonly (readonly [string, V])[]): Readonly<Record<string, V>> {
  const record: Record<string, V> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return record;
}

class Problems {
  constructor(
    private readonly all: string[] = [],
    private readonly where = '',
  ) {}

  at(index: number): Problems {
    return new Problems(this.all, `statement ${index}: `);
  }
  add(problem: string): void {
    this.all.push(`${this.where}${problem}`);
  }
  addIf(problem: string | undefined): void {
    if (problem !== undefined) this.add(problem);
  }
  throwIfAny(): void {
    if (this.all.length > 0) throw new MalformedPolicyError(this.all);
  }
  object(value: unknown, what: string): Json {
    if (isObject(value)) return value;
    this.add(`${what} must be an object`);
    return {};
  }
  fields(json: Json, known: readonly string[], what: string): void {
    for (const field of Object.keys(json))
      if (!known.includes(field)) this.add(`${what} has no field ${field.slice(0, 40)}`.trim());
  }
  /** A bare string and a list of one are the same. */
  strings(value: unknown, what: string): readonly string[] {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length > 0 && list.every((item): item is string => typeof item === 'string')) return list;
    this.add(`${what} must be a string or a list of strings`);
    return [];
  }
}
