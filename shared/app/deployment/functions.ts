/** Functions and flows of `s.yaml`, and how flows name functions in either generation of Function Compute. Pure. */
import { stringify } from 'yaml';
import type {
  DeploymentValues,
  FlowToDeploy,
  FunctionComputeGeneration,
  FunctionToDeploy,
} from '../../domain/deployment.js';
import { UNHANDLED } from '../../domain/errors.js';
import { readYaml } from './read-yaml.js';
import { makeMemory } from './remembered.js';
import { render } from './render.js';
import { asMapping, bad, type ServerlessResource, type Tree } from './serverless-devs.js';

export function functionOf({ name, props }: ServerlessResource): FunctionToDeploy {
  const text = textIn(name, props);
  const logs = textIn(`${name}.logConfig`, asMapping(props['logConfig'], `${name}.logConfig`));
  return {
    functionName: text('functionName'),
    code: text('code'),
    role: text('role'),
    runtime: text('runtime'),
    handler: text('handler'),
    memorySize: Number(props['memorySize'] ?? 512),
    cpu: Number(props['cpu'] ?? 0.35),
    diskSize: Number(props['diskSize'] ?? 512),
    timeout: Number(props['timeout'] ?? 3),
    environmentVariables: variablesIn(name, props),
    logs: { project: logs('project'), logstore: logs('logstore') },
  };
}

/** Of all variables of a function together. Source: Function Compute "Environment variables". */
const MOST_BYTES_OF_VARIABLES = 4096;

function variablesIn(
  name: string,
  props: ServerlessResource['props'],
): FunctionToDeploy['environmentVariables'] {
  const variables = asMapping(props['environmentVariables'] ?? {}, `${name}.environmentVariables`);
  // How they are counted is not said; so they travel, which is the most that it can be.
  const bytes = new TextEncoder().encode(JSON.stringify(variables)).length;
  if (bytes > MOST_BYTES_OF_VARIABLES)
    throw bad(
      `the variables of ${name} have ${bytes} bytes, and Function Compute takes ${MOST_BYTES_OF_VARIABLES}: shorten LEASEHOLD_APPROVERS or LEASEHOLD_AUTO_APPROVAL, such as by keys of kind OKP or EC instead of RSA`,
    );
  return variables as FunctionToDeploy['environmentVariables'];
}

/** How flows and callers name a function. */
export function arnOf(
  { functionName, role }: Pick<FunctionToDeploy, 'functionName' | 'role'>,
  { region, account }: Pick<DeploymentValues, 'region' | 'account'>,
  generation: FunctionComputeGeneration,
): string {
  const stem = `acs:fc:${region}:${account}:`;
  return generation === '3.0'
    ? `${stem}functions/${functionName}/LATEST`
    : `${stem}services/${role}.LATEST/functions/${functionName}`;
}

export interface FlowSurroundings {
  readonly values: DeploymentValues;
  readonly generation: FunctionComputeGeneration;
  readonly functions: readonly FunctionToDeploy[];
}

const written = makeMemory<string>();

/**
 * `text` is the flow's file, which names functions as 3.0 does. Anchors are written out: whether CloudFlow's reader knows them is not
 * documented.
 * @throws {InvalidRequestError} `BAD_CONFIG` when it invokes a function that is not deployed
 */
export function flowOf(
  { name, props }: ServerlessResource,
  text: string | undefined,
  { values, generation, functions }: FlowSurroundings,
): FlowToDeploy {
  if (text === undefined) throw bad(`resource ${name} names a flow that workflows/ does not have`);
  const arns = new Map(functions.map((one) => [arnOf(one, values, '3.0'), arnOf(one, values, generation)]));
  const nameFunctions = (tree: Tree): Tree => {
    if (Array.isArray(tree)) return tree.map(nameFunctions);
    if (typeof tree === 'object' && tree !== null)
      return Object.fromEntries(
        Object.entries(tree).map(([key, value]) => [
          key,
          key === 'Errors' && generation === '2.0'
            ? errorsOf2(value as readonly string[])
            : nameFunctions(value),
        ]),
      );
    if (typeof tree !== 'string' || !tree.startsWith('acs:fc:')) return tree;
    const arn = arns.get(tree);
    if (arn === undefined) throw bad(`flow ${name} invokes ${tree}, which is not deployed`);
    return arn;
  };
  const rendered = render(text, values);
  const definition = written(JSON.stringify([rendered, generation, ...arns]), () =>
    stringify(nameFunctions(readYaml(rendered) as Tree), { aliasDuplicateObjects: false, lineWidth: 0 }),
  );
  const prop = textIn(name, props);
  return {
    name: prop('name'),
    description: prop('description'),
    definition,
    roleName: prop('roleArn').split('/').at(-1) ?? '',
  };
}

/** Classes of errors, each also as 2.0 names what a function throws. Source: Function Compute 2.0 "Error handling" of Node.js. */
const errorsOf2 = (names: readonly string[]): Tree =>
  names.flatMap((name) => (/^\w+Error$/.test(name) ? [name, `${UNHANDLED}${name}`] : [name]));

const textIn =
  (name: string, props: ServerlessResource['props']) =>
  (key: string): string => {
    const value = props[key];
    if (typeof value !== 'string' || value === '') throw bad(`resource ${name}: ${key} is missing`);
    return value;
  };
