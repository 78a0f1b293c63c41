/** `leasehold verify <file>`: checks a contract's evidence, without any cloud. */
import { Command } from 'commander';
import { parseAnchor, readEvidence, type Verification, verifyEvidence } from '../app/evidence/file.js';
import { printable, printableJson } from '../app/printable.js';
import { ANSWER_IS_NO } from './exit-codes.js';
import { readTextFile } from './read-file.js';

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check the chain of facts that leasehold evidence has written; ends with 0 when it is whole')
    .argument('<file>', 'the JSON file')
    .option('--anchor <seq:hash>', 'data.register of any outbound event about the contract')
    .option('--json', 'print for machines')
    .action((file: string, options: { readonly anchor?: string; readonly json?: boolean }) => {
      const anchor = options.anchor === undefined ? undefined : parseAnchor(options.anchor);
      const evidence = readEvidence(readTextFile(file));
      const verification = verifyEvidence(evidence, anchor);
      console.log(
        options.json === true
          ? printableJson({ contractId: evidence.contractId, ...verification })
          : printable(`${evidence.contractId}: ${printVerification(verification)}`),
      );
      if (verification.verdict !== 'whole') process.exitCode = ANSWER_IS_NO;
    });
}

function printVerification(verification: Verification): string {
  switch (verification.verdict) {
    case 'broken':
      return `BROKEN: fact ${verification.break.seq} ${verification.break.what}`;
    case 'off-anchor':
      return `NOT WHAT WAS ANNOUNCED: ${verification.what}`;
    case 'whole':
      return `whole, ${verification.facts} facts; ${printAnchor(verification)}`;
  }
}

function printAnchor({ facts, last, anchor }: Extract<Verification, { readonly verdict: 'whole' }>): string {
  if (anchor === undefined)
    return `unanchored: nothing from outside says that it was not written anew, or that its last facts are all there. Its last hash is ${last.seq}:${last.hash}`;
  return anchor.seq === facts ? 'anchored' : `anchored up to fact ${anchor.seq}, unanchored after it`;
}
