/**
 * What the grantee's administrator gets: how to enter, until when, and what to give his users. What only he may read is sealed
 * to his key and goes out with the event; nothing else holds it, so the hand-over that is kept is without it.
 */
import type { Settings } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { DataPlaneInstance } from '../../domain/data-plane.js';
import type { Grant } from '../../domain/grant.js';
import type { PublicKey } from '../../domain/public-key.js';
import type { Accessor, GranteeSetup, Lease, ManagedRole, ManagedUser } from '../../domain/request.js';
import { describeGrant, entryText, type GranteeRole, granteeRole, routeText } from '../../services/index.js';
import { assumePolicyOf } from '../plan/assume-policy.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { roleArnOf } from '../proof/look-inside.js';
import { type Sealed, type Secret, seal } from './seal.js';

export interface HandOver {
  readonly contractId: string;
  readonly granteeName: string;
  readonly roleArn: string;
  readonly roleName: string;
  readonly ownerAccountId: string;
  readonly granteeAccountId: string;
  /** To be sent with AssumeRole. Absent when it is sealed, or when every accessor enters by console, which cannot send one. */
  readonly externalId?: string;
  /** Thumbprint of the key that `sealed` is sealed to; absent when nothing is. */
  readonly keyThumbprint?: string;
  readonly sealed: readonly Sealed[];
  readonly lease: Lease;
  readonly maxSessionSeconds: number;
  /** Addresses that calls must come from; absent: any. */
  readonly sourceIps?: readonly string[];
  readonly accessors: readonly Accessor[];
  readonly setup: GranteeSetup['mode'];
  /** Whom Leasehold set up in the grantee's account; none in self-service. */
  readonly users: readonly ManagedUser[];
  readonly roles: readonly ManagedRole[];
  /** The policy that B attaches to those of its users and roles that may enter; it ends with the lease by itself. */
  readonly assumePolicy: unknown;
  readonly grants: readonly string[];
  /** The same, for machines. */
  readonly resources: readonly Grant[];
  /** Accounts in data planes. They are made when the lease begins; their passwords are sealed, and go out then. */
  readonly accounts: readonly HandedAccount[];
  /** Rules of the owner that send the grantee events from the begin of the lease on. */
  readonly routes: readonly HandedRoute[];
  readonly unavoidablyWider: readonly string[];
  /** What calls have shown; what was judged by the policies as read back is counted, and stands in the register. */
  readonly proven: readonly string[];
  readonly judged: number;
}

export interface HandedAccount extends DataPlaneInstance {
  /** User name. */
  readonly account: string;
  readonly may: readonly string[];
}
export interface HandedRoute {
  /** In plain words. */
  readonly what: string;
  /** What the grantee must have so that events arrive; absent where none is needed. */
  readonly role?: GranteeRole;
}

/** Whether somebody enters by API, who then sends the ExternalId. */
export const isByApi = ({ accessors }: Pick<HandOver, 'accessors'>): boolean =>
  accessors.length === 0 || accessors.some((accessor) => accessor.via === 'api');

/** The hand-over of a contract, without what is sealed. Pure: the same whenever it is asked for again. */
export function handOverOf(
  contract: Contract,
  plan: AccessPlan,
  settings: Pick<Settings, 'owner'>,
): HandOver {
  const { granting, terms, proofs = [] } = contract;
  const { grantee, grants = [] } = terms?.request ?? {};
  const { accessors = [], setup } = grantee ?? {};
  const { keyThumbprint } = plan.grantee;
  const isOpen = keyThumbprint === undefined && granting !== undefined && isByApi({ accessors });
  return {
    contractId: contract.contractId,
    granteeName: plan.grantee.name,
    roleArn: roleArnOf(contract, settings.owner),
    roleName: plan.roleName,
    ownerAccountId: settings.owner,
    granteeAccountId: plan.grantee.accountId,
    ...(isOpen ? { externalId: granting.externalId } : {}),
    ...(keyThumbprint === undefined ? {} : { keyThumbprint }),
    sealed: [],
    lease: plan.lease,
    maxSessionSeconds: plan.maxSessionSeconds,
    ...(plan.restrict.sourceIps === undefined ? {} : { sourceIps: plan.restrict.sourceIps }),
    accessors,
    setup: setup?.mode ?? 'self-service',
    users: setup?.mode === 'managed' ? setup.users : [],
    roles: setup?.mode === 'managed' ? setup.roles : [],
    assumePolicy: JSON.parse(assumePolicyOf(plan)),
    grants: grants.map(describeGrant),
    resources: grants,
    accounts: plan.accounts.map(({ instance, account, entries }) => ({
      ...instance,
      account,
      may: entries.map(entryText),
    })),
    routes: plan.routes.map((route) => {
      const role = granteeRole(route, plan.owner);
      return { what: routeText(route), ...(role === undefined ? {} : { role }) };
    }),
    unavoidablyWider: plan.unavoidablyWider,
    proven: proofs.filter(({ verdict }) => verdict === 'proven').map(({ right }) => right),
    judged: proofs.filter(({ verdict }) => verdict === 'judged').length,
  };
}

/** The hand-over as it goes out: the ExternalId and `more` sealed to the key, where there is one. */
export async function sealedHandOver(
  handOver: HandOver,
  { externalId, more }: { readonly externalId: string; readonly more: readonly Secret[] },
  key: PublicKey | undefined,
): Promise<HandOver> {
  if (key === undefined) {
    if (more.length > 0) throw new TypeError('secrets leave sealed or not at all, and there is no key');
    return handOver;
  }
  const { contractId, roleArn } = handOver;
  const entering: readonly Secret[] = isByApi(handOver)
    ? [{ kind: 'external-id', contractId, roleArn, externalId }]
    : [];
  const sealed = await Promise.all([...entering, ...more].map((secret) => seal(secret, key)));
  return { ...handOver, sealed };
}
