/** In which order documents change hands so that no moment gives more than before and after, nor less than both. Pure. */
import type { Attachment } from '../../cloud/ports.js';
import { canonicalJson } from '../../domain/canonical-json.js';
import {
  formatPolicy,
  MalformedPolicyError,
  type PolicyDocument,
  parsePolicy,
  type Statement,
} from '../../policy/index.js';
import { globsMeet } from '../../services/globs-meet.js';
import { DENY_GUARDED, MAX_POLICY_CHARACTERS } from '../plan/documents.js';

/** What hangs on the role before and after: a document, nothing, or one that we have not read and that may allow anything. */
export interface Turn {
  readonly before: string | typeof NOTHING | typeof UNREAD;
  readonly after: string | typeof NOTHING | typeof UNREAD;
  readonly resourceGroupId?: string;
  /**
   * Set where the text of a policy changes, which it does wherever it hangs: there it goes from where it is not to be, then it is written,
   * and then it comes to where it is not yet.
   */
  readonly rewrite?: { readonly policy: string; readonly place: 'goes' | 'written' | 'comes' };
}
export const NOTHING = 'nothing';
export const UNREAD = 'unread';

/** The turns in an order that keeps both promises; `undefined` when there is none, since rights change places in a circle. */
export function orderTurns<T extends Turn>(turns: readonly T[]): readonly T[] | undefined {
  const pages = turns.map((turn) => ({ turn, page: pageOf(turn) }));
  const order: T[] = [];
  let left = pages;
  while (left.length > 0) {
    const isNext = (one: (typeof left)[number]): boolean =>
      !left.some(
        (other) =>
          other !== one && (isRewrittenFirst(other.turn, one.turn) || goesFirst(other.page, one.page)),
      );
    const next = left.find(isNext);
    if (next === undefined) return undefined;
    order.push(next.turn);
    left = left.filter((one) => one !== next);
  }
  return order;
}

const PLACES = ['goes', 'written', 'comes'] as const;
const isRewrittenFirst = ({ rewrite: one }: Turn, { rewrite: other }: Turn): boolean =>
  one !== undefined &&
  one.policy === other?.policy &&
  PLACES.indexOf(one.place) < PLACES.indexOf(other.place);

interface Page {
  /** What it allows from now on, and what it allows no longer. */
  readonly arriving: readonly Pair[];
  readonly departing: readonly Pair[];
  /** Denials that it gains and loses, and allowances that it gains and loses. */
  readonly denied: readonly Statement[];
  readonly undenied: readonly Statement[];
  readonly allowed: readonly Statement[];
  readonly unallowed: readonly Statement[];
  /** Gists of denials that it has no longer, whatever their bounds. */
  readonly leaving: ReadonlySet<string>;
}

function pageOf({ before, after, resourceGroupId }: Turn): Page {
  const [was, is] = [readStatements(before), readStatements(after)];
  const [gained, lost] = [beyond(is, was), beyond(was, is)];
  const sideOf = (list: readonly Statement[], effect: Statement['effect']) =>
    list.filter((statement) => statement.effect === effect);
  const [pairsBefore, pairsAfter] = [
    pairsOf(before, was, resourceGroupId),
    pairsOf(after, is, resourceGroupId),
  ];
  return {
    arriving: [...pairsAfter].flatMap(([key, pair]) => (pairsBefore.has(key) ? [] : [pair])),
    departing: [...pairsBefore].flatMap(([key, pair]) => (pairsAfter.has(key) ? [] : [pair])),
    denied: sideOf(gained, 'Deny'),
    undenied: sideOf(lost, 'Deny'),
    allowed: sideOf(gained, 'Allow'),
    unallowed: sideOf(lost, 'Allow'),
    leaving: new Set(sideOf(beyond(was, is, gistOf), 'Deny').map(gistOf)),
  };
}

const ANYTHING: Statement = { effect: 'Allow', actions: ['*'], resources: ['*'] };

/** What was written by hand in words that we can't read is taken to say nothing: it is about to go. */
function readStatements(text: string): readonly Statement[] {
  if (text === NOTHING) return [];
  if (text === UNREAD) return [ANYTHING];
  try {
    return parsePolicy(text).statements;
  } catch (error) {
    if (error instanceof MalformedPolicyError) return [];
    throw error;
  }
}

interface Pair {
  readonly action: string;
  readonly resource: string;
  readonly group: string | undefined;
}

/** Every action on every resource that is allowed, window aside; of what we have not read nothing is known. */
function pairsOf(
  text: string,
  statements: readonly Statement[],
  group: string | undefined,
): ReadonlyMap<string, Pair> {
  const pairs = statements
    .filter(({ effect }) => effect === 'Allow' && text !== UNREAD)
    .flatMap(({ actions = ['*'], resources }) =>
      actions.flatMap((action) =>
        resources.map((resource) => ({ action: action.toLowerCase(), resource, group })),
      ),
    );
  return new Map(pairs.map((pair) => [JSON.stringify(pair), pair]));
}

/** Whether there is something that both name; what holds in the whole account holds in each group. */
const pairsMeet = (left: Pair, right: Pair): boolean =>
  (left.group === undefined || right.group === undefined || left.group === right.group) &&
  meets(left.action, right.action) &&
  meets(left.resource, right.resource);
const meets = (left: string, right: string): boolean =>
  left === right || (/[*?]/.test(left + right) && globsMeet(left, right));

/** Of bounds only the names count: a denial that moves with the lease is still that denial. */
const gistOf = ({ effect, actions, notActions, resources, condition = {} }: Statement): string =>
  JSON.stringify([effect, actions, notActions, resources, boundsOf(condition)]);
const boundsOf = (condition: NonNullable<Statement['condition']>): readonly string[] =>
  Object.entries(condition)
    .flatMap(([operator, keys]) => Object.keys(keys).map((key) => `${operator} ${key}`))
    .sort();
const wholeOf = ({ effect, actions, notActions, resources, condition = {} }: Statement): string =>
  canonicalJson([effect, actions ?? null, notActions ?? null, resources, condition]);
const beyond = (
  these: readonly Statement[],
  others: readonly Statement[],
  identityOf = wholeOf,
): readonly Statement[] => {
  const known = new Set(others.map(identityOf));
  return these.filter((statement) => !known.has(identityOf(statement)));
};

/** Whether `one` has to be written before `other`. */
function goesFirst(one: Page, other: Page): boolean {
  const arrives = one.arriving.some((pair) => other.departing.some((lost) => pairsMeet(pair, lost)));
  const isMoved = (deny: Statement) => other.leaving.has(gistOf(deny));
  return (
    arrives ||
    one.denied.some((deny) => isMoved(deny) || other.allowed.some((allow) => holdsBack(deny, allow))) ||
    one.unallowed.some((allow) => other.undenied.some((deny) => holdsBack(deny, allow)))
  );
}

/** Whether `deny` keeps something of `allow` back that `allow` does not bound by itself. */
function holdsBack(deny: Statement, allow: Statement): boolean {
  const keysOf = ({ condition = {} }: Statement) =>
    Object.values(condition).flatMap((keys) => Object.keys(keys));
  const own = keysOf(allow);
  if (keysOf(deny).some((key) => own.includes(key))) return false;
  const meet = (left: readonly string[] | undefined, right: readonly string[] | undefined) =>
    left === undefined ||
    right === undefined ||
    left.some((a) => right.some((b) => meets(a.toLowerCase(), b.toLowerCase())));
  return meet(deny.actions, allow.actions) && meet(deny.resources, allow.resources);
}

/**
 * A document between two: it allows only what both do and denies what either does. Where no order keeps both promises, all are
 * written so before any is written whole: then rights that change places are missing for a moment, and none is there too soon.
 */
export function narrowed({ before, after }: { readonly before: string; readonly after: string }): string {
  const [was, is] = [readStatements(before), readStatements(after)];
  const isThere = new Set(was.map(wholeOf));
  const kept = is.filter((statement) => statement.effect === 'Deny' || isThere.has(wholeOf(statement)));
  const held = beyond(
    was.filter(({ effect }) => effect === 'Deny'),
    kept,
  );
  const whole = [...kept, ...held];
  const text = textOf(whole.length > 0 ? whole : [DENY_GUARDED]);
  return text.length <= MAX_POLICY_CHARACTERS ? text : textOf(kept.length > 0 ? kept : [DENY_GUARDED]);
}

const textOf = (statements: readonly Statement[]): string =>
  formatPolicy({ version: '1', statements } satisfies PolicyDocument);

/** At most one attachment is meant by each name and scope. */
export const isSameAttachment = (left: Attachment, right: Attachment): boolean =>
  left.policy.type === right.policy.type &&
  left.policy.name === right.policy.name &&
  left.resourceGroupId === right.resourceGroupId;
