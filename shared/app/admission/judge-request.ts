/** What is said to a request: by the register about the event, then by what it asks for. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { EventKey, Reason } from '../../domain/fact.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { admissionReasonsFor, type Proposal } from './admission-facts.js';
import { isDeliveredAgain, reusedReason } from './admission-outcome.js';

export type Standing =
  | { readonly kind: 'fresh' }
  /** Requested, but the step ended before anybody decided. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'repeat' }
  /** This very delivery was taken in before, and is not meant again. */
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refuse'; readonly reason: Reason };

/** What the register says to an event: known means finished, not seen. */
export function standingOf(contract: Contract, key: EventKey): Standing {
  const reused = reusedReason(contract, key);
  if (reused !== undefined) return { kind: 'refuse', reason: reused };
  const isSame = contract.requested?.event.contentHash === key.contentHash;
  const isUndecided = contract.state === 'requested' && contract.terms?.approval === undefined;
  if (isDeliveredAgain(contract, key)) return { kind: isSame && isUndecided ? 'undecided' : 'delivered' };
  switch (contract.state) {
    case 'unknown':
    case 'rejected':
    case 'failed':
      return { kind: 'fresh' };
    case 'ending':
    case 'ended':
      return refusal('CONTRACT_ENDED', 'this contract has ended and stays ended; use a new contract id');
    case 'declined':
      return refusal('CONTRACT_DECLINED', 'this contract was declined for good; use a new contract id');
    case 'awaiting-approval':
      // What nobody has answered yet may be asked for otherwise; the old question is void with that.
      return { kind: isSame ? 'repeat' : 'fresh' };
    case 'requested':
      if (isSame && isUndecided) return { kind: 'undecided' };
      return isSame ? { kind: 'repeat' } : inUse;
    case 'granting':
    case 'awaiting-grantee':
    case 'active':
    case 'suspended':
      return isSame ? { kind: 'repeat' } : inUse;
  }
}

const refusal = (code: string, message: string): Standing => ({
  kind: 'refuse',
  reason: { code, pointer: '/data/contractId', message },
});
const inUse = refusal('CONTRACT_EXISTS', 'this contract id is in use by another request');

/** Every reason against it, once the register has none. */
export const requestReasons = async (
  contract: Contract,
  asked: Pick<Proposal, 'request' | 'plan'>,
  ports: Ports,
): Promise<readonly Reason[]> => [
  ...(await admissionReasonsFor({ contract, ...asked }, ports)),
  ...(await claimReasons(asked.plan, ports)),
];

/** A role name is a function of the contract id; the claim shows up the collision that a hash could have. */
export async function claimReasons(
  plan: AccessPlan,
  { evidence }: Pick<Ports, 'evidence'>,
): Promise<readonly Reason[]> {
  const claimed = await evidence.read(`names/${plan.roleName}`);
  if (claimed === undefined || claimed === plan.contractId) return [];
  return [
    {
      code: 'ROLE_NAME_TAKEN',
      pointer: '/data/contractId',
      message: `role ${plan.roleName} is claimed by another contract`,
    },
  ];
}
