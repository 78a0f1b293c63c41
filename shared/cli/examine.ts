/** What `leasehold doctor` looks at, from the outside in. */
import { judgeAround, mayLookOn } from '../app/doctor/account.js';
import { findDue } from '../app/doctor/find-due.js';
import type { Finding } from '../app/doctor/finding.js';
import type { Bundles } from '../app/doctor/functions.js';
import { judgeDeployed } from '../app/doctor/judge.js';
import type { ProbeReport } from '../app/doctor/probe.js';
import type { Connection } from '../cloud/alibaba/connection.js';
import { deployedAround } from '../cloud/alibaba/deployed/around.js';
import { digestsOf } from '../cloud/alibaba/deployed/functions.js';
import { look } from '../cloud/alibaba/deployed/look.js';
import { observeDeployed } from '../cloud/alibaba/deployed/observe.js';
import type { Ports } from '../cloud/ports.js';
import { portsOf } from '../compose.js';
import { readConfig } from '../config.js';
import type { Deployment } from '../domain/deployment.js';
import { InvalidRequestError } from '../domain/errors.js';
import { connectionFrom, type RegisterOptions } from './connect.js';
import { bundleFiles } from './embedded/bundles.js';
import { environmentOf, terminalLog } from './operator.js';
import { type ProbeChoice, readProbeOrder, runProbe } from './probe.js';
import { problemsIn, readProject } from './project.js';

export interface ExaminationOptions extends RegisterOptions, ProbeChoice {
  readonly probe?: true;
}

/** A page of code may be large, and a look is not urgent. */
const PATIENCE_MILLISECONDS = 30_000;

export interface Examination {
  readonly findings: readonly Finding[];
  readonly probe?: ProbeReport;
  /** What was looked at runs on an embedded cloud. */
  readonly isEmbedded?: boolean;
}

/** What is wrong further out makes looks further in worthless. Only a probe touches anything. */
export async function examine(options: ExaminationOptions): Promise<Examination> {
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

function connectionOf(options: ExaminationOptions): Connection | Finding {
  try {
    return connectionFrom(options);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof InvalidRequestError) return badConfiguration(error.message);
    return {
      severity: 'error',
      code: 'NO_CREDENTIALS',
      what: 'credentials',
      seen: 'not all is set that a call needs; nothing else was looked at',
      next: error.message,
    };
  }
}

const badConfiguration = (seen: string): Finding => ({
  severity: 'error',
  code: 'BAD_CONFIGURATION',
  what: 'configuration',
  seen,
  next: 'set it right in the .env file of the stage; no function starts with it as it is',
});

/** What should be there, as the project and the environment say; or all that is wrong with what they say. */
function configuredBy(
  options: ExaminationOptions,
  connection: Connection,
): { readonly deployment: Deployment; readonly ports: Ports } | { readonly findings: readonly Finding[] } {
  try {
    const stage = { env: environmentOf(options, connection), accountId: connection.owner };
    const problems = problemsIn(stage);
    if (problems.length > 0) return { findings: problems.map(badConfiguration) };
    const deployment = readProject(stage);
    const config = readConfig(deployment.functions[0]?.environmentVariables ?? {});
    return { deployment, ports: portsOf(connection, config, terminalLog) };
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    return { findings: [badConfiguration(error.message)] };
  }
}

const bundlesOf = ({ functions }: Deployment): Bundles =>
  Object.fromEntries(
    functions.flatMap((one) => {
      const files = bundleFiles(one);
      return files === undefined ? [] : [[one.functionName, digestsOf(files)] as const];
    }),
  );
