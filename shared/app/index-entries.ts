/** The index of what must be looked at when, and of who has what. Written before the fact it serves, dropped last. */
import type { Ports } from '../cloud/ports.js';
import type { Contract } from '../domain/contract.js';
import type { OnboardingRequest } from '../domain/request.js';

/** `due/<instant>/<contractId>/<what>` and `grantees/<accountId>/<contractId>`. */
export const indexKeysOf = (request: OnboardingRequest): readonly string[] => [
  `due/${request.lease.startsAt}/${request.contractId}/start`,
  `due/${request.lease.expiresAt}/${request.contractId}/expiry`,
  `grantees/${request.grantee.accountId}/${request.contractId}`,
];

/** May run twice. */
export async function writeIndex(request: OnboardingRequest, { index }: Pick<Ports, 'index'>): Promise<void> {
  for (const key of indexKeysOf(request)) await index.put(key, '{}');
}

/** May run twice; an entry that stays behind only costs a look. */
export async function dropIndex(contract: Contract, { index }: Pick<Ports, 'index'>): Promise<void> {
  if (contract.requested === undefined) return;
  for (const key of indexKeysOf(contract.requested.request)) await index.remove(key);
}
