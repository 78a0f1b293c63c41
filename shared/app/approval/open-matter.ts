/** What of a contract waits for an answer. Pure. */
import { type Contract, isLive, type Terms } from '../../domain/contract.js';

export interface OpenMatter {
  readonly terms: Terms;
  readonly question: NonNullable<Terms['question']>;
}

/** What waits for an answer: a contract's request, or its amendment. */
export function openMatter(contract: Contract): OpenMatter | undefined {
  const terms =
    contract.state === 'awaiting-approval'
      ? contract.terms
      : isLive(contract)
        ? contract.amendment
        : undefined;
  return terms?.question === undefined || terms.approval !== undefined
    ? undefined
    : { terms, question: terms.question };
}
