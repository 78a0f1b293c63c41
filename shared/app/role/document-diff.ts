/** What a document that is there says otherwise than the one that is wanted, in words for a person. Pure. */
import { canonicalJson } from '../../domain/canonical-json.js';
import type { Change } from '../../domain/fact.js';
import {
  type ConditionBlock,
  type Effect,
  globCovers,
  MalformedPolicyError,
  parsePolicy,
  parseTrustPolicy,
  type Statement,
  type TrustStatement,
} from '../../policy/index.js';

/** The least thing that a statement says: one action on one resource, or one principal at the door. */
interface Saying {
  readonly effect: Effect;
  readonly what: string;
  readonly where: string;
  readonly condition: ConditionBlock;
}
interface Wording {
  readonly say: (effect: Effect, whats: readonly string[], where: string, isSaid: boolean) => string;
  readonly covers: (wide: Saying, narrow: Saying) => boolean;
}

const SAME: Change = { widens: [], narrows: [] };
/** Longer lists are cut: an event has at most 60 KB. */
const MOST_NAMES = 12;
const MOST_LINES = 20;

/** `widens`: what a policy gives that was not wanted; `narrows`: what it fails to give. `undefined` is a policy that is not there. */
export const policyDiff = (there: string | undefined, wanted: string | undefined): Change =>
  diff(there, wanted, policySayings, POLICY);

/** As `policyDiff`, of who may enter. */
export const trustDiff = (there: string, wanted: string): Change => diff(there, wanted, trustSayings, TRUST);

function diff(
  there: string | undefined,
  wanted: string | undefined,
  read: (text: string) => readonly Saying[],
  wording: Wording,
): Change {
  let said: readonly Saying[];
  try {
    said = there === undefined ? [] : read(there);
  } catch (error) {
    if (!(error instanceof MalformedPolicyError)) throw error;
    // In doubt it is wider: what RAM takes and we can't read may say anything.
    return { widens: ['it says what Leasehold cannot read'], narrows: [] };
  }
  const meant = wanted === undefined ? [] : read(wanted);
  const extra = beyond(said, meant, wording);
  const missing = beyond(meant, said, wording);
  const isRebound = (one: Saying, others: readonly Saying[]) =>
    others.some((other) => isSamePlace(one, other));
  const bounds = extra.flatMap((one) =>
    missing
      .filter((other) => isSamePlace(one, other))
      .map((other) => ({ ...one, difference: boundsDiff(one.condition, other.condition) })),
  );
  const gives = (one: Saying, isSaid: boolean) => (one.effect === 'Allow') === isSaid;
  const lone = [
    ...extra.filter((one) => !isRebound(one, missing)).map((one) => ({ one, isSaid: true })),
    ...missing.filter((one) => !isRebound(one, extra)).map((one) => ({ one, isSaid: false })),
  ];
  const tell = (isWider: boolean): readonly string[] =>
    cut(
      [
        ...grouped(
          lone.filter(({ one, isSaid }) => gives(one, isSaid) === isWider),
          ({ one, isSaid }) => ({ ...one, tail: whileText(one.condition), isSaid }),
          wording,
        ),
        ...grouped(
          bounds.flatMap((one) =>
            one.difference[(one.effect === 'Allow') === isWider ? 'looser' : 'tighter'].map((line) => ({
              one,
              line,
            })),
          ),
          ({ one, line }) => ({ ...one, tail: `, but ${line}`, isSaid: true }),
          wording,
        ),
      ],
      MOST_LINES,
      'further differences',
    );
  return extra.length + missing.length === 0 ? SAME : { widens: tell(true), narrows: tell(false) };
}

/** What of `these` no saying of `others` holds already. */
const beyond = (
  these: readonly Saying[],
  others: readonly Saying[],
  { covers }: Wording,
): readonly Saying[] =>
  these.filter(
    (one) =>
      !others.some(
        (wide) =>
          wide.effect === one.effect &&
          (isSameBound(wide.condition, one.condition) || isUnbound(wide, one)) &&
          covers(wide, one),
      ),
  );

const isSamePlace = (left: Saying, right: Saying): boolean =>
  left.effect === right.effect && left.what === right.what && left.where === right.where;
/** In the same place a bound that is gone is told as such. */
const isUnbound = (wide: Saying, narrow: Saying): boolean =>
  Object.keys(wide.condition).length === 0 && !isSamePlace(wide, narrow);
const isSameBound = (left: ConditionBlock, right: ConditionBlock): boolean =>
  canonicalJson(left) === canonicalJson(right);

/** One line for everything that is said alike of one place. */
function grouped<T>(
  items: readonly T[],
  read: (item: T) => Saying & { readonly tail: string; readonly isSaid: boolean },
  { say }: Wording,
): readonly string[] {
  const groups = new Map<string, { first: ReturnType<typeof read>; whats: string[] }>();
  for (const item of items) {
    const one = read(item);
    const key = JSON.stringify([one.effect, one.isSaid, one.where, one.tail]);
    const group = groups.get(key) ?? { first: one, whats: [] };
    group.whats.push(one.what);
    groups.set(key, group);
  }
  return [...groups.values()].map(
    ({ first, whats }) =>
      `${say(first.effect, cut(whats.sort(), MOST_NAMES, 'more'), first.where, first.isSaid)}${first.tail}`,
  );
}

const cut = (list: readonly string[], most: number, rest: string): readonly string[] =>
  list.length <= most ? list : [...list.slice(0, most), `${list.length - most} ${rest}`];

function policySayings(text: string): readonly Saying[] {
  const whatsOf = ({ actions, notActions = [] }: Statement): readonly string[] =>
    actions ?? [`everything but ${notActions.join(', ')}`];
  return parsePolicy(text).statements.flatMap((statement) =>
    whatsOf(statement).flatMap((what) =>
      statement.resources.map((where) => ({
        effect: statement.effect,
        what,
        where,
        condition: statement.condition ?? {},
      })),
    ),
  );
}

const POLICY: Wording = {
  say: (effect, whats, where, isSaid) => {
    const verb = effect === 'Allow' ? 'allow' : 'deny';
    const said = effect === 'Allow' ? 'allows' : 'denies';
    return `${isSaid ? said : `does not ${verb}`} ${whats.join(', ')} on ${where}`;
  },
  covers: (wide, narrow) =>
    globCovers(wide.what.toLowerCase(), narrow.what.toLowerCase()) && globCovers(wide.where, narrow.where),
};

function trustSayings(text: string): readonly Saying[] {
  const principalsOf = ({ principals }: TrustStatement): readonly string[] => [
    ...principals.ram,
    ...principals.service.map((name) => `service ${name}`),
    ...principals.federated.map((name) => `identity provider ${name}`),
  ];
  return parseTrustPolicy(text).statements.flatMap(({ effect, actions, condition, ...statement }) =>
    principalsOf(statement as TrustStatement).flatMap((where) =>
      actions.map((what) => ({ effect, what, where, condition: condition ?? {} })),
    ),
  );
}

const TRUST: Wording = {
  say: (effect, _whats, where, isSaid) =>
    (effect === 'Allow') === isSaid ? `${where} may enter` : `${where} may not enter`,
  covers: (wide, narrow) => wide.what === narrow.what && wide.where === narrow.where,
};

interface BoundsDiff {
  readonly looser: readonly string[];
  readonly tighter: readonly string[];
}

/** How the bounds that are there differ from those that were wanted. What can't be told goes both ways. */
function boundsDiff(there: ConditionBlock, wanted: ConditionBlock): BoundsDiff {
  const tests = new Set(
    [there, wanted].flatMap((block) =>
      Object.entries(block).flatMap(([operator, keys]) =>
        Object.keys(keys).map((key) => `${operator} ${key}`),
      ),
    ),
  );
  const looser: string[] = [];
  const tighter: string[] = [];
  for (const test of tests) {
    const [operator = '', key = ''] = test.split(' ');
    const [is, was] = [there[operator]?.[key], wanted[operator]?.[key]];
    if (is === undefined && was !== undefined) looser.push(`not only while ${test} ${shown(key, was)}`);
    else if (is !== undefined && was === undefined) tighter.push(`only while ${test} ${shown(key, is)}`);
    else if (is !== undefined && was !== undefined && canonicalJson(is) !== canonicalJson(was)) {
      const line = `${test} is ${shown(key, is)} instead of ${shown(key, was)}`;
      const way = wayOf(operator, is, was);
      if (way !== 'tighter') looser.push(line);
      if (way !== 'looser') tighter.push(line);
    }
  }
  return { looser, tighter };
}

function wayOf(
  operator: string,
  is: readonly string[],
  was: readonly string[],
): keyof BoundsDiff | undefined {
  const [[first = ''], [other = '']] = [is, was];
  if (/^Date/.test(operator) && is.length === 1 && was.length === 1) {
    if (/LessThan/.test(operator)) return first > other ? 'looser' : 'tighter';
    if (/GreaterThan/.test(operator)) return first < other ? 'looser' : 'tighter';
  }
  const isMore = was.every((value) => is.includes(value));
  const isLess = is.every((value) => was.includes(value));
  if (isMore === isLess) return undefined;
  return isMore === !operator.includes('Not') ? 'looser' : 'tighter';
}

/** An ExternalId is the key to the door: that it is another is told, never which. */
const shown = (key: string, values: readonly string[]): string =>
  key.toLowerCase() === 'sts:externalid' ? '(not shown)' : cut(values, MOST_NAMES, 'more').join(' or ');

const whileText = (condition: ConditionBlock): string => {
  const tests = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${operator} ${key} ${shown(key, values)}`),
  );
  return tests.length === 0 ? '' : ` while ${tests.join(' and ')}`;
};
