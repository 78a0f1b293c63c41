/** `leasehold hand-over <contractId>`: prints again what the partner's administrator was given. */
import { Command } from 'commander';
import { handOverKey } from '../app/prepare-grantee.js';
import { loadContract } from '../app/register.js';
import { parseContractId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { operatorFrom } from './operator.js';

export function handOverCommand(): Command {
  return withRegisterOptions(new Command('hand-over'))
    .description('print again, as JSON, what the partner was given to enter with')
    .argument('<contractId>')
    .action(async (id: string, options: RegisterOptions) => {
      const { evidence } = operatorFrom(options).ports;
      const contract = await loadContract(parseContractId(id), evidence);
      const text = await evidence.read(handOverKey(contract.contractId, contract.epoch));
      if (contract.state !== 'active' || text === undefined)
        throw new Error(`${contract.contractId} is ${contract.state}; there is nothing to hand over`);
      console.log(JSON.stringify(JSON.parse(text), null, 2));
    });
}
