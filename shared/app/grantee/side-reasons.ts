/** Whether a grantee's account can be set up as a request asks: looked at there, before any effect. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { DeniedError } from '../../domain/errors.js';
import type { Reason } from '../../domain/fact.js';
import type { OnboardingRequest } from '../../domain/request.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { knownSideOf, managedSetupOf, namesIn, wantedSideOf } from './managed-side.js';
import { observeGrantee } from './observe-grantee.js';
import { planGrantee } from './plan-grantee.js';
import { checkProvisioning, provisioningExternalId } from './provisioning.js';
import { neededRights } from './provisioning-rights.js';

/** Every reason against it; none in self-service. Changes nothing there. */
export async function granteeSideReasons(
  request: OnboardingRequest,
  plan: AccessPlan,
  contract: Contract,
  ports: Ports,
): Promise<readonly Reason[]> {
  const setup = managedSetupOf(request);
  if (setup === undefined) return [];
  const { accountId } = request.grantee;
  const wanted = wantedSideOf(contract, plan, setup);
  const needed = neededRights(setup, { accountId, policyName: wanted.policy.name });
  const externalId = await provisioningExternalId(accountId, ports);
  const check = await checkProvisioning(
    { accountId, externalId, needed },
    { ...ports, gate: ports.grantees },
  );
  if (!check.ok) return check.reasons;
  const names = namesIn(setup);
  try {
    const observed = await observeGrantee({ policy: wanted.policy.name, ...names }, check.account);
    const known = await knownSideOf(contract, accountId, names, ports);
    const side = planGrantee(wanted, observed, known);
    return side.ok ? [] : side.reasons;
  } catch (error) {
    // What its policies give, something else of that account takes away again.
    if (!(error instanceof DeniedError)) throw error;
    return [{ code: 'PROVISIONING_MAY_TOO_LITTLE', pointer: '/data/grantee/setup', message: error.message }];
  }
}
