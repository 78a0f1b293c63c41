/** What B's administrator gets: how to enter, until when, and what to give his users. No secret is among it. */
import type { Settings } from '../cloud/ports.js';
import type { Contract } from '../domain/contract.js';
import type { Accessor, Lease } from '../domain/request.js';
import { describeGrant } from '../services/index.js';
import { roleArnOf } from './look-inside.js';
import { assumePolicyOf } from './plan/assume-policy.js';
import type { AccessPlan } from './plan/plan-access.js';

export interface HandOver {
  readonly roleArn: string;
  readonly roleName: string;
  readonly ownerAccountId: string;
  readonly granteeAccountId: string;
  /** To be sent with AssumeRole; absent when every accessor enters by console, which cannot send one. */
  readonly externalId?: string;
  readonly lease: Lease;
  readonly maxSessionSeconds: number;
  readonly accessors: readonly Accessor[];
  /** The policy that B attaches to those of its users and roles that may enter; it ends with the lease by itself. */
  readonly assumePolicy: unknown;
  readonly grants: readonly string[];
  readonly unavoidablyWider: readonly string[];
  /** What calls have shown; what was judged by the policies as read back is counted, and stands in the register. */
  readonly proven: readonly string[];
  readonly judged: number;
}

/** The hand-over of an active contract. */
export function handOverOf(
  contract: Contract,
  plan: AccessPlan,
  settings: Pick<Settings, 'owner'>,
): HandOver {
  const { requested, granting, activated } = contract;
  const grantee = requested?.request.grantee;
  const accessors = grantee?.accessors ?? [];
  const proofs = activated?.proofs ?? [];
  const isByApi = accessors.length === 0 || accessors.some((accessor) => accessor.via === 'api');
  return {
    roleArn: roleArnOf(contract, settings.owner),
    roleName: plan.roleName,
    ownerAccountId: settings.owner,
    granteeAccountId: grantee?.accountId ?? '',
    ...(isByApi && granting !== undefined ? { externalId: granting.externalId } : {}),
    lease: plan.lease,
    maxSessionSeconds: plan.maxSessionSeconds,
    accessors,
    assumePolicy: JSON.parse(assumePolicyOf(plan)),
    grants: (requested?.request.grants ?? []).map(describeGrant),
    unavoidablyWider: plan.unavoidablyWider,
    proven: proofs.filter(({ verdict }) => verdict === 'proven').map(({ right }) => right),
    judged: proofs.filter(({ verdict }) => verdict === 'judged').length,
  };
}
