/** Step VerifyAccess: sees that what was granted works and that its neighbours are refused, before the partner can enter. */
import type { Ports, Session } from '../cloud/ports.js';
import type { Contract } from '../domain/contract.js';
import type { Proof } from '../domain/fact.js';
import type { PositiveProbe } from '../services/types.js';
import { loadForEpoch, stillOurTurn } from './grant-access.js';
import { askProbes, isRefused, probesOf, resourceGrantsOf } from './look-inside.js';
import { approvedPlan } from './plan/approved-plan.js';
import type { AccessPlan } from './plan/plan-access.js';
import { enter, judge, neighboursOf, seeWhatHolds, unverified } from './prove-access.js';
import { appendFact } from './register.js';
import { isSameJson } from './role/plan-convergence.js';
import type { StepInput, StepOutput } from './step-input.js';
import { settle } from './verdict.js';

const BY = 'verify-access';
/**
 * Verifies by calls what calls can show, and by the policy engine over what RAM gives back the rest. May run twice.
 * @throws {BrokenPromiseError} `ACCESS_NOT_VERIFIED`, `LOST_THE_RACE`
 */
export async function verifyAccess(input: StepInput, ports: Ports): Promise<StepOutput> {
  const contract = await loadForEpoch(input, ports);
  if (contract.verified !== undefined) return input;
  const plan = approvedPlan(contract);
  const probed = await probe(contract, plan, ports);
  const judged = await judge(contract, plan, plan.attachments, ports);
  await recordProofs(contract, [...probed, ...judged], ports);
  ports.log.info(
    { contractId: contract.contractId, proven: probed.length, judged: judged.length },
    'verified',
  );
  return input;
}

/**
 * A lease that begins later, or is bound to the partner's addresses, lets no probe of ours through. While only the verifier
 * can enter, it is probed without those bounds; then they hold again and everything is seen to be refused.
 */
async function probe(contract: Contract, plan: AccessPlan, ports: Ports): Promise<readonly Proof[]> {
  const isBound =
    ports.clock.now() < plan.lease.startsAt ||
    plan.policies.some(({ text, probingText }) => text.includes('acs:SourceIp') && probingText !== text);
  if (isBound) await loosen(plan, ports);
  const positive = probesOf(contract);
  const session = await enter(contract, positive, ports);
  const negative = await neighboursOf(contract, resourceGrantsOf(contract), ports);
  const proofs = await seeWhatHolds(contract, { session, positive, negative }, ports);
  if (isBound) {
    await bind(plan, ports);
    await seeClosed(contract, session, [...positive, ...negative], ports);
  }
  return proofs;
}

/**
 * What is probed with is a version of its own, made without effect, put into effect and deleted again. So no write of these that is
 * given up and applied late lets anybody in without the bounds: an addition has no effect, and a version that is gone gets none.
 */
async function loosen(plan: AccessPlan, { ram }: Ports): Promise<void> {
  for (const { name, text, probingText } of plan.policies) {
    if (text === probingText) continue;
    await ram.setDefaultVersion(name, await ram.addPolicyVersion(name, probingText));
  }
}

async function bind(plan: AccessPlan, { ram }: Ports): Promise<void> {
  for (const { name, text, probingText } of plan.policies) {
    if (text === probingText) continue;
    const versions = await ram.policyVersions(name);
    const bound = versions.find(({ document }) => isSameJson(document, text));
    // It gives way only to the leftovers of several tries.
    if (bound === undefined) await ram.setPolicyDocument(name, text);
    else await ram.setDefaultVersion(name, bound.id);
    for (const { id } of versions.filter((one) => one.id !== bound?.id))
      await ram.deletePolicyVersion(name, id);
  }
}

async function seeClosed(
  contract: Contract,
  session: Session,
  probes: readonly PositiveProbe[],
  ports: Ports,
): Promise<void> {
  const ask = async () => ({
    answers: await askProbes(probes, session, ports),
    caller: await ports.sts.callerOf(session),
  });
  // The session must still live: a dead one would be refused for another reason.
  const verdict = await settle(
    ask,
    ({ answers, caller }) => caller.outcome === 'alive' && answers.every(isRefused),
    ports,
  );
  if (verdict.outcome === 'unsettled')
    throw unverified(contract, 'the bounds of the lease do not close access');
}

async function recordProofs(contract: Contract, proofs: readonly Proof[], ports: Ports): Promise<void> {
  const result = await appendFact(contract, { kind: 'verified', data: { proofs } }, BY, ports);
  if (result.outcome === 'appended') return;
  const now = stillOurTurn(result.contract, contract.epoch);
  if (now.verified === undefined) await recordProofs(now, proofs, ports);
}
