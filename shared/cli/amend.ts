/** `leasehold amend <contractId>`: prints the event that a renewal or another change is posted by, with what holds now in it. */
import { Command } from 'commander';
import { printableJson } from '../app/printable.js';
import { loadContract } from '../app/register/register.js';
import { isLive } from '../domain/contract.js';
import { parseContractId, parseInstant } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { NothingThereError } from './exit-codes.js';
import { operatorFrom } from './operator.js';
import { eventFromHere, whoAmI } from './wish.js';

interface AmendOptions extends RegisterOptions {
  readonly until?: string;
  readonly by?: string;
}

export function amendCommand(): Command {
  return withRegisterOptions(new Command('amend'))
    .description('print the event that amends a contract, saying what holds now: to change, plan and post')
    .argument('<contractId>')
    .option('--until <instant>', 'with this end of the lease, such as 2027-12-01T00:00:00Z')
    .option('--by <who>', 'who asks for it; you at this machine, unless said')
    .action(async (id: string, { until, by = whoAmI(), ...options }: AmendOptions) => {
      const contractId = parseContractId(id);
      const operator = await operatorFrom(options);
      const contract = await loadContract(contractId, operator.ports.evidence);
      const { state, terms, lastRevision } = contract;
      if (terms === undefined || !isLive(contract))
        throw new NothingThereError(
          `${contractId} is ${state} in the register, and only what is active or suspended can be amended`,
        );
      const { grantee, lease, grants, restrict } = terms.request;
      const data = {
        contractId,
        revision: lastRevision + 1,
        requestedBy: by,
        grantee,
        lease: until === undefined ? lease : { ...lease, expiresAt: parseInstant(until) },
        grants,
        restrict,
      };
      const event = eventFromHere('amend', 'partner.contract.amended', data, operator);
      console.log(printableJson({ specversion: '1.0', ...event }));
    });
}
