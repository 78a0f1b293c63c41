/** What waits for an approver, worked out anew from the register: nobody is asked to believe a hash. Pure. */
import type { Contract, Terms } from '../../domain/contract.js';
import { InvalidRequestError } from '../../domain/errors.js';
import type { Change, Reason } from '../../domain/fact.js';
import type { Instant } from '../../domain/values.js';
import { planOf } from '../plan/approved-plan.js';
import { changeOf } from '../plan/compare-plans.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { openMatter } from './open-matter.js';

export interface OpenQuestion {
  readonly terms: Terms;
  readonly plan: AccessPlan;
  /** Of an amendment: what it changes. */
  readonly change?: Change;
  /** Why it was not granted at once. */
  readonly reasons: readonly Reason[];
  readonly until: Instant;
}

/**
 * The question that is open at `now`.
 * @throws {InvalidRequestError} `NOTHING_TO_ANSWER` saying why there is none
 * @throws {BrokenPromiseError} `WIDER_THAN_APPROVED` when today's code would make another plan of what was asked for
 */
export function openQuestion(contract: Contract, now: Instant): OpenQuestion {
  const matter = openMatter(contract);
  if (matter === undefined) throw nothing(contract, whyNothing(contract));
  const { terms, question } = matter;
  if (question.until <= now) throw nothing(contract, `the question was open until ${question.until}`);
  const plan = planOf(contract, terms);
  const change = terms.before === undefined ? {} : { change: changeOf(planOf(contract, terms.before), plan) };
  return { terms, plan, ...change, reasons: question.reasons, until: question.until };
}

const nothing = ({ contractId }: Contract, why: string) =>
  new InvalidRequestError(
    'NOTHING_TO_ANSWER',
    `nothing of contract ${contractId} waits for an answer: ${why}`,
  );

function whyNothing({ state, declined, terms, amendment }: Contract): string {
  if (state === 'unknown') return 'the register does not know it';
  if (state === 'declined') return `${declined?.by} declined it at ${declined?.at}`;
  const approval = amendment?.approval ?? terms?.approval;
  if (approval !== undefined) return `it is ${state}, approved by ${approval.by} at ${approval.at}`;
  return `it is ${state}`;
}
