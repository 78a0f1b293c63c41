/** `leasehold show <contractId>`: what the register knows of a contract. */
import { Command } from 'commander';
import { gistOf } from '../app/evidence/gist.js';
import { printable, printableJson } from '../app/printable.js';
import { loadFacts } from '../app/register/register.js';
import type { Fact } from '../domain/fact.js';
import { foldContract } from '../domain/fold-contract.js';
import { parseContractId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { ANSWER_IS_NO } from './exit-codes.js';
import { operatorFrom } from './operator.js';

export function showCommand(): Command {
  return withRegisterOptions(new Command('show'))
    .description('print the register of a contract')
    .argument('<contractId>')
    .option('--json', 'print for machines')
    .action(async (id: string, options: RegisterOptions & { readonly json?: boolean }) => {
      const contractId = parseContractId(id);
      const facts = await loadFacts(contractId, operatorFrom(options).ports.evidence);
      const contract = foldContract(contractId, facts);
      if (facts.length === 0) process.exitCode = ANSWER_IS_NO;
      if (options.json === true) console.log(printableJson({ contract, facts }));
      else
        console.log(
          facts.length === 0
            ? `${contractId}: unknown to the register`
            : [`${contractId}: ${contract.state}`, ...facts.map(line)].join('\n'),
        );
    });
}

const line = (fact: Fact): string =>
  printable(
    `  ${String(fact.seq).padStart(3)}  ${fact.at}  ${fact.kind.padEnd(13)} ${gistOf(fact)}  (${fact.by})`,
  );
