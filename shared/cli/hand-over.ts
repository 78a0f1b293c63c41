/** `leasehold hand-over <contractId>`: prints again what the partner's administrator was given. */
import { Command } from 'commander';
import { type HandOver, handOverOf } from '../app/hand-over/hand-over.js';
import { handOverKey } from '../app/hand-over/kept.js';
import { handOverPage } from '../app/hand-over/page.js';
import { approvedPlan } from '../app/plan/approved-plan.js';
import { printableJson, printableLines } from '../app/printable.js';
import { loadContract } from '../app/register/register.js';
import type { Ports } from '../cloud/ports.js';
import { type Contract, isLive } from '../domain/contract.js';
import { parseContractId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { NothingThereError } from './exit-codes.js';
import { operatorFrom } from './operator.js';

export function handOverCommand(): Command {
  return withRegisterOptions(new Command('hand-over'))
    .description('print again what the partner was given to enter with, without what was sealed')
    .argument('<contractId>')
    .option('--json', 'print for machines')
    .action(async (id: string, options: RegisterOptions & { readonly json?: boolean }) => {
      const { evidence } = (await operatorFrom(options)).ports;
      const contract = await loadContract(parseContractId(id), evidence);
      const handOver = await handOverIn(contract, evidence);
      if (handOver === undefined)
        throw new NothingThereError(
          `${contract.contractId} is ${contract.state}; there is nothing to hand over`,
        );
      console.log(
        options.json === true
          ? printableJson({ ...handOver, state: contract.state })
          : printableLines(`${NOT_OPEN[contract.state] ?? ''}${handOverPage(handOver)}`),
      );
    });
}

/** As it was announced last; `undefined` when nothing holds that could be entered. */
async function handOverIn(contract: Contract, evidence: Ports['evidence']): Promise<HandOver | undefined> {
  const { contractId, state, requested, terms, epoch } = contract;
  // One is kept once the role is open.
  if (state === 'awaiting-grantee' && requested !== undefined)
    return handOverOf(contract, approvedPlan(contract), requested);
  // An amendment writes one of its own.
  const text = isLive(contract)
    ? await evidence.read(handOverKey(contractId, terms?.seq ?? epoch))
    : undefined;
  return text === undefined ? undefined : (JSON.parse(text) as HandOver);
}

/** Before the page, which tells how things are when access is open. */
const NOT_OPEN: Partial<Record<Contract['state'], string>> = {
  suspended: '> Access is suspended: everything is refused until it is resumed.\n\n',
  'awaiting-grantee':
    '> The role lets nobody in yet: it opens by itself, within a quarter of an hour, once all whom this names are there.\n\n',
};
