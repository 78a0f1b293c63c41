/** Makes the index anew for a contract at work whose entries are lost; all of it follows from the register. */
import type { Ports } from '../../cloud/ports.js';
import { approvedTerms, type Contract } from '../../domain/contract.js';
import { claimAll, claimedAs } from '../grantee/claims.js';
import { granteeOf, namesSetUp } from '../grantee/managed-side.js';
import { writeIndex } from '../index-entries.js';

/**
 * Who has the contract, what its lease makes due, and whom it uses in the grantee's account: without that claim another contract's end
 * would take a shared user away. Its turn to be looked at comes with the next round, which sees to what is under way. May run twice.
 */
export async function rebuildIndex(
  contract: Contract,
  ports: Pick<Ports, 'index' | 'clock' | 'settings'>,
): Promise<void> {
  for (const { request } of approvedTerms(contract)) {
    await writeIndex(request, ports);
    await claimAll(claimedAs(granteeOf(contract), namesSetUp(request)), contract.contractId, ports.index);
  }
}
