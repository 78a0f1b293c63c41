/** `leasehold hand-over <contractId>`: prints again what the partner's administrator was given. */
import { Command } from 'commander';
import type { HandOver } from '../app/hand-over/hand-over.js';
import { handOverKey } from '../app/hand-over/kept.js';
import { handOverPage } from '../app/hand-over/page.js';
import { loadContract } from '../app/register.js';
import { isLive } from '../domain/contract.js';
import { parseContractId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { operatorFrom } from './operator.js';

export function handOverCommand(): Command {
  return withRegisterOptions(new Command('hand-over'))
    .description('print again what the partner was given to enter with, without what was sealed')
    .argument('<contractId>')
    .option('--json', 'print for machines')
    .action(async (id: string, options: RegisterOptions & { readonly json?: boolean }) => {
      const { evidence } = operatorFrom(options).ports;
      const contract = await loadContract(parseContractId(id), evidence);
      // An amendment writes one of its own.
      const key = handOverKey(contract.contractId, contract.terms?.seq ?? contract.epoch);
      const text = await evidence.read(key);
      if (!isLive(contract) || text === undefined)
        throw new Error(`${contract.contractId} is ${contract.state}; there is nothing to hand over`);
      const handOver = JSON.parse(text) as HandOver;
      console.log(options.json === true ? JSON.stringify(handOver, null, 2) : handOverPage(handOver));
    });
}
