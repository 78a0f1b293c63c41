/** Where hand-overs are kept, to be printed again; without what was sealed. */
import type { ContractId } from '../../domain/values.js';

/** One for the request, and one for each amendment: `of` is the sequence of the fact that asked for it. */
export const handOverKey = (contractId: ContractId, of: number): string =>
  `hand-overs/${contractId}/${of}.json`;
