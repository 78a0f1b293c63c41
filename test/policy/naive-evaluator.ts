/**
 * A second opinion on RAM's policy language: no compiling, no indexes, nothing shared with the engine. Works on the JSON of
 * documents as a person reads them, and uses a regular expression where the engine walks.
 */
type Json = Record<string, unknown>;
export interface NaiveRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}
export type NaiveVerdict = 'ExplicitDeny' | 'Allow' | 'ImplicitDeny';

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]) as string[];

function glob(pattern: string, text: string, flags = 's'): boolean {
  const source = [...pattern]
    .map((c) => (c === '*' ? '.*' : c === '?' ? '.' : c.replace(/[\\^$.|+()[\]{}/-]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, flags).test(text);
}

function ipNumber(text: string): number {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return ((a * 256 + b) * 256 + c) * 256 + d;
}
function inBlock(ip: string, block: string): boolean {
  const [base = '', bits = '32'] = block.split('/');
  const shift = 2 ** (32 - Number(bits));
  return Math.floor(ipNumber(ip) / shift) === Math.floor(ipNumber(base) / shift);
}

function one(operator: string, value: string, operand: string): boolean {
  const [v, o] = [Number(value), Number(operand)];
  const [vd, od] = [Date.parse(value), Date.parse(operand)];
  switch (operator) {
    case 'StringEquals':
      return value === operand;
    case 'StringEqualsIgnoreCase':
      return value.toLowerCase() === operand.toLowerCase();
    case 'StringLike':
      return glob(operand, value);
    case 'NumericEquals':
      return v === o;
    case 'NumericLessThan':
      return v < o;
    case 'NumericLessThanEquals':
      return v <= o;
    case 'NumericGreaterThan':
      return v > o;
    case 'NumericGreaterThanEquals':
      return v >= o;
    case 'DateEquals':
      return vd === od;
    case 'DateLessThan':
      return vd < od;
    case 'DateLessThanEquals':
      return vd <= od;
    case 'DateGreaterThan':
      return vd > od;
    case 'DateGreaterThanEquals':
      return vd >= od;
    case 'Bool':
      return value.toLowerCase() === operand.toLowerCase();
    case 'IpAddress':
      return inBlock(value, operand);
    default:
      throw new Error(`the naive evaluator does not know ${operator}`);
  }
}

const POSITIVE_OF: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
};

function holds(condition: Json | undefined, context: NaiveRequest['context'], whenMissing: boolean): boolean {
  for (const [operator, keys] of Object.entries(condition ?? {})) {
    for (const [key, operands] of Object.entries(keys as Json)) {
      const given = context[key];
      if (given === undefined && whenMissing && operator in POSITIVE_OF) continue;
      if (given === undefined) return false;
      const positive = POSITIVE_OF[operator] ?? operator;
      const meets = listOf(given).some((value) =>
        listOf(operands).some((operand) => one(positive, value, operand)),
      );
      if (meets === operator in POSITIVE_OF) return false;
    }
  }
  return true;
}

function applies(statement: Json, request: NaiveRequest, whenMissing: boolean): boolean {
  const named = listOf(statement['Action'] ?? statement['NotAction']).some((action) =>
    glob(action.toLowerCase(), request.action.toLowerCase()),
  );
  if (named !== (statement['Action'] !== undefined)) return false;
  if (!listOf(statement['Resource']).some((resource) => glob(resource, request.resource))) return false;
  return holds(statement['Condition'] as Json | undefined, request.context, whenMissing);
}

const statementsOf = (text: string): Json[] => (JSON.parse(text) as { Statement: Json[] }).Statement;

/** The verdict of a set of documents, given as JSON text. `whenMissing`: what a negative operator says of a missing key. */
export function naiveVerdict(
  documents: readonly string[],
  request: NaiveRequest,
  whenMissing = false,
): NaiveVerdict {
  return verdictOf(documents.flatMap(statementsOf).filter((each) => applies(each, request, whenMissing)));
}

export interface NaiveEntrant {
  readonly kind: 'user' | 'role' | 'service';
  readonly accountId?: string;
  readonly name: string;
}

function isNamed(principal: Json, { kind, accountId, name }: NaiveEntrant): boolean {
  if (kind === 'service') return listOf(principal['Service'] ?? []).includes(name);
  return listOf(principal['RAM'] ?? []).some((arn) => {
    const [, , , account, who = ''] = arn.split(':');
    const [type, called] = who.split('/');
    if (account !== accountId) return false;
    if (who === 'root' || (type === kind && called === name)) return true;
    return type === 'role' && kind === 'role' && called?.toLowerCase() === name.toLowerCase();
  });
}

/** The verdict of a trust policy, given as JSON text. */
export function naiveTrustVerdict(
  document: string,
  entrant: NaiveEntrant,
  { action, context }: NaiveRequest,
): NaiveVerdict {
  return verdictOf(
    statementsOf(document).filter(
      (statement) =>
        listOf(statement['Action']).some((each) => glob(each.toLowerCase(), action.toLowerCase())) &&
        isNamed(statement['Principal'] as Json, entrant) &&
        holds(statement['Condition'] as Json | undefined, context, false),
    ),
  );
}

function verdictOf(matching: readonly Json[]): NaiveVerdict {
  const effects = matching.map((statement) => statement['Effect']);
  if (effects.includes('Deny')) return 'ExplicitDeny';
  return effects.includes('Allow') ? 'Allow' : 'ImplicitDeny';
}
