/** The front door: what a grant means, whatever its product. Pure. */
import type { ApiCall } from '../domain/api-call.js';
import type { DataPlaneAccount } from '../domain/data-plane.js';
import {
  type Grant,
  isSystemPolicyGrant,
  type ResourceGrant,
  type RocketmqGrant,
  type SlbGrant,
} from '../domain/grant.js';
import type { AccountId, ContractId } from '../domain/values.js';
import { compilePolicies, evaluate, type PolicyDocument } from '../policy/index.js';
import { alb } from './alb.js';
import { clb } from './clb.js';
import { dataPlaneAccount, mergedAccounts } from './data-plane.js';
import { eventbridge } from './eventbridge.js';
import { kafka } from './kafka.js';
import { kafkaDataPlane } from './kafka-data-plane.js';
import { nlb } from './nlb.js';
import { rabbitmq } from './rabbitmq.js';
import { rabbitmqDataPlane } from './rabbitmq-data-plane.js';
import { rocketmq4 } from './rocketmq4.js';
import { rocketmq5 } from './rocketmq5.js';
import { rocketmq5DataPlane } from './rocketmq5-data-plane.js';
import type { GrantIssue, GrantStatement, NeighbourSearch, PositiveProbe, Product, Right } from './types.js';

export type { DataPlaneAccount } from '../domain/data-plane.js';
export {
  type DataPlaneGoal,
  type DataPlanePlan,
  type DataPlaneStanding,
  entryText,
  hasEntry,
  instanceText,
  openingRefusals,
  planDataPlane,
} from './data-plane.js';
export { highRiskReasons } from './high-risk.js';
export { inventoryOf } from './inventory.js';
export type { InventoryList } from './inventory-list.js';
export {
  endText,
  type GranteeRole,
  granteeRole,
  planRoute,
  ROUTE_CAVEAT,
  type RouteGoal,
  type RoutePlan,
  type RouteStanding,
  type RouteSurroundings,
  routesOf,
  routeText,
} from './routes.js';
export { guardedActions } from './sensitive-actions.js';

const BALANCERS: Readonly<Record<SlbGrant['kind'], Product<SlbGrant>>> = { clb, alb, nlb };
const ROCKETMQ: Readonly<Record<RocketmqGrant['series'], Product<RocketmqGrant>>> = {
  '4.x': rocketmq4,
  '5.x': rocketmq5,
};

/** Asks the product that `grant` is for. */
function ask<T>(
  grant: ResourceGrant,
  question: <G extends ResourceGrant>(product: Product<G>, grant: G) => T,
): T {
  switch (grant.service) {
    case 'kafka':
      return question(kafka, grant);
    case 'rabbitmq':
      return question(rabbitmq, grant);
    case 'rocketmq':
      return question(ROCKETMQ[grant.series], grant);
    case 'eventbridge':
      return question(eventbridge, grant);
    case 'slb':
      return question(BALANCERS[grant.kind], grant);
  }
}

export const grantIssues = (grant: ResourceGrant): readonly GrantIssue[] =>
  ask(grant, (product, own) => product.issuesOf(own));
export const grantStatements = (grant: ResourceGrant, owner: AccountId): readonly GrantStatement[] =>
  ask(grant, (product, own) => product.statementsOf(own, owner));
export const grantRights = (grant: ResourceGrant, owner: AccountId): readonly Right[] =>
  ask(grant, (product, own) => product.rightsOf(own, owner));
export const grantRefused = (grant: ResourceGrant, owner: AccountId): readonly Right[] =>
  ask(grant, (product, own) => product.refusedOf(own, owner));
export const grantProbes = (grant: ResourceGrant, owner: AccountId): readonly PositiveProbe[] =>
  ask(grant, (product, own) => product.probesOf(own, owner));
export const grantNeighbours = (grant: ResourceGrant, owner: AccountId): readonly NeighbourSearch[] =>
  ask(grant, (product, own) => product.neighboursOf(own, owner));

/**
 * Whether anything may be done by it to the instance, bus, load balancer, server group or ECS instance of this id. A system policy
 * names none, so it may be about any.
 */
export const mayBeAbout = (grant: Grant, id: string): boolean =>
  isSystemPolicyGrant(grant) || ask(grant, (product, own) => product.idsOf(own)).includes(id);

/**
 * The accounts in data planes which a contract of these grants needs; none for most. `policies`: names of the contract's own, at
 * account scope, for accounts that RAM judges.
 */
export const dataPlaneAccounts = (
  contractId: ContractId,
  grants: readonly Grant[],
  policies: readonly string[],
): readonly DataPlaneAccount[] =>
  mergedAccounts(
    grants.flatMap((grant) => {
      if (isSystemPolicyGrant(grant)) return [];
      if (grant.service === 'kafka' && grant.dataPlane !== undefined)
        return [dataPlaneAccount(contractId, grant, kafkaDataPlane)];
      if (grant.service === 'rocketmq' && grant.series === '5.x' && grant.dataPlane !== undefined)
        return [dataPlaneAccount(contractId, grant, rocketmq5DataPlane)];
      if (grant.service === 'rabbitmq' && grant.dataPlane !== undefined)
        return [dataPlaneAccount(contractId, grant, rabbitmqDataPlane(policies))];
      return [];
    }),
  );

/**
 * What a contract of these grants must not give. What one grant alone must not reach another may: a right is left out when the
 * statements of another grant allow it, never because of those of its own.
 */
export function grantsRefused(grants: readonly ResourceGrant[], owner: AccountId): readonly Right[] {
  const isGivenBesides = givenBesides(grants, owner);
  return grants.flatMap((grant, own) =>
    grantRefused(grant, owner).filter((right) => !isGivenBesides(right, own)),
  );
}

/**
 * How to find real things beside what a contract of these grants is given. `probesIn`: of the reply to `list`, at most so many calls that
 * must be refused. What one grant keeps out another may let in, never that one itself.
 */
export function grantsNeighbours(
  grants: readonly ResourceGrant[],
  owner: AccountId,
): readonly {
  readonly list: ApiCall;
  readonly probesIn: (reply: unknown, most: number) => readonly PositiveProbe[];
}[] {
  const isGivenBesides = givenBesides(grants, owner);
  const searches = grants.flatMap((grant, own) =>
    grantNeighbours(grant, owner).map((search) => ({ ...search, own })),
  );
  const granted = new Set(searches.flatMap((search) => search.granted));
  return searches.map(({ list, findIn, probe, own }) => ({
    list,
    probesIn: (reply, most) =>
      findIn(reply)
        .filter((id) => !granted.has(id))
        .slice(0, most)
        .map(probe)
        .filter(({ proves }) => !proves.some((right) => isGivenBesides(right, own))),
  }));
}

/** Whether another grant than the one at `own` allows a right. */
function givenBesides(
  grants: readonly ResourceGrant[],
  owner: AccountId,
): (right: Right, own: number) => boolean {
  const gives = grants.map((grant) => givenBy([grant], owner));
  return (right, own) => gives.some((isGiven, index) => index !== own && isGiven(right));
}

/** Whether the statements of any of `grants` allow a right, the bounds of a lease aside. */
export function givenBy(grants: readonly ResourceGrant[], owner: AccountId): (right: Right) => boolean {
  const policies = compilePolicies(
    grants.map((grant) => ({ name: 'grant', document: documentOf(grantStatements(grant, owner)) })),
  );
  return (right) => evaluate(policies, { ...right, context: {} }).verdict === 'Allow';
}

const documentOf = (statements: readonly GrantStatement[]): PolicyDocument => ({
  version: '1',
  statements: statements.map(({ actions, resources }) => ({ effect: 'Allow', actions, resources })),
});

export const describeGrant = (grant: Grant): string =>
  isSystemPolicyGrant(grant)
    ? `system policy ${grant.systemPolicy}${grant.resourceGroupId === undefined ? '' : ` on resource group ${grant.resourceGroupId}`}`
    : ask(grant, (product, own) => product.describe(own));
