/** `leasehold evidence <contractId>`: writes what the register holds of a contract, for auditors. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { checkSignatures } from '../app/evidence/answers.js';
import { writeEvidence } from '../app/evidence/file.js';
import { evidencePage } from '../app/evidence/page.js';
import { printable } from '../app/printable.js';
import { parseEntry } from '../app/register/fact-object.js';
import { loadEntries } from '../app/register/register.js';
import { loadRefusals } from '../app/telling/refusals.js';
import { readHistory } from '../domain/history.js';
import { parseContractId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { ANSWER_IS_NO, NothingThereError } from './exit-codes.js';
import { operatorFrom } from './operator.js';
import { writeTextFile } from './write-file.js';

export function evidenceCommand(): Command {
  return withRegisterOptions(new Command('evidence'))
    .description('write the chain of facts of a contract as JSON, and a page that tells it to people')
    .argument('<contractId>')
    .option('--out <folder>', 'where the two files go', '.')
    .action(async (id: string, options: RegisterOptions & { readonly out: string }) => {
      const contractId = parseContractId(id);
      const { ports, config } = await operatorFrom(options);
      const entries = await loadEntries(contractId, ports.evidence);
      if (entries.length === 0)
        throw new NothingThereError(`${contractId} is unknown to the register in ${config.evidenceBucket}`);
      const fileOf = (extension: string) => join(options.out, `${contractId}.${extension}`);
      const write = (extension: string, text: string) => {
        const file = fileOf(extension);
        writeTextFile(file, text);
        console.log(file);
      };
      // Written also where the chain is broken: what stands there is evidence too.
      write('json', writeEvidence(contractId, entries));
      const history = readHistory(contractId, entries.map(parseEntry));
      if (!history.ok) {
        // One that an earlier run wrote would tell of a chain that is whole.
        rmSync(fileOf('md'), { force: true });
        const { seq, what } = history.break;
        console.error(
          printable(
            `no page: fact ${seq} of contract ${contractId} ${what}; what stands in the register was written all the same`,
          ),
        );
        process.exitCode = ANSWER_IS_NO;
        return;
      }
      const { facts } = history.contract;
      const signatures = await checkSignatures(facts, config.settings.approvals);
      const refusals = await loadRefusals(contractId, ports.evidence);
      write('md', evidencePage({ contractId, facts, signatures, refusals }));
    });
}
