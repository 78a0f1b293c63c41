/** `leasehold suspend <contractId>`: takes access away until it is given back. */
import { Command } from 'commander';
import { isOver } from '../domain/contract.js';
import { parseContractId } from '../domain/values.js';
import { NothingThereError } from './exit-codes.js';
import { operatorFrom } from './operator.js';
import {
  eventFromHere,
  postFromHere,
  refuseUnknown,
  type WishOptions,
  whoAmI,
  withWishOptions,
} from './wish.js';

export function suspendCommand(): Command {
  return withWishOptions(new Command('suspend'))
    .description('take access away for now; what ends it is a resume by the name that this prints')
    .action(async (id: string, options: WishOptions) => {
      const contractId = parseContractId(id);
      const operator = await operatorFrom(options);
      const state = await refuseUnknown(contractId, operator);
      if (state !== undefined && isOver({ state }))
        throw new NothingThereError(`${contractId} is ${state}; there is nothing to suspend`);

      const { reason, by = whoAmI() } = options;
      const data = { contractId, reason, requestedBy: by };
      const event = eventFromHere('suspend', 'partner.access.suspend.requested', data, operator);
      await postFromHere(event, operator);
      console.log(
        [
          `posted ${event.type} ${event.id}; "leasehold show ${contractId}" tells when access was seen refused`,
          `give it back by "leasehold resume ${contractId} --suspension ${event.id} --reason …"`,
        ].join('\n'),
      );
    });
}
