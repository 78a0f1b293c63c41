/** Step AdmitAmendment: takes what is to change about a live contract: its terms, a suspension, or the end of one. */
import type { Ports } from '../../cloud/ports.js';
import { type Amendment, atWorkSince, type Contract, isLive } from '../../domain/contract.js';
import { TryLaterError } from '../../domain/errors.js';
import { type EventKey, type Reason, reason } from '../../domain/fact.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { ABANDONED, OVERTAKEN } from '../../domain/undone-codes.js';
import { secondsBetween } from '../../domain/values.js';
import { contractAmended, resumeRequested, suspendRequested } from '../../schemas/compiled/validators.js';
import { decide, tellQuestion, uncoveredReasons } from '../approval/decide.js';
import { dueEnding } from '../ending/due-ending.js';
import { isPreparationDue } from '../grantee/managed-side.js';
import { type AmendmentWish, parseEvent } from '../inbound/parse-event.js';
import { parseContractRef } from '../inbound/step-input.js';
import { approvedPlan, planOf } from '../plan/approved-plan.js';
import { changeOf } from '../plan/compare-plans.js';
import { type AccessPlan, planAccess } from '../plan/plan-access.js';
import { watchProgress } from '../register/index-entries.js';
import { keepDue } from '../register/keep-due.js';
import { appendFact, loadContract } from '../register/register.js';
import { answerUnreadable, isRefusedAgain, rejectAttempt } from '../telling/answer-refused.js';
import { announce } from '../telling/outbound.js';
import { admissionReasonsFor, type Proposal } from './admission-facts.js';
import { admitResume, admitSuspension } from './admit-suspension.js';
import type { AmendOutput } from './amend-output.js';
import { finished, isOpenSuspension } from './amend-output.js';
import { changeReasons, isEndAt, isRepeated, standingReason } from './amendment-standing.js';

const BY = 'admit-amendment';
const HANDLED = {
  'partner.contract.amended': contractAmended,
  'partner.access.suspend.requested': suspendRequested,
  'partner.access.resume.requested': resumeRequested,
};
/** An amendment that has been worked on for so long is not worked on any more. */
const ABANDONED_SECONDS = 30 * 60;

/**
 * Records what is asked and says which step is next. May run twice.
 * @throws {TryLaterError} `CONFLICT` while another amendment is being carried out: one after the other
 */
export async function admitAmendment(eventText: string, ports: Ports): Promise<AmendOutput> {
  const known = parseContractRef(eventText);
  if (known !== undefined) return goOnAmending(await loadContract(known, ports.evidence), ports);
  const parsed = parseEvent(eventText, HANDLED);
  if (!parsed.ok) {
    await answerUnreadable(parsed, eventText, ports);
    return finished(parsed.contractId ?? '');
  }
  const { event } = parsed;
  if (await isRefusedAgain(event, ports)) return finished(event.contractId);
  switch (event.type) {
    case 'partner.contract.amended':
      return admit(await loadContract(event.contractId, ports.evidence), event.key, event.data, ports);
    case 'partner.access.suspend.requested':
      return admitSuspension(await loadContract(event.contractId, ports.evidence), event, ports);
    case 'partner.access.resume.requested':
      return admitResume(await loadContract(event.contractId, ports.evidence), event, ports);
  }
}

/** What the register says is begun and not finished, in the order of its urgency. May run twice. */
async function goOnAmending(contract: Contract, ports: Ports): Promise<AmendOutput> {
  const { contractId, amendment, resuming, owed } = contract;
  if (!isLive(contract)) return finished(contractId);
  const unseen = contract.suspensions.find(isOpenSuspension);
  if (unseen !== undefined) return { contractId, epoch: 0, outcome: 'suspend', suspension: unseen.id };
  if (resuming !== undefined)
    return { contractId, epoch: 0, outcome: 'resume', suspension: resuming.suspension };
  if (amendment !== undefined) return settleAmendment(contract, amendment, ports);
  return owed.length === 0 ? finished(contractId) : { ...finished(contractId), outcome: 'hand-over' };
}

async function admit(
  contract: Contract,
  key: EventKey,
  wish: AmendmentWish,
  ports: Ports,
): Promise<AmendOutput> {
  const { contractId, amendment } = contract;
  if (isRepeated(contract, key)) {
    const isPending = amendment?.event.contentHash === key.contentHash;
    return isPending ? settleAmendment(contract, amendment, ports) : finished(contractId);
  }
  const now = ports.clock.now();
  const standing = standingReason(contract, key, wish, now);
  if (standing !== undefined) return refuse(contract, key, [standing], ports);
  const isEnd = isEndAt(wish, now);
  if (amendment !== undefined && !isEnd) return overtake(contract, amendment, { key, wish }, ports);
  await tellOvertaken(contract, wish, ports);

  const before = approvedPlan(contract);
  const request = isEnd ? cutShort(contract, wish) : wish.request;
  const plan = planAccess(request, before.owner);
  const change = changeOf(before, plan);
  const reasons = isEnd ? [] : await reasonsAgainst({ contract, request, plan, change }, before, ports);
  if (reasons.length > 0) return refuse(contract, key, reasons, ports);
  await watchProgress(contractId, ports);
  const data = { event: key, revision: wish.revision, request, planHash: plan.planHash, change };
  const requested = await appendFact(contract, { kind: 'amendment-requested', data }, BY, ports);
  if (requested.outcome === 'lost') return admit(requested.contract, key, wish, ports);
  return goOnAmending(requested.contract, ports);
}

/** A lease cut short to the past is an end, and ends never wait: what else it says is judged by nobody, and so not kept either. */
function cutShort({ terms }: Contract, { request }: AmendmentWish): OnboardingRequest {
  const { requestedBy, lease } = request;
  if (terms === undefined) return request;
  return {
    ...terms.request,
    requestedBy,
    lease: { ...terms.request.lease, expiresAt: lease.expiresAt },
  };
}

const reasonsAgainst = async (
  proposal: Proposal,
  before: AccessPlan,
  ports: Ports,
): Promise<readonly Reason[]> => [
  ...(await admissionReasonsFor(proposal, ports)),
  ...changeReasons(before, proposal.plan),
];

/** A later revision takes the place of one that nobody has begun with; one that is under way is waited for. */
async function overtake(
  contract: Contract,
  amendment: Amendment,
  next: { readonly key: EventKey; readonly wish: AmendmentWish },
  ports: Ports,
): Promise<AmendOutput> {
  const { contractId } = contract;
  const { revision } = amendment;
  const since = atWorkSince(amendment);
  const isAtWork = since !== undefined && secondsBetween(since, ports.clock.now()) < ABANDONED_SECONDS;
  if (isAtWork)
    throw new TryLaterError(
      'CONFLICT',
      `revision ${revision} of contract ${contractId} is being carried out`,
    );
  const fact =
    since === undefined
      ? ({ kind: 'amendment-dropped', data: { revision, reasons: [overtakenBy(next.wish)] } } as const)
      : ({ kind: 'amendment-failed', data: { revision, step: 'AmendAccess', code: ABANDONED } } as const);
  const dropped = await appendFact(contract, fact, BY, ports);
  return admit(dropped.contract, next.key, next.wish, ports);
}

const overtakenBy = ({ revision }: AmendmentWish): Reason =>
  reason(OVERTAKEN, '/data/revision', `revision ${revision} took its place`);

/** What was overtaken, and may not have been told; once another is asked for, nothing knows of it. May run twice. */
async function tellOvertaken(contract: Contract, by: AmendmentWish, ports: Ports): Promise<void> {
  const { undone } = contract;
  if (undone === undefined) return;
  const reasons =
    undone.kind === 'amendment-dropped'
      ? undone.reasons.filter(({ code }) => code === OVERTAKEN)
      : undone.code === ABANDONED
        ? [overtakenBy(by)]
        : [];
  if (reasons.length === 0) return;
  const { revision, seq } = undone;
  await announce('partner.access.rejected', contract, { revision, reasons }, ports, seq);
}

/** Approves, asks, or lets begin what was approved. May run twice. */
async function settleAmendment(contract: Contract, amendment: Amendment, ports: Ports): Promise<AmendOutput> {
  const { contractId } = contract;
  // Cut short by it, or over before anybody has begun with it.
  if (dueEnding(contract, ports.clock.now()) !== undefined)
    return { contractId, epoch: amendment.seq, outcome: 'end', suspension: '' };
  if (amendment.approval !== undefined) return begin(contract, amendment);
  const matter = { terms: amendment, plan: planOf(contract, amendment), change: amendment.change };
  if (amendment.question !== undefined) {
    // One whose time is over is refused by the sweep, should its entry have been lost.
    if (amendment.question.until <= ports.clock.now()) {
      await keepDue(contract, ports);
      return finished(contractId);
    }
    if (uncoveredReasons({ ...matter, request: amendment.request }, ports.settings).length > 0) {
      await tellQuestion(contract, matter, ports);
      return finished(contractId);
    }
    await watchProgress(contractId, ports);
  }
  const result = await decide(contract, matter, BY, ports);
  if (result.outcome === 'lost') return goOnAmending(result.contract, ports);
  const { amendment: now } = result.contract;
  return now?.approval === undefined ? finished(contractId) : begin(result.contract, now);
}

/** What only narrows names nobody new, so it waits neither for the grantee nor for what preparing asks. */
const begin = (contract: Contract, amendment: Amendment): AmendOutput => ({
  contractId: contract.contractId,
  epoch: amendment.seq,
  outcome: amendment.change.widens.length > 0 && isPreparationDue(contract, amendment) ? 'prepare' : 'amend',
  suspension: '',
});

async function refuse(
  contract: Contract,
  key: EventKey,
  reasons: readonly Reason[],
  ports: Ports,
): Promise<AmendOutput> {
  await rejectAttempt(contract, key, reasons, ports);
  return finished(contract.contractId);
}
