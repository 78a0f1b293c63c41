/** Puts verdicts together in RAM's order. Source: RAM "Policy evaluation process" and "… of assuming a RAM role". */
import {
  type CompiledPolicies,
  type CompiledTrust,
  type Evaluation,
  evaluate,
  evaluateTrust,
} from './evaluate.js';
import type { AccessRequest, Decision, Entrant, PolicyScope } from './types.js';

/** What binds a principal. A session policy that is absent does not narrow; one that is present must allow. */
export interface PolicySets {
  readonly session?: CompiledPolicies;
  readonly accountLevel: CompiledPolicies;
  /** Attached for the resource group that the resource is in. */
  readonly resourceGroupLevel?: CompiledPolicies;
}

/**
 * Session policy first; then the account level, and only if that says nothing the resource-group level: as published, a Deny
 * in a resource group is not consulted once an account-level Allow matched, so nothing safe may rest on one.
 */
export function authorize(request: AccessRequest, sets: PolicySets): Decision {
  if (sets.session !== undefined) {
    const narrowed = evaluate(sets.session, request);
    if (narrowed.verdict !== 'Allow') return decisionOf(narrowed, 'SessionPolicy');
  }
  const account = evaluate(sets.accountLevel, request);
  if (account.verdict !== 'ImplicitDeny' || sets.resourceGroupLevel === undefined) {
    return decisionOf(account, 'AccountLevelIdentityBasedPolicy');
  }
  return decisionOf(evaluate(sets.resourceGroupLevel, request), 'ResourceGroupLevelIdentityBasedPolicy');
}

/** AssumeRole needs both sides: the caller's own policies and the role's trust policy, in one account as across two. */
export function assumeRoleDecision(
  request: AccessRequest,
  sets: PolicySets,
  trust: CompiledTrust,
  entrant: Entrant,
): Decision {
  const caller = authorize(request, sets);
  if (caller.effect === 'deny') return caller;
  return decisionOf(evaluateTrust(trust, entrant, request.action, request.context), 'AssumeRolePolicy');
}

function decisionOf({ verdict, match }: Evaluation, scope: PolicyScope): Decision {
  if (verdict === 'Allow') return { effect: 'allow', scope, match };
  return { effect: 'deny', scope, reason: verdict, ...(match === undefined ? {} : { match }) };
}
