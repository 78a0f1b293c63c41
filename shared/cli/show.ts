/** `leasehold show <contractId>`: what the register knows of a contract. */
import { Command } from 'commander';
import { gistOf } from '../app/evidence/gist.js';
import { printable, printableJson } from '../app/printable.js';
import { loadContract } from '../app/register/register.js';
import { loadRefusals, type Refusal } from '../app/telling/refusals.js';
import type { Fact } from '../domain/fact.js';
import { parseContractId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { ANSWER_IS_NO } from './exit-codes.js';
import { operatorFrom } from './operator.js';
import { reasonText } from './reason-text.js';

export function showCommand(): Command {
  return withRegisterOptions(new Command('show'))
    .description('print the register of a contract, and what was refused of it')
    .argument('<contractId>')
    .option('--json', 'print for machines')
    .action(async (id: string, options: RegisterOptions & { readonly json?: boolean }) => {
      const contractId = parseContractId(id);
      const { evidence } = (await operatorFrom(options)).ports;
      const contract = await loadContract(contractId, evidence);
      const refusals = await loadRefusals(contractId, evidence);
      const { facts } = contract;
      if (facts.length === 0) process.exitCode = ANSWER_IS_NO;
      if (options.json === true) console.log(printableJson({ contract, refusals }));
      else {
        const state = facts.length === 0 ? 'unknown to the register' : contract.state;
        console.log([`${contractId}: ${state}`, ...facts.map(line), ...refusedLines(refusals)].join('\n'));
      }
    });
}

/** Anybody who may post can have as many as he likes. */
const MOST_SHOWN = 20;

function refusedLines(refusals: readonly Refusal[]): readonly string[] {
  if (refusals.length === 0) return [];
  const earlier = refusals.length - MOST_SHOWN;
  return [
    earlier > 0 ? `refused, the last ${MOST_SHOWN} of ${refusals.length}:` : 'refused:',
    ...refusals
      .slice(-MOST_SHOWN)
      .flatMap(({ at, event, reasons }) => [
        printable(`       ${at}  event ${event?.id ?? 'without an id'} of ${event?.source ?? 'nobody'}`),
        ...reasons.map((reason) => `         ${reasonText(reason)}`),
      ]),
  ];
}

const line = (fact: Fact): string =>
  printable(
    `  ${String(fact.seq).padStart(3)}  ${fact.at}  ${fact.kind.padEnd(13)} ${gistOf(fact)}  (${fact.by})`,
  );
