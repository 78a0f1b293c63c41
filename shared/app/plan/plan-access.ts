/** What a request would bring about, as data: the dry run is this, printed. Pure. */
import type { Attachment } from '../../cloud/ports.js';
import { canonicalJson } from '../../domain/canonical-json.js';
import type { DataPlaneAccount } from '../../domain/data-plane.js';
import { type Grant, isResourceGrant, isSystemPolicyGrant, type ResourceGrant } from '../../domain/grant.js';
import { thumbprintOf } from '../../domain/public-key.js';
import type { Lease, ManagedSetup, OnboardingRequest, Restrictions } from '../../domain/request.js';
import { roleNameOf } from '../../domain/role-name.js';
import type { Route } from '../../domain/route.js';
import { sha256Hex } from '../../domain/sha256.js';
import type { AccountId, ContractId, RoleName } from '../../domain/values.js';
import { formatPolicy, type Statement } from '../../policy/index.js';
import {
  dataPlaneAccounts,
  describeGrant,
  grantRights,
  grantStatements,
  grantsRefused,
  guardedActions,
  routesOf,
} from '../../services/index.js';
import type { GrantStatement, Right } from '../../services/types.js';
import { allowsOf, DENY_GUARDED, guardOf, packDocuments } from './documents.js';
import { type WayIn, waysIn } from './trust.js';

export interface PlannedPolicy {
  readonly name: string;
  readonly text: string;
  /** The same without lease and source addresses, for probing while only our verifier can enter. */
  readonly probingText: string;
  readonly resourceGroupId?: string;
}

export interface AccessPlan {
  readonly contractId: ContractId;
  readonly owner: AccountId;
  readonly grantee: {
    readonly name: string;
    readonly accountId: AccountId;
    /** RFC 7638 thumbprint of the key that what is handed over is sealed to. Another key is another plan. */
    readonly keyThumbprint?: string;
  };
  readonly roleName: RoleName;
  readonly lease: Lease;
  readonly restrict: Restrictions;
  readonly maxSessionSeconds: number;
  readonly waysIn: readonly WayIn[];
  /** Whom Leasehold sets up in the grantee's account; absent where its administrator does that. */
  readonly setup?: Pick<ManagedSetup, 'users' | 'roles'>;
  readonly grants: readonly string[];
  readonly policies: readonly PlannedPolicy[];
  /** What is attached to the role, in this order. */
  readonly attachments: readonly Attachment[];
  /** Accounts in data planes. RAM does not decide what they may, so they are there within the lease and not before. */
  readonly accounts: readonly DataPlaneAccount[];
  /** Rules that take the grantee events. RAM bounds them in no way, so they are switched on within the lease and not before. */
  readonly routes: readonly Route[];
  /** Where a product forces a wider right than was asked for, in plain words. */
  readonly unavoidablyWider: readonly string[];
  readonly rights: readonly Right[];
  readonly refused: readonly Right[];
  /** SHA-256 over everything that widens: what is approved is this. */
  readonly planHash: string;
}

/** Shortest and default session of a role. Source: RAM CreateRole, `MaxSessionDuration`. */
const DEFAULT_SESSION_SECONDS = 3600;

/**
 * The plan for `request`, whether or not it may be carried out: `admission.ts` judges that. `guarded`: what the guard denies; today's for
 * all that is new.
 */
export function planAccess(
  request: OnboardingRequest,
  owner: AccountId,
  guarded: readonly string[] = guardedActions,
): AccessPlan {
  const roleName = roleNameOf(request.contractId);
  const resourceGrants = request.grants.filter(isResourceGrant);
  const systemGrants = request.grants.filter(isSystemPolicyGrant);
  const policies = policiesFor(request, resourceGrants, { owner, roleName, guarded });
  const plan = {
    contractId: request.contractId,
    owner,
    grantee: granteeOf(request),
    roleName,
    lease: request.lease,
    restrict: request.restrict,
    maxSessionSeconds: request.restrict.maxSessionSeconds ?? DEFAULT_SESSION_SECONDS,
    waysIn: waysIn(request),
    ...setupOf(request),
    grants: request.grants.map(describeGrant),
    policies,
    attachments: [...customAttachments(policies), ...systemAttachments(request.grants)],
    accounts: dataPlaneAccounts(request.contractId, request.grants, accountScoped(policies)),
    routes: routesOf(request.contractId, request.grants, { owner, grantee: request.grantee.accountId }),
    unavoidablyWider: [
      ...new Set(
        resourceGrants.flatMap((grant) =>
          grantStatements(grant, owner).flatMap((one) => one.unavoidablyWider ?? []),
        ),
      ),
      ...systemGrants
        .filter(({ acceptsHighRisk }) => acceptsHighRisk === true)
        .map(({ systemPolicy }) => `system policy ${systemPolicy}, accepted although it is high risk`),
    ],
    rights: resourceGrants.flatMap((grant) => grantRights(grant, owner)),
    refused: grantsRefused(resourceGrants, owner),
  };
  return { ...plan, planHash: hashOf(plan) };
}

const accountScoped = (policies: readonly PlannedPolicy[]): readonly string[] =>
  policies.flatMap(({ name, resourceGroupId }) => (resourceGroupId === undefined ? [name] : []));

const granteeOf = ({
  grantee: { name, accountId, publicKey },
}: OnboardingRequest): AccessPlan['grantee'] => ({
  name,
  accountId,
  ...(publicKey === undefined ? {} : { keyThumbprint: thumbprintOf(publicKey) }),
});

const setupOf = ({ grantee: { setup } }: OnboardingRequest): Pick<AccessPlan, 'setup'> =>
  setup.mode === 'managed' ? { setup: { users: setup.users, roles: setup.roles } } : {};

function policiesFor(
  request: OnboardingRequest,
  grants: readonly ResourceGrant[],
  {
    owner,
    roleName,
    guarded,
  }: Pick<AccessPlan, 'owner' | 'roleName'> & { readonly guarded: readonly string[] },
): readonly PlannedPolicy[] {
  const statementsIn = (group: string | undefined): readonly GrantStatement[] =>
    grants
      .filter((grant) => grant.resourceGroupId === group)
      .flatMap((grant) => grantStatements(grant, owner));
  const groups = [...new Set(grants.map((grant) => grant.resourceGroupId))]
    .filter((group) => group !== undefined)
    .sort();
  const bounds = { lease: request.lease, restrict: request.restrict };
  // The guard stands at account scope, where a Deny is consulted whatever a resource group allows.
  const scopes = [
    { statements: [...guardOf(bounds, guarded), ...allowsOf(statementsIn(undefined), bounds)] },
    ...groups.map((resourceGroupId) => ({
      statements: allowsOf(statementsIn(resourceGroupId), bounds),
      resourceGroupId,
    })),
  ];
  return scopes
    .flatMap(({ statements, ...scope }) =>
      packDocuments(statements).map((document) => ({ document, ...scope })),
    )
    .map(({ document, ...scope }, index) => ({
      name: `${roleName}-${index + 1}`,
      text: formatPolicy(document),
      probingText: formatPolicy({ ...document, statements: unbounded(document.statements) }),
      ...scope,
    }));
}

/** Without the denials that only bound, and without the bounds of the rest. A policy needs a statement, so one that stays harmless is kept. */
function unbounded(statements: readonly Statement[]): readonly Statement[] {
  const kept = statements
    .filter((statement) => !(statement.effect === 'Deny' && statement.condition !== undefined))
    .map(({ condition: _, ...statement }) => statement);
  return kept.length > 0 ? kept : [DENY_GUARDED];
}

const customAttachments = (policies: readonly PlannedPolicy[]): readonly Attachment[] =>
  policies.map(({ name, resourceGroupId }) => ({
    policy: { type: 'Custom', name },
    ...inGroup(resourceGroupId),
  }));

/** Of the vendor's policies that are granted as they are. */
export const systemAttachments = (grants: readonly Grant[]): readonly Attachment[] =>
  grants.filter(isSystemPolicyGrant).map(({ systemPolicy, resourceGroupId }) => ({
    policy: { type: 'System', name: systemPolicy },
    ...inGroup(resourceGroupId),
  }));

/** At account scope without one. */
export const inGroup = (resourceGroupId: string | undefined): { readonly resourceGroupId?: string } =>
  resourceGroupId === undefined ? {} : { resourceGroupId };

function hashOf({
  grants: _,
  rights: __,
  refused: ___,
  grantee,
  accounts,
  routes,
  ...rest
}: Omit<AccessPlan, 'planHash'>): string {
  return sha256Hex(
    canonicalJson({
      ...rest,
      granteeAccount: grantee.accountId,
      granteeKey: grantee.keyThumbprint,
      // Left out where there are none: what was approved before there could be any has the hash that it had.
      ...(accounts.length === 0 ? {} : { accounts }),
      ...(routes.length === 0 ? {} : { routes }),
    }),
  );
}
