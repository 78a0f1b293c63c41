/** Step VerifyAccess: sees that what was granted works and that its neighbours are refused, before the partner can enter. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { Proof } from '../../domain/fact.js';
import type { StepInput, StepOutput } from '../inbound/step-input.js';
import { approvedPlan } from '../plan/approved-plan.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { takeInventory } from '../proof/inventory.js';
import { askProbes, isRefused, probesOf, resourceGrantsOf } from '../proof/look-inside.js';
import { enter, judge, neighboursOf, type Sight, seeWhatHolds, unverified } from '../proof/prove-access.js';
import { settle } from '../proof/verdict.js';
import { appendFact } from '../register/register.js';
import { loadForEpoch, stillOurTurn } from './grant-access.js';
import { bind, isBeingProbed, isBound, withoutBounds } from './without-bounds.js';

const BY = 'verify-access';
/**
 * Verifies by calls what calls can show, and by the policy engine over what RAM gives back the rest. May run twice.
 * @throws {BrokenPromiseError} `ACCESS_NOT_VERIFIED`, `LOST_THE_RACE`
 */
export async function verifyAccess(input: StepInput, ports: Ports): Promise<StepOutput> {
  const contract = await withInventory(await loadForEpoch(input, ports), ports);
  if (contract.verified !== undefined) return input;
  const plan = approvedPlan(contract);
  if (isBound(plan, ports)) await withoutBounds(contract, plan, (begun) => verify(begun, plan, ports), ports);
  else await verify(contract, plan, ports);
  return input;
}

/** What a partner may make is listed while nobody but our verifier can enter. */
async function withInventory(contract: Contract, ports: Ports): Promise<Contract> {
  if (contract.verified !== undefined) return contract;
  const grants = contract.terms?.request.grants ?? [];
  const taken = await takeInventory(contract, grants, BY, ports);
  return taken.outcome === 'taken'
    ? taken.contract
    : withInventory(stillOurTurn(taken.contract, contract.epoch), ports);
}

async function verify(contract: Contract, plan: AccessPlan, ports: Ports): Promise<void> {
  const probed = await probe(contract, plan, ports);
  const judged = await judge(contract, plan, plan.attachments, ports);
  await recordProofs(contract, [...probed, ...judged], ports);
  ports.log.info(
    { contractId: contract.contractId, proven: probed.length, judged: judged.length },
    'verified',
  );
}

/**
 * A lease that begins later, or is bound to the partner's addresses, lets no probe of ours through. While only the verifier
 * can enter, it is probed without those bounds; then they hold again and everything is seen to be refused, or, where the lease has
 * begun meanwhile, to work within them.
 */
async function probe(contract: Contract, plan: AccessPlan, ports: Ports): Promise<readonly Proof[]> {
  const positive = probesOf(contract);
  const session = await enter(contract, positive, ports);
  const negative = await neighboursOf(contract, resourceGrantsOf(contract), ports);
  const sight = { session, positive, negative };
  const proofs = await seeWhatHolds(contract, sight, ports);
  if (contract.probing === undefined) return proofs;
  await bind(plan, ports);
  const seen = await seeClosed(contract, plan, sight, ports);
  return seen === 'closed' ? proofs : seeWhatHolds(contract, sight, ports);
}

/** `begun`: the lease lets in by now, so that nothing need be refused. */
async function seeClosed(
  contract: Contract,
  plan: AccessPlan,
  { session, positive, negative }: Sight,
  ports: Ports,
): Promise<'closed' | 'begun'> {
  const ask = async () => ({
    answers: await askProbes([...positive, ...negative], session, ports),
    caller: await ports.sts.callerOf(session),
    // After the answers: what let them in has begun before.
    hasBegun: !isBound(plan, ports),
  });
  // The session must still live: a dead one would be refused for another reason.
  const verdict = await settle(
    ask,
    ({ answers, caller, hasBegun }) => hasBegun || (caller.outcome === 'alive' && answers.every(isRefused)),
    ports,
  );
  if (verdict.outcome === 'unsettled')
    throw unverified(contract, 'the bounds of the lease do not close access');
  return verdict.answer.hasBegun ? 'begun' : 'closed';
}

async function recordProofs(contract: Contract, proofs: readonly Proof[], ports: Ports): Promise<void> {
  const result = await appendFact(contract, { kind: 'verified', data: { proofs } }, BY, ports);
  if (result.outcome === 'appended') return;
  const now = stillOurTurn(result.contract, contract.epoch);
  if (now.verified !== undefined) return;
  // Somebody else has taken the bounds off since: what was seen may not hold any more.
  if (now.probing?.token !== contract.probing?.token) throw isBeingProbed(now);
  await recordProofs(now, proofs, ports);
}
