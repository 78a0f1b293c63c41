/** Makes the index anew for a contract at work whose entries are lost; all of it follows from the register. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, standingTerms } from '../../domain/contract.js';
import { claim, claimedAs } from '../grantee/claims.js';
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
  for (const { request, approval } of standingTerms(contract)) {
    if (approval === undefined) continue;
    await writeIndex(request, ports);
    for (const claimed of claimedAs(granteeOf(contract), namesSetUp(request)))
      await claim(claimed, contract.contractId, ports.index);
  }
}
