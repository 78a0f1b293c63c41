/** `leasehold hand-over <contractId>`: prints again what the partner's administrator was given. */
import { Command } from 'commander';
import type { HandOver } from '../app/hand-over/hand-over.js';
import { handOverPage } from '../app/hand-over/page.js';
import { handOverKey } from '../app/prepare-grantee.js';
import { loadContract } from '../app/register.js';
import { makeEvidencePort } from '../cloud/alibaba/oss.js';
import { isLive } from '../domain/contract.js';
import { parseContractId } from '../domain/values.js';
import { type ConnectOptions, connectionFrom, withConnectOptions } from './connect.js';

export function handOverCommand(): Command {
  return withConnectOptions(new Command('hand-over'))
    .description('print again what the partner was given to enter with, without what was sealed')
    .argument('<contractId>')
    .option('--json', 'print for machines')
    .option(
      '--bucket <name>',
      'evidence bucket',
      process.env['LEASEHOLD_EVIDENCE_BUCKET'] ?? 'leasehold-evidence',
    )
    .action(
      async (id: string, options: ConnectOptions & { readonly bucket: string; readonly json?: boolean }) => {
        const evidence = makeEvidencePort(connectionFrom(options), options.bucket);
        const contract = await loadContract(parseContractId(id), evidence);
        // An amendment writes one of its own.
        const key = handOverKey(contract.contractId, contract.terms?.seq ?? contract.epoch);
        const text = await evidence.read(key);
        if (!isLive(contract) || text === undefined)
          throw new Error(`${contract.contractId} is ${contract.state}; there is nothing to hand over`);
        const handOver = JSON.parse(text) as HandOver;
        console.log(options.json === true ? JSON.stringify(handOver, null, 2) : handOverPage(handOver));
      },
    );
}
