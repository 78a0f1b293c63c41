import { hashOfFact } from '../../shared/domain/chain.js';
import type { Fact, NewFact } from '../../shared/domain/fact.js';
import { GENESIS_HASH } from '../../shared/domain/fold-contract.js';
import { addSeconds, type ContractId, parseContractId } from '../../shared/domain/values.js';
import { NOW } from './requests.js';

export const CONTRACT = parseContractId('C-2026-0142');

/** What a fact may have beside its kind and data; a test names what matters to it. */
export type Written = NewFact & Partial<Pick<Fact, 'by' | 'calls' | 'at'>>;

/** Facts, chained as the register chains them, a minute apart. */
export function chainOf(written: readonly Written[], contractId: ContractId = CONTRACT): readonly Fact[] {
  const facts: Fact[] = [];
  for (const [index, one] of written.entries()) {
    const unhashed = {
      v: 1,
      seq: index + 1,
      at: addSeconds(NOW, index * 60),
      contractId,
      by: 'a-step',
      nonce: String(index).padStart(32, '0'),
      prevHash: facts.at(-1)?.hash ?? GENESIS_HASH,
      ...one,
    } as Omit<Fact, 'hash'>;
    facts.push({ ...unhashed, hash: hashOfFact(unhashed) } as Fact);
  }
  return facts;
}
