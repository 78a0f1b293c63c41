/** What every step that widens asks for itself: a register entry alone is no approval. */
import type { Ports } from '../../cloud/ports.js';
import type { Approval, Contract, Terms } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { type Instant, secondsBetween } from '../../domain/values.js';
import { planOf } from '../plan/approved-plan.js';
import { approvalReasons } from '../plan/auto-approval.js';
import { changeOf } from '../plan/compare-plans.js';
import { judgeAnswer } from './answer.js';
import { troubleInForm } from './trouble-in-form.js';

/** What the message begins with: of an error, flows hand on no more than class and message. */
export const NOT_APPROVED = 'NOT_APPROVED:';

/**
 * Sees that `terms` say what admission lets anybody say, and are covered by an approver's signature, by the auto-approval rule, or,
 * where they widen nothing, by the approval of the terms that they amend.
 * @throws {BrokenPromiseError} `NOT_APPROVED`, `WIDER_THAN_APPROVED`
 */
export async function requireApproval(
  contract: Contract,
  terms: Terms | undefined,
  ports: Pick<Ports, 'settings' | 'clock'>,
): Promise<void> {
  refuseFor(contract, await troubleWith(contract, terms, ports));
}

/**
 * Sees that `terms` say what admission lets anybody say, by whoever's leave.
 * @throws {BrokenPromiseError} `NOT_APPROVED`
 */
export function requireForm(contract: Contract, terms: Terms, { settings }: Pick<Ports, 'settings'>): void {
  refuseFor(contract, troubleInForm(contract, terms, settings));
}

function refuseFor({ contractId }: Contract, trouble: string | undefined): void {
  if (trouble !== undefined)
    throw new BrokenPromiseError('NOT_APPROVED', `${NOT_APPROVED} contract ${contractId}: ${trouble}`);
}

/**
 * How long after it was good an answer is still carried out: as long as events that came during an outage are. When it was taken is
 * told by the register alone, and so by whoever can write there.
 */
const LATEST_SECONDS = 86_400;

/** Not before any fact that stands before it: these were written first, whatever the approval says of its hour. */
function answeredAt({ facts }: Contract, { seq }: Terms, { at }: Approval): Instant {
  const index = facts.findIndex(({ kind, data }) => kind === 'approved' && data.of === seq);
  const instants = facts.slice(0, index + 1).map((fact) => fact.at);
  return [...instants, at].sort().at(-1) ?? at;
}

/** Whether something was made by these terms already: who comes later only goes on with it. */
const isBegun = ({ epoch, created, amendment }: Contract, { seq }: Terms): boolean =>
  seq !== amendment?.seq && (seq !== epoch || created !== undefined);

async function troubleWith(
  contract: Contract,
  terms: Terms | undefined,
  ports: Pick<Ports, 'settings' | 'clock'>,
): Promise<string | undefined> {
  const { settings } = ports;
  if (terms?.approval === undefined) return 'nobody approved it';
  // Admission judged an event. Whoever can write the register could have put there what no event may say, and no plan is made for.
  const malformed = troubleInForm(contract, terms, settings);
  if (malformed !== undefined) return malformed;
  const plan = planOf(contract, terms);
  const { before, approval, request } = terms;
  if (approval.jws !== undefined) {
    const subject = { contractId: contract.contractId, planHash: terms.planHash, of: terms.seq };
    const verdict = await judgeAnswer(
      approval.jws,
      { ...subject, requestedBy: request.requestedBy },
      answeredAt(contract, terms, approval),
      settings.approvals,
    );
    if (!verdict.ok) return verdict.reason.message;
    const { decision, expires } = verdict.claims;
    if (decision !== 'approve') return `${verdict.by} declined it`;
    return isBegun(contract, terms) || secondsBetween(expires, ports.clock.now()) < LATEST_SECONDS
      ? undefined
      : `the answer was good until ${expires}, and is not carried out so long after`;
  }
  if (before !== undefined && changeOf(planOf(contract, before), plan).widens.length === 0)
    return troubleWith(contract, before, ports);
  return approvalReasons(request, plan, settings.admission.autoApproval)[0]?.message;
}
