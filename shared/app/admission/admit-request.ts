/** Step AdmitRequest: refuses with all reasons before the first effect, or claims the contract; and takes approvers' answers. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { type EventKey, isSameEvent, type Reason } from '../../domain/fact.js';
import type { OnboardingRequest } from '../../domain/request.js';
import {
  onboardingApproved,
  onboardingDeclined,
  onboardingRequested,
} from '../../schemas/compiled/validators.js';
import { decide, tellQuestion, uncoveredReasons } from '../approval/decide.js';
import { againstWhole, type PartOfRequest, parseEvent } from '../inbound/parse-event.js';
import { parseContractRef } from '../inbound/step-input.js';
import { approvedPlan } from '../plan/approved-plan.js';
import { type AccessPlan, planAccess } from '../plan/plan-access.js';
import { watchProgress } from '../register/index-entries.js';
import { appendFact, loadContract } from '../register/register.js';
import {
  answerRejected,
  answerUnreadable,
  isRefusedAgain,
  rejectAttempt,
  rejectContract,
} from '../telling/answer-refused.js';
import { type AdmitOutput, goOn } from './admission-outcome.js';
import { admitAnswer } from './admit-answer.js';
import { requestReasons, standingOf } from './judge-request.js';

const BY = 'admit-request';
const HANDLED = {
  'partner.onboarding.requested': onboardingRequested,
  'partner.onboarding.approved': onboardingApproved,
  'partner.onboarding.declined': onboardingDeclined,
};
const REJECTED = { epoch: 0, outcome: 'rejected' } as const;

/** Judges the event and, when nothing speaks against it, makes it the contract's request. May run twice. */
export async function admitRequest(eventText: string, ports: Ports): Promise<AdmitOutput> {
  const known = parseContractRef(eventText);
  if (known !== undefined) return settleAdmission(await loadContract(known, ports.evidence), ports);
  const parsed = parseEvent(eventText, HANDLED);
  if (!parsed.ok) {
    const reasons = [...parsed.reasons, ...(await reasonsAgainstPart(parsed.part, ports))];
    await answerUnreadable({ ...parsed, reasons }, eventText, ports);
    return { contractId: parsed.contractId ?? '', ...REJECTED };
  }
  const { event } = parsed;
  if (await isRefusedAgain(event, ports)) return { contractId: event.contractId, ...REJECTED };
  switch (event.type) {
    case 'partner.onboarding.requested': {
      const contract = await loadContract(event.contractId, ports.evidence);
      return admit(contract, event.key, event.data, ports);
    }
    case 'partner.onboarding.approved':
    case 'partner.onboarding.declined':
      return admitAnswer(event, ports);
  }
}

/** What else would be said to the event once it is mended, as far as it can be read. Reads only. */
async function reasonsAgainstPart(part: PartOfRequest | undefined, ports: Ports): Promise<readonly Reason[]> {
  if (part === undefined) return [];
  const { contractId, key, data: request } = part.event;
  const contract = await loadContract(contractId, ports.evidence);
  const standing = standingOf(contract, key);
  if (standing.kind === 'refuse') return [standing.reason];
  const plan = planAccess(request, ports.settings.owner);
  return againstWhole(await requestReasons(contract, { request, plan }, ports), part);
}

async function admit(
  contract: Contract,
  key: EventKey,
  request: OnboardingRequest,
  ports: Ports,
): Promise<AdmitOutput> {
  const { contractId } = contract;
  const standing = standingOf(contract, key);
  if (standing.kind === 'refuse') {
    await rejectAttempt(contract, key, [standing.reason], ports);
    return { contractId, ...REJECTED };
  }
  if (standing.kind === 'delivered') return answerDelivered(contract, key, ports);
  if (standing.kind === 'repeat' && !isAskedInVain(contract, ports)) return goOnAsking(contract, ports);
  if (standing.kind === 'undecided') return settleAdmission(contract, ports);

  const plan = planAccess(request, ports.settings.owner);
  const reasons = await requestReasons(contract, { request, plan }, ports);
  if (reasons.length > 0) {
    await rejectContract(contract, key, reasons, ports);
    return { contractId, ...REJECTED };
  }
  return claim(contract, { key, request, plan }, ports);
}

/** What was said to it is said again, under the same id: the step that was to say it may have died. What goes on, goes on. */
async function answerDelivered(contract: Contract, key: EventKey, ports: Ports): Promise<AdmitOutput> {
  const { state, rejected } = contract;
  if (state !== 'rejected' || rejected === undefined || !isSameEvent(rejected.event, key))
    return goOnAsking(contract, ports);
  await answerRejected(contract, ports);
  return { contractId: contract.contractId, ...REJECTED };
}

/** Of what waits for an answer: whether none can come any more, or none is called for by what is configured now. It is asked for anew. */
function isAskedInVain(contract: Contract, { clock, settings }: Ports): boolean {
  const { state, terms } = contract;
  if (state !== 'awaiting-approval' || terms?.question === undefined) return false;
  if (terms.question.until <= clock.now() || settings.approvals.approvers.length === 0) return true;
  return uncoveredReasons({ request: terms.request, plan: approvedPlan(contract) }, settings).length === 0;
}

/** A repeat of a question that waits tells it again; anything else goes on where it is. */
async function goOnAsking(contract: Contract, ports: Ports): Promise<AdmitOutput> {
  const { contractId, terms } = contract;
  if (contract.state !== 'awaiting-approval' || terms === undefined) return goOn(contract);
  await tellQuestion(contract, { terms, plan: approvedPlan(contract), change: undefined }, ports);
  return { contractId, epoch: 0, outcome: 'awaiting' };
}

interface Claim {
  readonly key: EventKey;
  readonly request: OnboardingRequest;
  readonly plan: AccessPlan;
}

async function claim(
  contract: Contract,
  { key: event, request, plan }: Claim,
  ports: Ports,
): Promise<AdmitOutput> {
  const { contractId } = contract;
  const { planHash, roleName } = plan;
  // Should it not come to be decided, whoever looks by this entry goes on.
  await Promise.all([
    ports.evidence.create(`names/${roleName}`, contractId),
    watchProgress(contractId, ports),
  ]);
  const { owner } = ports.settings;
  const requested = await appendFact(
    contract,
    { kind: 'requested', data: { event, request, owner, roleName, planHash } },
    BY,
    ports,
  );
  if (requested.outcome === 'lost') return admit(requested.contract, event, request, ports);
  ports.log.info({ contractId, role: roleName, planHash }, 'claimed');
  return settleAdmission(requested.contract, ports);
}

/** Approves by rule, or asks; whoever else decided meanwhile, decided. */
async function settleAdmission(contract: Contract, ports: Ports): Promise<AdmitOutput> {
  const { contractId, terms } = contract;
  if (contract.state !== 'requested' || terms === undefined || terms.approval !== undefined)
    return goOnAsking(contract, ports);
  const result = await decide(contract, { terms, plan: approvedPlan(contract) }, BY, ports);
  if (result.outcome === 'lost') return settleAdmission(result.contract, ports);
  if (result.contract.state === 'awaiting-approval') return { contractId, epoch: 0, outcome: 'awaiting' };
  ports.log.info({ contractId, by: result.contract.terms?.approval?.by }, 'admitted');
  return goOn(result.contract);
}
