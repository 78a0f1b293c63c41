/** `leasehold hand-over <contractId>`: prints again what the partner's administrator was given. */
import { Command } from 'commander';
import { handOverKey } from '../app/prepare-grantee.js';
import { loadContract } from '../app/register.js';
import { makeEvidencePort } from '../cloud/alibaba/oss.js';
import { parseContractId } from '../domain/values.js';
import { type ConnectOptions, connectionFrom, withConnectOptions } from './connect.js';

export function handOverCommand(): Command {
  return withConnectOptions(new Command('hand-over'))
    .description('print again, as JSON, what the partner was given to enter with')
    .argument('<contractId>')
    .option(
      '--bucket <name>',
      'evidence bucket',
      process.env['LEASEHOLD_EVIDENCE_BUCKET'] ?? 'leasehold-evidence',
    )
    .action(async (id: string, options: ConnectOptions & { readonly bucket: string }) => {
      const evidence = makeEvidencePort(connectionFrom(options), options.bucket);
      const contract = await loadContract(parseContractId(id), evidence);
      const text = await evidence.read(handOverKey(contract.contractId, contract.epoch));
      if (contract.state !== 'active' || text === undefined)
        throw new Error(`${contract.contractId} is ${contract.state}; there is nothing to hand over`);
      console.log(JSON.stringify(JSON.parse(text), null, 2));
    });
}
