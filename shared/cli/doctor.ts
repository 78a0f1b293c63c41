/** `leasehold doctor`: whether what is deployed is what should be, and with `--probe` whether it grants and ends. */
import { Command } from 'commander';
import { judgeAround, mayLookOn } from '../app/doctor/account.js';
import { findDue } from '../app/doctor/find-due.js';
import { exitCodeOf, type Finding, worstFirst } from '../app/doctor/finding.js';
import type { Bundles } from '../app/doctor/functions.js';
import { judgeDeployed } from '../app/doctor/judge.js';
import type { ProbeReport } from '../app/doctor/probe.js';
import { printableJson, printableLines } from '../app/printable.js';
import type { Connection } from '../cloud/alibaba/connection.js';
import { deployedAround } from '../cloud/alibaba/deployed/around.js';
import { digestsOf } from '../cloud/alibaba/deployed/functions.js';
import { look } from '../cloud/alibaba/deployed/look.js';
import { observeDeployed } from '../cloud/alibaba/deployed/observe.js';
import type { Ports } from '../cloud/ports.js';
import { portsOf } from '../compose.js';
import { configProblems, readConfig } from '../config.js';
import type { Deployment } from '../domain/deployment.js';
import { InvalidRequestError } from '../domain/errors.js';
import { connectionFrom, type RegisterOptions, withRegisterOptions } from './connect.js';
import { bundleFiles } from './embedded/bundles.js';
import { environmentOf, terminalLog } from './operator.js';
import { type ProbeChoice, printProbe, readProbeOrder, runProbe } from './probe.js';
import { readProject } from './project.js';

interface DoctorOptions extends RegisterOptions, ProbeChoice {
  readonly json?: true;
  readonly probe?: true;
}

/** A page of code may be large, and a look is not urgent. */
const PATIENCE_MILLISECONDS = 30_000;

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

interface Examination {
  readonly findings: readonly Finding[];
  readonly probe?: ProbeReport;
  /** What was looked at runs on an embedded cloud. */
  readonly isEmbedded?: boolean;
}

/** From the outside in: what is wrong further out makes looks further in worthless. Only a probe touches anything. */
async function examine(options: DoctorOptions): Promise<Examination> {
  const order = options.probe === true ? readProbeOrder(options) : undefined;
  const connection = connectionOf(options);
  if ('code' in connection) return { findings: [connection] };
  const patient = { ...connection, timeoutMilliseconds: PATIENCE_MILLISECONDS };
  const configured = configuredBy(options, patient);
  if (!('deployment' in configured)) return { findings: configured.findings };
  const { deployment, ports } = configured;
  const around = await deployedAround(patient);
  const findings = judgeAround(around, deployment.values);
  if (!mayLookOn(around, deployment.values.account)) return { findings };
  const due = await look(() => findDue(ports));
  const deployed = { ...around, ...(await observeDeployed(deployment, patient)), due };
  const all = [...findings, ...judgeDeployed(deployment, deployed, bundlesOf(deployment))];
  const isEmbedded = connection.endpoint !== undefined;
  if (order === undefined) return { findings: all, isEmbedded };
  const probe = await runProbe(order, { deployment, connection: patient, ports });
  return { findings: [...all, ...probe.findings], probe, isEmbedded };
}

function connectionOf(options: DoctorOptions): Connection | Finding {
  try {
    return connectionFrom(options);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      severity: 'error',
      code: 'NO_CREDENTIALS',
      what: 'credentials',
      seen: 'not all is set that a call needs; nothing else was looked at',
      next: error.message,
    };
  }
}

/** What should be there, as the project and the environment say; or all that is wrong with what they say. */
function configuredBy(
  options: DoctorOptions,
  connection: Connection,
): { readonly deployment: Deployment; readonly ports: Ports } | { readonly findings: readonly Finding[] } {
  const asFinding = (seen: string): Finding => ({
    severity: 'error',
    code: 'BAD_CONFIGURATION',
    what: 'configuration',
    seen,
    next: 'set it right in the .env file of the stage; no function starts with it as it is',
  });
  try {
    const deployment = readProject({ env: environmentOf(options, connection), accountId: connection.owner });
    const env = deployment.functions[0]?.environmentVariables ?? {};
    const problems = configProblems(env);
    if (problems.length > 0) return { findings: problems.map(asFinding) };
    return { deployment, ports: portsOf(connection, readConfig(env), terminalLog) };
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    return { findings: [asFinding(error.message)] };
  }
}

const bundlesOf = ({ functions }: Deployment): Bundles =>
  Object.fromEntries(
    functions.flatMap((one) => {
      const files = bundleFiles(one);
      return files === undefined ? [] : [[one.functionName, digestsOf(files)] as const];
    }),
  );

const MARKS = { error: 'ERROR  ', warning: 'WARNING', note: 'note   ' } as const;

const HOW_EMBEDDED =
  'On an embedded cloud "leasehold up" deploys, with the variables set: end it and start it again.';

function printFindings({ findings, isEmbedded = false }: Examination): string {
  const isToBeDeployed = ({ severity, next }: Finding) => severity !== 'note' && next.includes('s deploy');
  const counted = (severity: Finding['severity']) => {
    const { length } = findings.filter((finding) => finding.severity === severity);
    return `${length} ${severity}${length === 1 ? '' : 's'}`;
  };
  return [
    ...worstFirst(findings).flatMap(({ severity, code, what, seen, next }) => [
      `${MARKS[severity]} ${what}  (${code})`,
      `        ${seen}`,
      `        do: ${next}`,
    ]),
    ...(findings.length === 0 ? [] : ['']),
    findings.some(({ severity }) => severity !== 'note')
      ? [counted('error'), counted('warning'), counted('note')].join(', ')
      : findings.length === 0
        ? 'all is as it should be'
        : `nothing is wrong of what could be seen; ${counted('note')}`,
    ...(isEmbedded && findings.some(isToBeDeployed) ? [HOW_EMBEDDED] : []),
  ].join('\n');
}
