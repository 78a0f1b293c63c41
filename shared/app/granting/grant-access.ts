/** Step GrantAccess: makes role and policies, closed to the partner. */
import type { Ports } from '../../cloud/ports.js';
import { sayTheSame } from '../../domain/canonical-json.js';
import { type Contract, isBeingGranted, isLive } from '../../domain/contract.js';
import { BrokenPromiseError, TryLaterError } from '../../domain/errors.js';
import { requireApproval } from '../approval/require-approval.js';
import { requireHarmless } from '../approval/require-harmless.js';
import type { StepInput, StepOutput } from '../inbound/step-input.js';
import { deploymentText, isOurPolicy, isOurRole, notOurs, roleTagsFor, verifierOf } from '../ours.js';
import { approvedPlan } from '../plan/approved-plan.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { closedTrust } from '../plan/trust.js';
import { appendFact, loadContract } from '../register/register.js';
import { prepareRoutes } from '../side-doors/prepare-routes.js';
import { grantRank } from '../turns/rank.js';
import { inTurn } from '../turns/turns.js';

const BY = 'grant-access';

/**
 * Brings role and policies of the admitted request into being. May run twice, also at the same time: effects are
 * recognised by the intent's nonce, and whoever loses the register throws before anything is open.
 * @throws {BrokenPromiseError} `LOST_THE_RACE`, `NOT_OURS`, `NOT_APPROVED`, `WIDER_THAN_APPROVED`
 * @throws {QueuedError} when others go first
 */
export async function grantAccess(input: StepInput, ports: Ports): Promise<StepOutput> {
  const admitted = await loadForEpoch(input, ports);
  if (admitted.created !== undefined) return input;
  const plan = approvedPlan(admitted);
  await requireApproval(admitted, admitted.terms, ports);
  await requireHarmless(admitted, admitted.terms, ports);
  const { contractId, terms } = admitted;
  const place = {
    lane: 'attach',
    rank: terms === undefined ? 'grant' : grantRank(terms.request),
    contractId,
    writes: plan.attachments.length,
  } as const;
  const { contract, roleId } = await inTurn(place, ports, (own) => makeClosed(admitted, plan, own));
  const prepared = await prepare(contract, plan, ports);
  await recordCreation(prepared, { roleId, policies: plan.policies.map((policy) => policy.name) }, ports);
  ports.log.info(
    { contractId: contract.contractId, role: plan.roleName, policies: plan.policies.length },
    'role made, closed to the partner',
  );
  return input;
}

/** The role with its policies on it, which nobody but our verifier can enter yet. */
async function makeClosed(admitted: Contract, plan: AccessPlan, ports: Ports) {
  const contract = await beginGranting(admitted, ports);
  const roleId = await ensureRole(contract, plan, ports);
  for (const policy of plan.policies) await ensurePolicy(contract, policy, ports);
  for (const attachment of plan.attachments) await ports.ram.attach(plan.roleName, attachment);
  return { contract, roleId };
}

/**
 * The contract, if it still is what this execution works for.
 * @throws {BrokenPromiseError} `LOST_THE_RACE`
 */
export async function loadForEpoch(
  input: StepInput,
  { evidence }: Pick<Ports, 'evidence'>,
): Promise<Contract> {
  return stillOurTurn(await loadContract(input.contractId, evidence), input.epoch);
}

export function stillOurTurn(contract: Contract, epoch: number): Contract {
  if ((isBeingGranted(contract) || isLive(contract)) && contract.epoch === epoch) return contract;
  throw new BrokenPromiseError(
    'LOST_THE_RACE',
    `contract ${contract.contractId} is ${contract.state}; this onboarding (request at ${epoch}) gives way`,
  );
}

/** Fixes nonce and ExternalIds once, before the first effect. May run twice. */
export async function beginGranting(contract: Contract, ports: Ports): Promise<Contract> {
  if (contract.granting !== undefined) return contract;
  const { chance, settings } = ports;
  const data = {
    nonce: chance.nonce(),
    externalId: chance.nonce(),
    verifierExternalId: chance.nonce(),
    deployment: deploymentText(settings.deployment),
  };
  const result = await appendFact(contract, { kind: 'granting', data }, BY, ports);
  // Lost to another execution of the same request: its intent is as good as ours. Lost to an end: it throws.
  return result.outcome === 'appended'
    ? result.contract
    : beginGranting(stillOurTurn(result.contract, contract.epoch), ports);
}

async function ensureRole(contract: Contract, plan: AccessPlan, ports: Ports): Promise<string> {
  const made = await ports.ram.createRole({
    name: plan.roleName,
    trust: closedTrust(verifierOf(contract, ports)),
    description: `Leasehold: contract ${contract.contractId}. Do not edit by hand.`,
    maxSessionSeconds: plan.maxSessionSeconds,
    tags: roleTagsFor(contract),
  });
  if (made.outcome === 'created') return made.id;
  const there = await ports.ram.observeRole(plan.roleName);
  if (there === undefined) throw notSeenYet(`role ${plan.roleName}`);
  if (!(await isOurRole(there, contract, ports))) throw await notOurs(plan.roleName, ports);
  return there.id;
}

/** Another execution of the same request may have made it a moment ago, and reads do not show it yet. */
const notSeenYet = (what: string): TryLaterError =>
  new TryLaterError('CONFLICT', `${what} is there by one answer of RAM and not by another`);

async function ensurePolicy(
  contract: Contract,
  policy: AccessPlan['policies'][number],
  { ram, ...ports }: Ports,
): Promise<void> {
  const made = await ram.createPolicy({
    name: policy.name,
    document: policy.text,
    description: `Leasehold: contract ${contract.contractId}. Do not edit by hand.`,
    tags: roleTagsFor(contract),
  });
  if (made === 'created') return;
  const there = await ram.readPolicy({ type: 'Custom', name: policy.name });
  if (there === undefined) throw notSeenYet(`policy ${policy.name}`);
  if (!(await isOurPolicy(policy.name, contract, { ram }))) {
    throw new BrokenPromiseError(
      'NOT_OURS',
      `policy ${policy.name} exists but was not made for contract ${contract.contractId}`,
    );
  }
  if (!sayTheSame(there, policy.text)) await ram.setPolicyDocument(policy.name, policy.text);
  ports.log.info(
    { contractId: contract.contractId, policy: policy.name },
    'policy was made by an earlier try',
  );
}

/** Rules that take events out are made now, switched off, so that what is in their way is found before anybody waits for them. */
async function prepare(contract: Contract, plan: AccessPlan, ports: Ports): Promise<Contract> {
  const prepared = await prepareRoutes(contract, plan.routes, BY, ports);
  return prepared.outcome === 'intended'
    ? prepared.contract
    : prepare(stillOurTurn(prepared.contract, contract.epoch), plan, ports);
}

/** The look at the register that counts: an append at the sequence this step has worked under. */
async function recordCreation(
  contract: Contract,
  data: { readonly roleId: string; readonly policies: readonly string[] },
  ports: Ports,
): Promise<void> {
  const result = await appendFact(contract, { kind: 'role-created', data }, BY, ports);
  if (result.outcome === 'appended') return;
  const now = stillOurTurn(result.contract, contract.epoch);
  // The same request, worked on by another execution at the same time: what it recorded is what is there.
  if (now.created === undefined) await recordCreation(now, data, ports);
}
