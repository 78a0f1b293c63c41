/** Whether a grantee's account can be set up as a request asks: looked at there, before any effect. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { DeniedError } from '../../domain/errors.js';
import type { Reason } from '../../domain/fact.js';
import type { OnboardingRequest } from '../../domain/request.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { lookAtSide } from './look-at-side.js';
import { managedSetupOf } from './managed-side.js';
import { waitForOthers } from './plan-grantee.js';
import { checkProvisioning, provisioningExternalId } from './provisioning.js';
import { neededRights } from './provisioning-rights.js';
import { enteringPolicyName } from './side.js';

/**
 * Every reason against it; none in self-service. Changes nothing there.
 * @throws {TryLaterError} `CONFLICT` while another contract makes or removes somebody whom both name
 */
export async function granteeSideReasons(
  request: OnboardingRequest,
  plan: AccessPlan,
  contract: Contract,
  ports: Ports,
): Promise<readonly Reason[]> {
  const setup = managedSetupOf(request);
  if (setup === undefined) return [];
  const { accountId } = request.grantee;
  const needed = neededRights(setup, { accountId, policyName: enteringPolicyName(plan.roleName) });
  const externalId = await provisioningExternalId(accountId, ports);
  const check = await checkProvisioning(
    { accountId, externalId, needed },
    { ...ports, gate: ports.grantees },
  );
  if (!check.ok) return check.reasons;
  try {
    const entered = { accountId, account: check.account };
    const side = (await lookAtSide(contract, { plan, setup }, entered, ports)).plan;
    waitForOthers(side);
    return side.ok ? [] : side.reasons;
  } catch (error) {
    // What its policies give, something else of that account takes away again.
    if (!(error instanceof DeniedError)) throw error;
    return [{ code: 'PROVISIONING_MAY_TOO_LITTLE', pointer: '/data/grantee/setup', message: error.message }];
  }
}
