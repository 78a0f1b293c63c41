/** An approver's yes or no: believed by its signature, for the one plan that waits for it. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract, Terms } from '../../domain/contract.js';
import type { Reason } from '../../domain/fact.js';
import { type Answered, judgeAnswer } from '../approval/answer.js';
import { approve } from '../approval/decide.js';
import { type OpenMatter, openMatter } from '../approval/open-matter.js';
import type { AnswerEvent } from '../inbound/parse-event.js';
import { planOf } from '../plan/approved-plan.js';
import { changeOf } from '../plan/compare-plans.js';
import { watchProgress } from '../register/index-entries.js';
import { appendFact, loadContract } from '../register/register.js';
import { answerDeclined, answerRejected, rejectAttempt, rejectContract } from '../telling/answer-refused.js';
import { admissionReasonsFor } from './admission-facts.js';
import { type AdmitOutput, goOn, reusedReason } from './admission-outcome.js';
import { overReason } from './amendment-standing.js';

const BY = 'admit-request';

/** Records the answer, or reports why it changes nothing. May run twice. */
export async function admitAnswer(event: AnswerEvent, ports: Ports): Promise<AdmitOutput> {
  return answer(await loadContract(event.contractId, ports.evidence), event, ports);
}

async function answer(contract: Contract, event: AnswerEvent, ports: Ports): Promise<AdmitOutput> {
  const { jws } = event.data;
  const { contractId, amendment, terms } = contract;
  const answered = [terms, amendment].find((one) => one?.approval?.jws === jws);
  if (answered !== undefined) return goOnWith(contract, answered);
  if (contract.declined?.jws === jws) return declined(contract, ports);
  if (contract.state === 'rejected' && contract.rejected?.event.contentHash === event.key.contentHash) {
    await answerRejected(contract, ports);
    return { contractId, epoch: 0, outcome: 'rejected' };
  }
  const matter = openMatter(contract);
  const refused = reusedReason(contract, event.key) ?? (matter === undefined ? NOTHING_ASKED : undefined);
  if (matter === undefined || refused !== undefined)
    return refuse(contract, event, refused ?? NOTHING_ASKED, ports);

  const now = ports.clock.now();
  if (matter.question.until <= now) return refuse(contract, event, tooLate(matter.question.until), ports);
  const { planHash, seq: of, request } = matter.terms;
  const subject = { contractId, planHash, of, requestedBy: request.requestedBy };
  const verdict = await judgeAnswer(jws, subject, now, ports.settings.approvals);
  if (!verdict.ok) return refuse(contract, event, verdict.reason, ports);
  const said = event.type === 'partner.onboarding.approved' ? 'approve' : 'decline';
  if (verdict.claims.decision !== said) return refuse(contract, event, OTHER_DECISION, ports);
  return said === 'approve'
    ? takeYes(contract, { event, matter, answered: verdict }, ports)
    : takeNo(contract, { event, matter, answered: verdict }, ports);
}

interface Taken {
  readonly event: AnswerEvent;
  readonly matter: OpenMatter;
  readonly answered: Answered;
}

/** Time has passed since it was asked: what would be refused now is refused now, whoever approves of it. */
async function takeYes(contract: Contract, taken: Taken, ports: Ports): Promise<AdmitOutput> {
  const { terms } = taken.matter;
  const plan = planOf(contract, terms);
  const change = terms.before === undefined ? {} : { change: changeOf(planOf(contract, terms.before), plan) };
  const over = overReason(contract, ports.clock.now());
  const reasons =
    over === undefined
      ? await admissionReasonsFor({ contract, request: terms.request, plan, ...change }, ports)
      : [over];
  if (reasons.length > 0) return dropMatter(contract, taken, reasons, ports);
  const { by } = taken.answered;
  await watchProgress(contract.contractId, ports);
  const result = await approve(contract, terms, { by, jws: taken.event.data.jws }, BY, ports);
  if (result.outcome === 'lost') return answer(result.contract, taken.event, ports);
  ports.log.info({ contractId: contract.contractId, by }, 'approved');
  return goOnWith(result.contract, terms);
}

const goOnWith = (contract: Contract, terms: Terms): AdmitOutput =>
  terms.before === undefined
    ? goOn(contract)
    : { contractId: contract.contractId, epoch: terms.seq, outcome: 'amendment' };

async function dropMatter(
  contract: Contract,
  { event, matter }: Taken,
  reasons: readonly Reason[],
  ports: Ports,
): Promise<AdmitOutput> {
  const { contractId } = contract;
  if (matter.terms.before === undefined) await rejectContract(contract, event.key, reasons, ports);
  else {
    await rejectAttempt(contract, event.key, reasons, ports);
    const fact = { kind: 'amendment-dropped', data: { revision: matter.terms.revision, reasons } } as const;
    const dropped = await appendFact(contract, fact, BY, ports);
    if (dropped.outcome === 'lost') return answer(dropped.contract, event, ports);
  }
  return { contractId, epoch: 0, outcome: 'rejected' };
}

async function takeNo(contract: Contract, taken: Taken, ports: Ports): Promise<AdmitOutput> {
  const { event, matter, answered } = taken;
  const { by, claims } = answered;
  const data = { of: matter.terms.seq, event: event.key, by, reason: claims.reason, jws: event.data.jws };
  const result = await appendFact(contract, { kind: 'declined', data }, BY, ports);
  if (result.outcome === 'lost') return answer(result.contract, event, ports);
  return declined(result.contract, ports);
}

async function declined(contract: Contract, ports: Ports): Promise<AdmitOutput> {
  await answerDeclined(contract, ports);
  return { contractId: contract.contractId, epoch: 0, outcome: 'finished' };
}

async function refuse(
  contract: Contract,
  event: AnswerEvent,
  reason: Reason,
  ports: Ports,
): Promise<AdmitOutput> {
  await rejectAttempt(contract, event.key, [reason], ports);
  return { contractId: contract.contractId, epoch: 0, outcome: 'rejected' };
}

const NOTHING_ASKED: Reason = {
  code: 'NOTHING_TO_APPROVE',
  pointer: '/data/contractId',
  message: 'nothing of this contract waits for an answer: it was answered, timed out, ended or never asked',
};
const OTHER_DECISION: Reason = {
  code: 'OTHER_DECISION',
  pointer: '/type',
  message: 'the event and what was signed do not say the same',
};
const tooLate = (until: string): Reason => ({
  code: 'TOO_LATE',
  pointer: '',
  message: `the question was open until ${until}`,
});
