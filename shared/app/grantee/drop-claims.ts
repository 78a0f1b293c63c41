/** Lets go once more of what an ended contract had claimed in the grantee's account: a claim may have been applied since. */
import type { Ports } from '../../cloud/ports.js';
import { allTermsOf, type Contract } from '../../domain/contract.js';
import { claimedAs, letGo } from './claims.js';
import { granteeOf, namesSetUp } from './managed-side.js';

/** Of all whom the contract's terms ever named. May run twice. */
export async function dropClaims(contract: Contract, { index }: Pick<Ports, 'index'>): Promise<void> {
  const claimed = allTermsOf(contract).flatMap(({ request }) =>
    claimedAs(granteeOf(contract), namesSetUp(request)),
  );
  await letGo(claimed, contract.contractId, index);
}
