/** From what grants need to policy documents that fit: conditions added, compacted, then split. Pure. */

import type { Lease, Restrictions } from '../../domain/request.js';
import {
  type ConditionBlock,
  formatPolicy,
  type PolicyDocument,
  type Statement,
} from '../../policy/index.js';
import { guardedActions } from '../../services/index.js';
import type { GrantStatement } from '../../services/types.js';

/** Source: RAM "Limits". Not adjustable. */
export const MAX_POLICY_CHARACTERS = 6144;

export interface Bounds {
  readonly lease: Lease;
  readonly restrict: Restrictions;
}

/** The lease as conditions, so that a product that fills no such key refuses. */
export const windowOf = ({ startsAt, expiresAt }: Lease): ConditionBlock => ({
  DateGreaterThanEquals: { 'acs:CurrentTime': [startsAt] },
  DateLessThan: { 'acs:CurrentTime': [expiresAt] },
});

const conditionOf = ({ lease, restrict }: Bounds): ConditionBlock => ({
  ...windowOf(lease),
  ...(restrict.sourceIps === undefined ? {} : { IpAddress: { 'acs:SourceIp': restrict.sourceIps } }),
});

/** Allows of grants, each within the bounds. */
export const allowsOf = (statements: readonly GrantStatement[], bounds: Bounds): readonly Statement[] =>
  compact(statements).map(({ actions, resources }) => ({
    effect: 'Allow',
    actions,
    resources,
    condition: conditionOf(bounds),
  }));

/** Of the guard what holds at any time. */
const denyGuarded = (actions: readonly string[]): Statement => ({
  effect: 'Deny',
  actions,
  resources: ['*'],
});

/** Stands wherever a policy needs a statement and is to allow nothing. */
export const DENY_GUARDED: Statement = denyGuarded(guardedActions);

/** Denies that hold whatever else is attached; `guarded`: the actions among them. Before and after stand in two statements: tests in one condition are ANDed. */
export function guardOf({ lease, restrict }: Bounds, guarded: readonly string[]): readonly Statement[] {
  const deny = (condition: ConditionBlock): Statement => ({
    effect: 'Deny',
    actions: ['*'],
    resources: ['*'],
    condition,
  });
  return [
    deny({ DateLessThan: { 'acs:CurrentTime': [lease.startsAt] } }),
    deny({ DateGreaterThanEquals: { 'acs:CurrentTime': [lease.expiresAt] } }),
    ...(restrict.sourceIps === undefined
      ? []
      : [deny({ NotIpAddress: { 'acs:SourceIp': restrict.sourceIps } })]),
    denyGuarded(guarded),
  ];
}

/** Statements over equal resources become one, then those over equal actions: the same pairs, in fewer characters. */
function compact(statements: readonly GrantStatement[]): readonly GrantStatement[] {
  const union = (left: readonly string[], right: readonly string[]) =>
    [...new Set([...left, ...right])].sort();
  const byKey = (
    list: readonly GrantStatement[],
    key: (one: GrantStatement) => readonly string[],
  ): readonly GrantStatement[] => {
    const merged = new Map<string, GrantStatement>();
    for (const one of list) {
      const name = JSON.stringify([...key(one)].sort());
      const known = merged.get(name) ?? { actions: [], resources: [] };
      merged.set(name, {
        actions: union(known.actions, one.actions),
        resources: union(known.resources, one.resources),
      });
    }
    return [...merged.values()];
  };
  return byKey(
    byKey(statements, (one) => one.resources),
    (one) => one.actions,
  );
}

const documentOf = (statements: readonly Statement[]): PolicyDocument => ({ version: '1', statements });
const fits = (statements: readonly Statement[]): boolean =>
  formatPolicy(documentOf(statements)).length <= MAX_POLICY_CHARACTERS;

/** As few documents as packing in order gives, each within the limit. A statement that alone is too long is halved. */
export function packDocuments(statements: readonly Statement[]): readonly PolicyDocument[] {
  const packed: Statement[][] = [];
  for (const statement of statements.flatMap(halveUntilItFits)) {
    const last = packed.at(-1);
    if (last !== undefined && fits([...last, statement])) last.push(statement);
    else packed.push([statement]);
  }
  return packed.map(documentOf);
}

function halveUntilItFits(statement: Statement): readonly Statement[] {
  if (fits([statement])) return [statement];
  const { resources, actions = [] } = statement;
  if (resources.length > 1)
    return halves(resources).flatMap((half) => halveUntilItFits({ ...statement, resources: half }));
  if (actions.length > 1)
    return halves(actions).flatMap((half) => halveUntilItFits({ ...statement, actions: half }));
  return [statement];
}

function halves<T>(list: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}
