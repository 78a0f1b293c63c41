/** The name of a contract's role: a function of the contract id alone, so that a cut needs nothing else. */
import { sha256Hex } from './sha256.js';
import type { ContractId, RoleName } from './values.js';

/** RAM allows 64 characters; prefix, separators and hash take 23 of them. */
const SLUG_LENGTH = 41;

/**
 * `lease-<slug>-<16 hex of the id's SHA-256>`, lower case, at most 64 characters. Ids that differ only in case or in `.`,
 * `_` and `-` have equal slugs and different hashes.
 */
export function roleNameOf(contractId: ContractId): RoleName {
  const slug = contractId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH)
    // An id begins with a letter or digit; what is cut off in it may leave a hyphen at the end, and no more than one.
    .replace(/-$/, '');
  return `lease-${slug}-${sha256Hex(contractId).slice(0, 16)}` as RoleName;
}
