/** What judging a request needs of the cloud. Reads only. */
import type { AccountSummary, Ports } from '../../cloud/ports.js';
import { type Contract, isLive } from '../../domain/contract.js';
import type { Change, Reason } from '../../domain/fact.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { uncoveredReasons } from '../approval/decide.js';
import { systemPoliciesOf } from '../approval/require-harmless.js';
import { setupReasons } from '../grantee/setup-reasons.js';
import { granteeSideReasons } from '../grantee/side-reasons.js';
import { type AdmissionFacts, admissionReasons, withoutLimits } from '../plan/admission.js';
import { withNobodyToAsk } from '../plan/auto-approval.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { observeSideDoors } from '../side-doors/admit-side-doors.js';

/** What is to be judged, of a contract as it stands; `change` when it amends something. */
export interface Proposal {
  readonly contract: Contract;
  readonly request: OnboardingRequest;
  readonly plan: AccessPlan;
  readonly change?: Change;
}

/** Every reason against the proposal; what only wants an approver is one where there is nobody to ask. */
export async function admissionReasonsFor(proposal: Proposal, ports: Ports): Promise<readonly Reason[]> {
  const reasons = [...(await ownReasonsFor(proposal, ports)), ...(await theirReasonsFor(proposal, ports))];
  if (reasons.length > 0 || ports.settings.approvals.approvers.length > 0) return reasons;
  return withNobodyToAsk(uncoveredReasons(proposal, ports.settings));
}

/** What the owner's account and the configuration have against it. What only narrows waits neither for room nor for a limit drawn closer since. */
export async function ownReasonsFor(proposal: Proposal, ports: Ports): Promise<readonly Reason[]> {
  const { contract, request, plan } = proposal;
  return admissionReasons(
    request,
    isLess(proposal) ? await factsForLess(request, ports) : await factsFor(request, plan, contract, ports),
  );
}

/** What the grantee's account has against it. What only narrows does not wait for it, and names that no account takes are not asked after. */
async function theirReasonsFor(proposal: Proposal, ports: Ports): Promise<readonly Reason[]> {
  const { contract, request, plan } = proposal;
  if (isLess(proposal) || setupReasons(request).length > 0) return [];
  return granteeSideReasons(request, plan, contract, ports);
}

const isLess = ({ change }: Proposal): boolean => change?.widens.length === 0;

/** The time, room in the account, what named system policies allow, and what is where something would be made. */
async function factsFor(
  request: OnboardingRequest,
  plan: AccessPlan,
  contract: Contract,
  { clock, ram, quotas, settings, ...ports }: Ports,
): Promise<AdmissionFacts> {
  const groups = [...new Set(request.grants.flatMap(({ resourceGroupId }) => resourceGroupId ?? []))];
  return {
    now: clock.now(),
    owner: settings.owner,
    settings: settings.admission,
    account: withoutOwn(await quotas.read(), contract),
    systemPolicies: await systemPoliciesOf(request, ram),
    resourceGroups: Object.fromEntries(
      await Promise.all(groups.map(async (id) => [id, await ports.resourceGroups.isOurs(id)] as const)),
    ),
    sideDoors: await observeSideDoors(plan, contract, ports),
  };
}

/** For what gives nothing new: whether it says what it means, and no more. */
async function factsForLess(
  request: OnboardingRequest,
  { clock, ram, settings: { owner, admission } }: Ports,
): Promise<AdmissionFacts> {
  return {
    now: clock.now(),
    owner,
    settings: withoutLimits(admission),
    systemPolicies: await systemPoliciesOf(request, ram),
  };
}

/** An amendment needs room only for what it adds: its contract's role and policies are counted already. */
function withoutOwn(summary: AccountSummary, contract: Contract): AccountSummary {
  if (!isLive(contract) || contract.created === undefined) return summary;
  return {
    ...summary,
    roles: summary.roles - 1,
    policies: summary.policies - contract.created.policies.length,
  };
}
