/** What every step that widens asks for itself: a register entry alone is no approval. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract, Terms } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { planOf } from '../plan/approved-plan.js';
import { approvalReasons } from '../plan/auto-approval.js';
import { changeOf } from '../plan/compare-plans.js';
import { judgeAnswer } from './answer.js';

/**
 * Sees that `terms` are covered by an approver's signature, by the auto-approval rule, or, where they widen nothing, by the
 * approval of the terms that they amend.
 * @throws {BrokenPromiseError} `NOT_APPROVED`
 */
export async function requireApproval(
  contract: Contract,
  terms: Terms | undefined,
  { settings }: Pick<Ports, 'settings'>,
): Promise<void> {
  const trouble = await troubleWith(contract, terms, settings);
  if (trouble === undefined) return;
  throw new BrokenPromiseError('NOT_APPROVED', `contract ${contract.contractId}: ${trouble}`);
}

async function troubleWith(
  contract: Contract,
  terms: Terms | undefined,
  settings: Ports['settings'],
): Promise<string | undefined> {
  if (terms?.approval === undefined) return 'nobody approved it';
  const plan = planOf(contract, terms);
  const { before, approval, request } = terms;
  if (approval.jws !== undefined) {
    const subject = { contractId: contract.contractId, planHash: terms.planHash, of: terms.seq };
    const verdict = await judgeAnswer(
      approval.jws,
      { ...subject, requestedBy: request.requestedBy },
      approval.at,
      settings.approvals,
    );
    if (!verdict.ok) return verdict.reason.message;
    return verdict.claims.decision === 'approve' ? undefined : `${verdict.by} declined it`;
  }
  if (before !== undefined && changeOf(planOf(contract, before), plan).widens.length === 0)
    return troubleWith(contract, before, settings);
  return approvalReasons(request, plan, settings.admission.autoApproval)[0]?.message;
}
