/** `leasehold doctor`: whether what is deployed is what should be, and with `--probe` whether it grants and ends. */
import { Command } from 'commander';
import { counted } from '../app/counted.js';
import { exitCodeOf, type Finding, worstFirst } from '../app/doctor/finding.js';
import { printableJson, printableLines } from '../app/printable.js';
import { withRegisterOptions } from './connect.js';
import type { Examination, ExaminationOptions } from './examine.js';
import { printProbe } from './probe.js';

interface DoctorOptions extends ExaminationOptions {
  readonly json?: true;
}

export function doctorCommand(): Command {
  return withRegisterOptions(new Command('doctor'))
    .description(
      'look whether what is deployed is what should be, and say what to do; ends with 1 for warnings, 2 for errors',
    )
    .option('--json', 'print for machines')
    .option('--probe', 'also grant and end one synthetic contract of an hour; wants --grantee')
    .option('--grantee <accountId>', 'with --probe: an account of yours other than the owner, to grant to')
    .option('--grant <json>', 'with --probe: what to grant; default: reading of one thing that is found')
    .action(async (options: DoctorOptions) => {
      if (options.probe !== true && (options.grantee ?? options.grant) !== undefined)
        throw new Error('--grantee and --grant say what --probe is to grant, and without it nothing is');
      const { examine } = await import('./examine.js');
      const examination = await examine(options);
      const { findings, probe } = examination;
      console.log(
        options.json === true
          ? printableJson({ findings: worstFirst(findings), ...(probe === undefined ? {} : { probe }) })
          : printableLines(
              [...(probe === undefined ? [] : [printProbe(probe), '']), printFindings(examination)].join(
                '\n',
              ),
            ),
      );
      process.exitCode = exitCodeOf(findings);
    });
}

const MARKS = { error: 'ERROR  ', warning: 'WARNING', note: 'note   ' } as const;

const HOW_EMBEDDED =
  'On an embedded cloud "leasehold up" deploys, with the variables set: end it and start it again.';

function printFindings({ findings, isEmbedded = false }: Examination): string {
  const isToBeDeployed = ({ severity, next }: Finding) => severity !== 'note' && next.includes('s deploy');
  const countOf = (severity: Finding['severity']) =>
    counted(findings.filter((finding) => finding.severity === severity).length, severity);
  return [
    ...worstFirst(findings).flatMap(({ severity, code, what, seen, next }) => [
      `${MARKS[severity]} ${what}  (${code})`,
      `        ${seen}`,
      `        do: ${next}`,
    ]),
    ...(findings.length === 0 ? [] : ['']),
    findings.some(({ severity }) => severity !== 'note')
      ? [countOf('error'), countOf('warning'), countOf('note')].join(', ')
      : findings.length === 0
        ? 'all is as it should be'
        : `nothing is wrong of what could be seen; ${countOf('note')}`,
    ...(isEmbedded && findings.some(isToBeDeployed) ? [HOW_EMBEDDED] : []),
  ].join('\n');
}
