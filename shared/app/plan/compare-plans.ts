/** What one plan gives that another does not. Pure. */
import { canonicalJson } from '../../domain/canonical-json.js';
import type { Change } from '../../domain/fact.js';
import type { ManagedRole, ManagedUser } from '../../domain/request.js';
import type { Route } from '../../domain/route.js';
import { globCovers, parsePolicy } from '../../policy/index.js';
import { entryText, hasEntry, instanceText, routeText } from '../../services/index.js';
import { describeSetup } from '../grantee/describe.js';
import type { AccessPlan, PlannedPolicy } from './plan-access.js';

/** From `before` to `after`. Whatever is not seen to be covered counts as wider: in doubt somebody is asked. */
export const changeOf = (before: AccessPlan, after: AccessPlan): Change => ({
  widens: beyond(after, before),
  narrows: beyond(before, after),
});

/** What `plan` has beyond `other`, in plain words; none when `other` covers it all. */
function beyond(plan: AccessPlan, other: AccessPlan): readonly string[] {
  return [
    ...rightsBeyond(plan, other),
    ...systemPoliciesBeyond(plan, other),
    ...accountsBeyond(plan, other),
    ...routesBeyond(plan, other),
    ...plan.unavoidablyWider.filter((what) => !other.unavoidablyWider.includes(what)),
    ...waysInBeyond(plan, other),
    ...setupBeyond(plan, other),
    ...keyBeyond(plan, other),
    ...boundsBeyond(plan, other),
  ];
}

/** One thing that may be done: an action on a resource, in the whole account or in one resource group. */
export interface AllowedPair {
  readonly action: string;
  readonly resource: string;
  readonly resourceGroupId: string | undefined;
}

/** Every pair that a policy of ours allows, window and guard aside: bounds that nobody has judged yet may be none that can be read. */
export function allowedPairs({
  probingText,
  resourceGroupId,
}: Pick<PlannedPolicy, 'probingText' | 'resourceGroupId'>): readonly AllowedPair[] {
  return parsePolicy(probingText)
    .statements.filter(({ effect }) => effect === 'Allow')
    .flatMap(({ actions = [], resources }) =>
      actions.flatMap((action) => resources.map((resource) => ({ action, resource, resourceGroupId }))),
    );
}

const covers = (wide: AllowedPair, narrow: AllowedPair): boolean =>
  (wide.resourceGroupId === undefined || wide.resourceGroupId === narrow.resourceGroupId) &&
  isCovered(wide.action.toLowerCase(), narrow.action.toLowerCase()) &&
  isCovered(wide.resource, narrow.resource);

/** A text without wildcards covers itself alone, which is told faster. */
const isCovered = (wide: string, narrow: string): boolean =>
  /[*?]/.test(wide) ? globCovers(wide, narrow) : wide === narrow;

/** Grouped by resource, so that a grant is a line and not one for each of its actions. */
function rightsBeyond(plan: AccessPlan, other: AccessPlan): readonly string[] {
  const covered = other.policies.flatMap(allowedPairs);
  const byResource = new Map<string, string[]>();
  for (const pair of plan.policies.flatMap(allowedPairs)) {
    if (covered.some((wide) => covers(wide, pair))) continue;
    const where = `${pair.resource}${pair.resourceGroupId === undefined ? '' : ` in ${pair.resourceGroupId}`}`;
    byResource.set(where, [...(byResource.get(where) ?? []), pair.action]);
  }
  return [...byResource].map(([where, actions]) => `${actions.sort().join(', ')} on ${where}`);
}

function systemPoliciesBeyond(plan: AccessPlan, other: AccessPlan): readonly string[] {
  const systemOf = ({ attachments }: AccessPlan) =>
    attachments.filter(({ policy }) => policy.type === 'System');
  return systemOf(plan)
    .filter(
      (one) =>
        !systemOf(other).some(
          (there) =>
            there.policy.name === one.policy.name &&
            (there.resourceGroupId === undefined || there.resourceGroupId === one.resourceGroupId),
        ),
    )
    .map(({ policy, resourceGroupId }) =>
      resourceGroupId === undefined
        ? `system policy ${policy.name}`
        : `system policy ${policy.name} in ${resourceGroupId}`,
    );
}

/** An account is one line, with what of it the other plan has not. */
function accountsBeyond(plan: AccessPlan, other: AccessPlan): readonly string[] {
  return plan.accounts.flatMap(({ account, instance, entries }) => {
    const known = other.accounts.find((one) => one.account === account)?.entries ?? [];
    const more = entries.filter((entry) => !hasEntry(known, entry)).map(entryText);
    return more.length === 0 ? [] : [`${more.join(', ')} by an account of ${instanceText(instance)}`];
  });
}

/** What one pattern takes in of another is not worked out: another pattern is another route. */
function routesBeyond(plan: AccessPlan, other: AccessPlan): readonly string[] {
  const known = new Set(other.routes.map(whatAndWhere));
  return plan.routes.filter((route) => !known.has(whatAndWhere(route))).map(routeText);
}
const whatAndWhere = ({ region, eventBus, pattern, to }: Route): string =>
  canonicalJson({ region, eventBus, pattern, to });

function waysInBeyond(plan: AccessPlan, other: AccessPlan): readonly string[] {
  const known = new Set(other.waysIn.map((way) => JSON.stringify(way)));
  return plan.waysIn
    .filter((way) => !known.has(JSON.stringify(way)))
    .map(({ principal, via, proof }) => `${principal} enters by ${via} (${proof})`);
}

/** Who is made, or given the policy, in the grantee's account. Two may read alike in words, so words are not what is compared. */
function setupBeyond({ setup }: AccessPlan, other: AccessPlan): readonly string[] {
  const known = new Set([...(other.setup?.users ?? []), ...(other.setup?.roles ?? [])].map(canonicalJson));
  const isNew = (one: ManagedUser | ManagedRole): boolean => !known.has(canonicalJson(one));
  const { users = [], roles = [] } = setup ?? {};
  return describeSetup({ users: users.filter(isNew), roles: roles.filter(isNew) });
}

/** Whoever holds the private half reads what is handed over, so another key is asked about in either direction. */
function keyBeyond({ grantee: { keyThumbprint } }: AccessPlan, { grantee }: AccessPlan): readonly string[] {
  if (keyThumbprint === grantee.keyThumbprint) return [];
  return [
    keyThumbprint === undefined
      ? 'what is handed over is not sealed'
      : `what is handed over is sealed to the key ${keyThumbprint}`,
  ];
}

function boundsBeyond(plan: AccessPlan, other: AccessPlan): readonly string[] {
  const addresses = other.restrict.sourceIps;
  return [
    ...(plan.lease.startsAt < other.lease.startsAt ? [`from ${plan.lease.startsAt} on`] : []),
    ...(plan.lease.expiresAt > other.lease.expiresAt ? [`until ${plan.lease.expiresAt}`] : []),
    ...(plan.maxSessionSeconds > other.maxSessionSeconds ? [`sessions of ${plan.maxSessionSeconds} s`] : []),
    ...(addresses === undefined
      ? []
      : (plan.restrict.sourceIps ?? ['anywhere'])
          .filter((ip) => !addresses.includes(ip))
          .map((ip) => `from ${ip}`)),
  ];
}
