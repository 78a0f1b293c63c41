/** The rules that `subscribe` on EventBridge means, and the steps from what is there to what should be. Pure. */
import { canonicalJson, sayTheSame } from '../domain/canonical-json.js';
import { type EventbridgeGrant, type Grant, isSystemPolicyGrant } from '../domain/grant.js';
import {
  type ObservedRoute,
  type ObservedTarget,
  ROUTE_TARGET_ID,
  type Route,
  type RouteEnd,
  type RouteStep,
} from '../domain/route.js';
import { sha256Hex } from '../domain/sha256.js';
import type { AccountId, ContractId, Region } from '../domain/values.js';

export interface RouteSurroundings {
  readonly owner: AccountId;
  readonly grantee: AccountId;
  /**
   * Takes what no retry could deliver; of use to rules of its own region. Never Leasehold's own dead letters: what arrives
   * there counts as meant for Leasehold, and whoever keeps a delivery from working could have it carried out.
   */
  readonly deadLetterBus?: { readonly region: Region; readonly name: string };
}

/** Said in plan, hand-over and proof. An event that failed is tried again three times, 10 to 20 seconds apart, and not longer. */
export const ROUTE_CAVEAT =
  'an event whose delivery fails is tried again for up to a minute, also past the end, and is lost after that';

/** The rules that a contract of these grants needs; none for most. */
export function routesOf(
  contractId: ContractId,
  grants: readonly Grant[],
  surroundings: RouteSurroundings,
): readonly Route[] {
  const routes = grants.flatMap((grant) =>
    isSystemPolicyGrant(grant) || grant.service !== 'eventbridge' || grant.target === undefined
      ? []
      : [routeOf(contractId, grant, grant.target, surroundings)],
  );
  return [
    ...new Map(routes.map((route) => [`${route.region} ${route.eventBus} ${route.rule}`, route])).values(),
  ];
}

function routeOf(
  contractId: ContractId,
  grant: EventbridgeGrant,
  target: NonNullable<EventbridgeGrant['target']>,
  { owner, grantee, deadLetterBus }: RouteSurroundings,
): Route {
  const { region, eventBus, events } = grant;
  return {
    region,
    eventBus,
    rule: ruleNameOf(contractId, grant),
    description: `Leasehold: contract ${contractId}. Do not edit by hand.`,
    pattern: canonicalJson({ source: events?.sources, type: events?.types }),
    to:
      target.type === 'https'
        ? { kind: 'https', url: target.url }
        : { kind: 'bus', accountId: grantee, region, eventBus: target.eventBus, roleName: target.roleName },
    ...(deadLetterBus?.region === region
      ? { deadLetters: `acs:eventbridge:${region}:${owner}:eventbus/${deadLetterBus.name}` }
      : {}),
  };
}

/**
 * `lh-<16 hex>`, within the 127 letters, digits and `-` of rule names. A function of contract and whole grant: an amended
 * grant is another rule, made before the old one goes, so that no event is missed; some may come twice.
 */
const ruleNameOf = (contractId: ContractId, grant: EventbridgeGrant): string =>
  `lh-${sha256Hex(canonicalJson({ contractId, grant })).slice(0, 16)}`;

/** A role in the grantee's account which EventBridge of the owner's takes on. */
export interface GranteeRole {
  readonly roleName: string;
  readonly trust: string;
  readonly systemPolicy: string;
}

/** What the grantee must have so that a route to its bus works; `undefined` for other ends. Source: "Route events across accounts". */
export function granteeRole({ to }: Route, owner: AccountId): GranteeRole | undefined {
  if (to.kind !== 'bus') return undefined;
  const statement = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: [`${owner}@eventbridge.aliyuncs.com`] },
  };
  return {
    roleName: to.roleName,
    trust: JSON.stringify({ Version: '1', Statement: [statement] }),
    systemPolicy: 'AliyunEventBridgePutEventsPolicy',
  };
}

/** `bus inbox of account 2000000000000002`; of an address the host alone, since its path may be as good as a password. */
export const endText = (to: RouteEnd): string =>
  to.kind === 'bus'
    ? `bus ${to.eventBus} of account ${to.accountId}, as its role ${to.roleName}`
    : `an endpoint on ${/^https:\/\/([^/?#]*)/.exec(to.url)?.[1] ?? 'the internet'}`;

/** `events {…} of bus orders (cn-hangzhou) to …` */
export const routeText = ({ region, eventBus, pattern, to }: Route): string =>
  `${pattern === '{}' ? 'all events' : `events ${pattern}`} of bus ${eventBus} (${region}) to ${endText(to)}`;

/** `prepared`: there, as it will be, and switched off. */
export type RouteGoal = 'prepared' | 'open' | 'suspended' | 'gone';
/** Whether the register holds our intent, written after the name was seen to be free. */
export interface RouteStanding {
  readonly isIntended: boolean;
}
export type RouteRefusal = 'NO_BUS' | 'NAME_TAKEN';
export type RoutePlan =
  | {
      readonly outcome: 'steps';
      readonly steps: readonly RouteStep[];
      /** Targets on our rule that we did not make: told, and gone with the rule at the end. */
      readonly foreign: readonly string[];
    }
  | {
      readonly outcome: 'refused';
      readonly reasons: readonly { readonly code: RouteRefusal; readonly message: string }[];
    };

/**
 * Steps after which nothing is left to plan. A rule is made switched off and switched on last; it is switched off before
 * anything else when it ends. Without our intent nothing of the name is touched. `observed`: `undefined` when there is no bus.
 */
export function planRoute(
  wanted: Route,
  observed: ObservedRoute | undefined,
  goal: RouteGoal,
  { isIntended }: RouteStanding,
): RoutePlan {
  if (goal === 'open') return planOpening(wanted, observed, isIntended);
  if (goal === 'prepared') return switchedOff(planOpening(wanted, observed, isIntended), observed);
  const rule = observed?.rule;
  if (rule === undefined || !isIntended) return { outcome: 'steps', steps: [], foreign: [] };
  const ids = rule.targets.map(({ id }) => id);
  const off: readonly RouteStep[] = rule.isEnabled ? [{ kind: 'setEnabled', isEnabled: false }] : [];
  const removal: readonly RouteStep[] = [
    ...(ids.length === 0 ? [] : [{ kind: 'removeTargets', ids } as const]),
    { kind: 'deleteRule' },
  ];
  return {
    outcome: 'steps',
    steps: goal === 'gone' ? [...off, ...removal] : off,
    foreign: foreignIn(rule.targets),
  };
}

function planOpening(wanted: Route, observed: ObservedRoute | undefined, isIntended: boolean): RoutePlan {
  if (observed === undefined)
    return refused('NO_BUS', `there is no bus ${wanted.eventBus} (${wanted.region}) in the owner's account`);
  const { rule } = observed;
  if (rule === undefined)
    return {
      outcome: 'steps',
      steps: [{ kind: 'createRule' }, { kind: 'setEnabled', isEnabled: true }],
      foreign: [],
    };
  if (!isIntended)
    return refused(
      'NAME_TAKEN',
      `bus ${wanted.eventBus} has a rule ${wanted.rule} that was not made for this contract`,
    );
  const own = rule.targets.find(({ id }) => id === ROUTE_TARGET_ID);
  return {
    outcome: 'steps',
    steps: [
      ...(sayTheSame(rule.pattern, wanted.pattern)
        ? []
        : [{ kind: 'setPattern', isEnabled: rule.isEnabled } as const]),
      ...(own !== undefined && isAsWanted(own, wanted) ? [] : [{ kind: 'putTarget' } as const]),
      ...(rule.isEnabled ? [] : [{ kind: 'setEnabled', isEnabled: true } as const]),
    ],
    foreign: foreignIn(rule.targets),
  };
}

/** The steps of an opening without the switch; a rule that is on goes off before anything about it changes. */
function switchedOff(plan: RoutePlan, observed: ObservedRoute | undefined): RoutePlan {
  if (plan.outcome === 'refused') return plan;
  const off: readonly RouteStep[] =
    observed?.rule?.isEnabled === true ? [{ kind: 'setEnabled', isEnabled: false }] : [];
  const others = plan.steps.filter(({ kind }) => kind !== 'setEnabled');
  return {
    ...plan,
    steps: [
      ...off,
      ...others.map((step) => (step.kind === 'setPattern' ? { ...step, isEnabled: false } : step)),
    ],
  };
}

const refused = (code: RouteRefusal, message: string): RoutePlan => ({
  outcome: 'refused',
  reasons: [{ code, message }],
});

const foreignIn = (targets: readonly ObservedTarget[]): readonly string[] =>
  targets.map(({ id }) => id).filter((id) => id !== ROUTE_TARGET_ID);

const isAsWanted = (target: ObservedTarget, { to, deadLetters }: Route): boolean =>
  target.to !== undefined &&
  isSameEnd(target.to, to) &&
  target.deadLetters === deadLetters &&
  target.retries === 'briefly';

const isSameEnd = (left: RouteEnd, right: RouteEnd): boolean => canonicalJson(left) === canonicalJson(right);
