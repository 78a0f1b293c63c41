/** `leasehold resume <contractId>`: lifts a suspension. */
import { Command } from 'commander';
import { printable } from '../app/printable.js';
import { loadContract } from '../app/register/register.js';
import type { Contract } from '../domain/contract.js';
import { parseContractId } from '../domain/values.js';
import { NothingThereError } from './exit-codes.js';
import { operatorFrom } from './operator.js';
import { eventFromHere, postFromHere, type WishOptions, whoAmI, withWishOptions } from './wish.js';

export function resumeCommand(): Command {
  return withWishOptions(new Command('resume'))
    .description('lift a suspension; access is open again when none is left')
    .option('--suspension <name>', 'which; the only one that holds, unless said')
    .action(async (id: string, options: WishOptions & { readonly suspension?: string }) => {
      const contractId = parseContractId(id);
      const operator = await operatorFrom(options);
      const { reason, by = whoAmI() } = options;
      const contract = await loadContract(contractId, operator.ports.evidence);
      const suspension = suspensionToLift(contract, options.suspension);
      const data = { contractId, suspension, reason, requestedBy: by };
      const event = eventFromHere('resume', 'partner.access.resume.requested', data, operator);
      await postFromHere(event, operator);
      console.log(
        printable(
          `posted ${event.type} of ${suspension}; "leasehold show ${contractId}" tells what still holds`,
        ),
      );
    });
}

/** What names none of those that hold would be refused as well. @throws {Error} with the name of each, where it is not said which */
function suspensionToLift({ contractId, state, suspensions }: Contract, name: string | undefined): string {
  const [first, ...more] = suspensions;
  if (first === undefined)
    throw new NothingThereError(
      state === 'unknown'
        ? `${contractId} is unknown to the register`
        : `${contractId} is ${state}, and no suspension of it holds`,
    );
  if (name === undefined && more.length === 0) return first.id;
  if (name !== undefined && suspensions.some(({ id }) => id === name)) return name;
  const all = suspensions.map(({ id, since, by, reason }) =>
    printable(`  ${id}  since ${since}, by ${by}: ${reason}`),
  );
  if (name === undefined)
    throw new Error(['several suspensions hold; say which, with --suspension:', ...all].join('\n'));
  throw new NothingThereError([`no suspension named ${name} holds; those that do:`, ...all].join('\n'));
}
