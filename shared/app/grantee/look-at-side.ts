/** One look at what of a grantee's account a setup is about, and what it would take to have it as wanted. */
import type { GranteePort, Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { ManagedSetup } from '../../domain/request.js';
import type { AccountId } from '../../domain/values.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { withLeaving } from './leaving.js';
import { knownSideOf, namesIn, wantedSideOf } from './managed-side.js';
import { observeGrantee } from './observe-grantee.js';
import { type GranteePlan, planGrantee, waitForOthers } from './plan-grantee.js';
import type { GranteeStep, KnownSide, ObservedSide, WantedSide } from './side.js';

export interface SideLook {
  readonly wanted: WantedSide;
  readonly observed: ObservedSide;
  readonly known: KnownSide;
  readonly plan: GranteePlan;
}

/** Reads only. `account` is the one of `accountId`, entered. */
export async function lookAtSide(
  contract: Contract,
  { plan, setup }: { readonly plan: AccessPlan; readonly setup: ManagedSetup },
  { accountId, account }: { readonly accountId: AccountId; readonly account: GranteePort },
  ports: Pick<Ports, 'index' | 'evidence' | 'log'>,
): Promise<SideLook> {
  const names = namesIn(setup);
  const wanted = wantedSideOf(contract, plan, setup);
  const observed = await observeGrantee({ policy: wanted.policy.name, ...names }, account);
  const known = await withLeaving(await knownSideOf(contract, accountId, names, ports), observed, ports);
  return { wanted, observed, known, plan: planGrantee(wanted, observed, known) };
}

/**
 * @throws {BrokenPromiseError} `GRANTEE_CHANGED` when what is there speaks against it, with all reasons
 * @throws {TryLaterError} `CONFLICT` while another contract makes or removes somebody whom both name
 */
export function requireSteps(plan: GranteePlan, { contractId }: Contract): readonly GranteeStep[] {
  if (plan.ok) return plan.steps;
  waitForOthers(plan);
  const why = plan.reasons.map(({ message }) => message).join('; ');
  throw new BrokenPromiseError('GRANTEE_CHANGED', `contract ${contractId}: ${why}`);
}
