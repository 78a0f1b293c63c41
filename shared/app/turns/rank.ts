/** Who goes first where not everybody can at once: ends before beginnings, the widest access before narrower, then what is due earliest. Pure. */
import { isResourceGrant } from '../../domain/grant.js';
import type { OnboardingRequest } from '../../domain/request.js';
import type { AccountId } from '../../domain/values.js';
import { grantRights } from '../../services/index.js';

/** A policy of the vendor's reaches a product or more, so it counts as wider than any list of resources. */
const SYSTEM_POLICY = 1000;
const WIDEST = 99_999;

/** How much the partner may do, to be compared with others: concrete rights, and so many more for each system policy. */
function widthOf({ grants }: Pick<OnboardingRequest, 'grants'>, owner: AccountId): number {
  const resourceGrants = grants.filter(isResourceGrant);
  const rights = resourceGrants.flatMap((grant) => grantRights(grant, owner));
  const distinct = new Set(rights.map(({ action, resource }) => `${action} ${resource}`));
  return distinct.size + (grants.length - resourceGrants.length) * SYSTEM_POLICY;
}

/** Sorts as text, first to go first. An end of what nobody knows anything about may be of anything, so it goes first of all. */
export const endRank = (request: OnboardingRequest | undefined, owner: AccountId): string =>
  request === undefined ? 'end-00000' : `end-${inverse(widthOf(request, owner))}-${request.lease.expiresAt}`;

/** After every end; what begins first goes first. */
export const grantRank = ({ lease }: Pick<OnboardingRequest, 'lease'>): string => `grant-${lease.startsAt}`;

const inverse = (width: number): string => String(WIDEST - Math.min(width, WIDEST)).padStart(5, '0');
