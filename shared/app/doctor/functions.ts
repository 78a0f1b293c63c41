/** Functions that are there against those that should be. Pure. */
import type { Deployed, DeployedFunction, FileDigests } from '../../domain/deployed.js';
import type { Deployment, FunctionToDeploy } from '../../domain/deployment.js';
import { DEPLOY_AGAIN, error, extra, type Finding, ofSeen } from './finding.js';

/** By function name: what the built bundles hold; nothing for a function that was not built. */
export type Bundles = Readonly<Record<string, FileDigests>>;

const SETTINGS = ['runtime', 'handler', 'memorySize', 'timeout', 'cpu', 'diskSize'] as const;

export const judgeFunctions = (
  { functions: wanted, values }: Deployment,
  { functions }: Pick<Deployed, 'functions'>,
  bundles: Bundles,
): readonly Finding[] =>
  ofSeen('functions', functions, (there) => [
    ...wanted.flatMap((one) => {
      const found = there.find(({ functionName }) => functionName === one.functionName);
      return found === undefined
        ? [finding('FUNCTION_MISSING', one, 'it is not there: flows that call it fail')]
        : judgeFunction(one, found, { account: values.account, files: bundles[one.functionName] });
    }),
    ...there
      .filter(({ functionName }) => !wanted.some((one) => one.functionName === functionName))
      .filter((one) => !isOfOtherStage(one, values.prefix))
      .map(({ functionName }) => extra('FUNCTION_EXTRA', `function ${functionName}`)),
  ]);

/** A deployment beside ours whose prefix begins with ours, such as leasehold-staging. Its functions say whose they are. */
const isOfOtherStage = ({ environmentVariables }: DeployedFunction, prefix: string): boolean =>
  (environmentVariables['LEASEHOLD_PREFIX'] ?? prefix) !== prefix;

/** Prefixes, each with its hyphen, of the deployments beside ours, as far as their functions can be seen. */
export const otherStages = (functions: Deployed['functions'], prefix: string): readonly string[] =>
  'seen' in functions
    ? [
        ...new Set(
          functions.seen
            .filter((one) => isOfOtherStage(one, prefix))
            .map((one) => `${one.environmentVariables['LEASEHOLD_PREFIX']}-`),
        ),
      ]
    : [];

function judgeFunction(
  wanted: FunctionToDeploy,
  there: DeployedFunction,
  { account, files }: { readonly account: string; readonly files: FileDigests | undefined },
): readonly Finding[] {
  const settings = SETTINGS.filter((name) => there[name] !== undefined && there[name] !== wanted[name]).map(
    (name) => `${name} is ${there[name]} instead of ${wanted[name]}`,
  );
  const logs = logsText(there.logConfig);
  const role = `acs:ram::${account}:role/${wanted.role}`;
  const variables = differingVariables(wanted.environmentVariables, there.environmentVariables);
  return [
    ...(settings.length === 0 ? [] : [finding('FUNCTION_SETTINGS', wanted, settings.join('; '))]),
    ...(logs === logsText(wanted.logs)
      ? []
      : [finding('FUNCTION_LOGS', wanted, `it logs to ${logs} instead of ${logsText(wanted.logs)}`)]),
    ...(there.role === role
      ? []
      : [
          finding(
            'FUNCTION_ROLE',
            wanted,
            `it runs under ${there.role || 'no role'} instead of ${wanted.role}`,
          ),
        ]),
    ...(variables.length === 0
      ? []
      : [
          finding(
            'FUNCTION_ENVIRONMENT',
            wanted,
            `other values than here: ${variables.join(', ')}`,
            ENVIRONMENT_NEXT,
          ),
        ]),
    ...judgeCode(wanted, there, files),
  ];
}

const logsText = ({ project = '', logstore = '' }: DeployedFunction['logConfig']): string =>
  project === '' || logstore === '' ? 'nowhere' : `${project}/${logstore}`;

const ENVIRONMENT_NEXT =
  'set the variables of this stage first (set -a; . ./.env.<stage>; set +a); if they are right here, run s deploy';

/** Names only: what somebody set by hand may be a secret. Unset and empty are one to a function. */
const differingVariables = (
  wanted: Readonly<Record<string, string>>,
  there: Readonly<Record<string, string>>,
): readonly string[] =>
  [...new Set([...Object.keys(wanted), ...Object.keys(there)])]
    .filter((name) => (wanted[name] ?? '') !== (there[name] ?? ''))
    .sort();

function judgeCode(
  wanted: FunctionToDeploy,
  { code }: DeployedFunction,
  files: FileDigests | undefined,
): readonly Finding[] {
  if (files === undefined)
    return [
      {
        severity: 'warning',
        code: 'FUNCTION_NOT_BUILT',
        what: `function ${wanted.functionName}`,
        seen: `${wanted.code} is not there, so its code was not compared`,
        next: 'run npm run build, and leasehold doctor again',
      },
    ];
  return ofSeen(`code of function ${wanted.functionName}`, code, (there) => {
    const differing = [...new Set([...Object.keys(files), ...Object.keys(there)])]
      .filter((path) => files[path] !== there[path])
      .sort()
      .map((path) => `${path} ${howItDiffers(files[path], there[path])}`);
    return differing.length === 0 ? [] : [finding('FUNCTION_CODE', wanted, differing.join('; '), CODE_NEXT)];
  });
}

const CODE_NEXT =
  'check out the version that should run and build it; if it still differs, run s deploy: nobody knows what the code there does';

const howItDiffers = (built: string | undefined, there: string | undefined): string => {
  if (built === undefined) return 'is only there';
  return there === undefined ? 'is missing there' : 'is another than the one built here';
};

const finding = (
  code: Finding['code'],
  { functionName }: FunctionToDeploy,
  seen: string,
  next = DEPLOY_AGAIN,
): Finding => error(code, `function ${functionName}`, seen, next);
