/** What an event that nobody has posted would come to, as register and account stand now. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import { atWorkSince, type Contract } from '../../domain/contract.js';
import type { Change, Reason } from '../../domain/fact.js';
import { uncoveredReasons } from '../approval/decide.js';
import { managedSetupOf } from '../grantee/managed-side.js';
import type { AmendmentEvent, OnboardingEvent } from '../inbound/parse-event.js';
import { approvedPlan } from '../plan/approved-plan.js';
import { withNobodyToAsk } from '../plan/auto-approval.js';
import { changeOf } from '../plan/compare-plans.js';
import { type AccessPlan, planAccess } from '../plan/plan-access.js';
import { loadContract } from '../register/register.js';
import { ownReasonsFor, type Proposal } from './admission-facts.js';
import { changeReasons, isEndAt, isRepeated, standingReason } from './amendment-standing.js';
import { claimReasons, standingOf } from './judge-request.js';

export interface Foreseen {
  /** Unset where the event says nothing new, or is refused whatever it asks for. */
  readonly plan?: AccessPlan;
  /** Of an amendment. */
  readonly change?: Change;
  /** Why it would be refused. */
  readonly reasons: readonly Reason[];
  /** What only an approver can let through. */
  readonly approval: readonly Reason[];
  /** What is to be known besides, a sentence each. */
  readonly notes: readonly string[];
}

const NOT_ENTERED =
  "the partner's account was not looked at: only Leasehold's functions enter it, and may find reasons of their own";

/** @throws {PartnerAccessError} when the register or the account cannot be read */
export async function foreseeRequest(
  { contractId, key, data: request }: OnboardingEvent,
  ports: Ports,
): Promise<Foreseen> {
  const contract = await loadContract(contractId, ports.evidence);
  const standing = standingOf(contract, key);
  switch (standing.kind) {
    case 'refuse':
      return { reasons: [standing.reason], approval: [], notes: [] };
    case 'repeat':
    case 'delivered':
    case 'undecided':
      return {
        reasons: [],
        approval: [],
        notes: [`this very request was posted before; the contract is ${contract.state}`],
      };
    case 'fresh': {
      const plan = planAccess(request, ports.settings.owner);
      const proposal = { contract, request, plan };
      return { plan, ...(await judge(proposal, await claimReasons(plan, ports), ports)) };
    }
  }
}

/** @throws {PartnerAccessError} when the register or the account cannot be read */
export async function foreseeAmendment(
  { contractId, key, data: wish }: AmendmentEvent,
  ports: Ports,
): Promise<Foreseen> {
  const contract = await loadContract(contractId, ports.evidence);
  if (isRepeated(contract, key)) {
    const notes = [`this very amendment was posted before; the contract is ${contract.state}`];
    return { reasons: [], approval: [], notes };
  }
  const now = ports.clock.now();
  const standing = standingReason(contract, key, wish, now);
  if (standing !== undefined) return { reasons: [standing], approval: [], notes: [] };
  const before = approvedPlan(contract);
  const plan = planAccess(wish.request, before.owner);
  const change = changeOf(before, plan);
  if (isEndAt(wish, now)) {
    const notes = ['it ends the contract at once, for good, whatever else it says'];
    return { plan, change, reasons: [], approval: [], notes };
  }
  const proposal = { contract, request: wish.request, plan, change };
  const judged = await judge(proposal, changeReasons(before, plan), ports);
  return { plan, change, ...judged, notes: [...pendingNotes(contract), ...judged.notes] };
}

/** What waits for an approver is refused where there is none, and not told where there is more against it. Pure. */
export function weighed(
  against: readonly Reason[],
  uncovered: readonly Reason[],
  { isAskable }: { readonly isAskable: boolean },
): Pick<Foreseen, 'reasons' | 'approval'> {
  if (against.length > 0) return { reasons: against, approval: [] };
  return isAskable
    ? { reasons: [], approval: uncovered }
    : { reasons: withNobodyToAsk(uncovered), approval: [] };
}

async function judge(
  proposal: Proposal,
  besides: readonly Reason[],
  ports: Ports,
): Promise<Pick<Foreseen, 'reasons' | 'approval' | 'notes'>> {
  const { settings } = ports;
  const { request, change } = proposal;
  const against = [...(await ownReasonsFor(proposal, ports)), ...besides];
  const isAskable = settings.approvals.approvers.length > 0;
  return {
    ...weighed(against, uncoveredReasons(proposal, settings), { isAskable }),
    notes: managedSetupOf(request) === undefined || change?.widens.length === 0 ? [] : [NOT_ENTERED],
  };
}

/** What becomes of an amendment that was asked for before. */
function pendingNotes({ amendment }: Contract): readonly string[] {
  if (amendment === undefined) return [];
  const { revision } = amendment;
  return [
    atWorkSince(amendment) === undefined
      ? `revision ${revision}, which has not begun, is refused as overtaken`
      : `revision ${revision} is being carried out; this one is tried again until that is done`,
  ];
}
