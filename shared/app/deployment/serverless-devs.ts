/**
 * Reads the part of a Serverless Devs 3 project that Leasehold's own `s.yaml` uses: `vars`, one level of `template` with
 * `extend`, and resources of component `fc3`. Anything else is refused by name rather than guessed.
 * Source: Serverless Devs documentation, "YAML specification" (variables, extend).
 */
import { parse } from 'yaml';
import type { FunctionToDeploy } from '../../domain/deployment.js';
import { InvalidRequestError } from '../../domain/errors.js';

export interface ServerlessProject {
  readonly vars: Readonly<Record<string, string>>;
  readonly functions: readonly FunctionToDeploy[];
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What `${config('AccountID')}` stands for. */
  readonly accountId: string;
}

type Tree = string | number | boolean | null | readonly Tree[] | { readonly [key: string]: Tree };
type Mapping = Readonly<Record<string, Tree>>;

/** @throws {InvalidRequestError} `BAD_CONFIG` */
export function readServerlessProject(text: string, surroundings: Surroundings): ServerlessProject {
  const project = asMapping(parse(text) as Tree, 's.yaml');
  const vars = Object.fromEntries(
    Object.entries(asMapping(project['vars'] ?? {}, 'vars')).map(([name, value]) => [
      name,
      resolve(String(value), {}, surroundings),
    ]),
  );
  const templates = asMapping(project['template'] ?? {}, 'template');
  const functions = Object.entries(asMapping(project['resources'] ?? {}, 'resources')).map(
    ([name, resource]) =>
      functionOf(name, asMapping(resource, name), templates, (value) => resolve(value, vars, surroundings)),
  );
  return { vars, functions };
}

function functionOf(
  name: string,
  resource: Mapping,
  templates: Mapping,
  fill: (text: string) => string,
): FunctionToDeploy {
  if (resource['component'] !== 'fc3') throw bad(`resource ${name}: only component fc3 is understood here`);
  const extended = asMapping(resource['extend'] ?? {}, `${name}.extend`)['name'];
  const base =
    extended === undefined
      ? {}
      : asMapping(templates[String(extended)] ?? {}, `template ${String(extended)}`);
  const props = deepFill(
    { ...base, ...asMapping(resource['props'] ?? {}, `${name}.props`) },
    fill,
  ) as Mapping;
  const text = (key: string): string => {
    const value = props[key];
    if (typeof value !== 'string' || value === '') throw bad(`resource ${name}: ${key} is missing`);
    return value;
  };
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
    environmentVariables: asMapping(
      props['environmentVariables'] ?? {},
      `${name}.environmentVariables`,
    ) as Readonly<Record<string, string>>,
  };
}

function deepFill(tree: Tree, fill: (text: string) => string): Tree {
  if (typeof tree === 'string') return fill(tree);
  if (Array.isArray(tree)) return tree.map((item) => deepFill(item, fill));
  if (typeof tree === 'object' && tree !== null) {
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, deepFill(value, fill)]));
  }
  return tree;
}

const ENV = /^env\('([A-Z_]+)',\s*(?:'([\s\S]*)'|(config\('AccountID'\)))\)$/;
const VAR = /^vars\.([A-Za-z]+)$/;

/** Replaces each `${…}`. `$`, `{` and `}` nest only inside quotes, as in a JSON default. */
function resolve(
  text: string,
  vars: Readonly<Record<string, string>>,
  { env, accountId }: Surroundings,
): string {
  return text.replace(/\$\{((?:[^{}']|'[^']*')+)\}/g, (whole, inner: string) => {
    const expression = inner.trim();
    if (expression === "config('AccountID')") return accountId;
    const environment = ENV.exec(expression);
    if (environment !== null) {
      const [, name = '', literal, account] = environment;
      return env[name] ?? (account === undefined ? (literal ?? '') : accountId);
    }
    const value = vars[VAR.exec(expression)?.[1] ?? ''];
    if (value === undefined) throw bad(`${whole} is not understood`);
    return value;
  });
}

function asMapping(tree: Tree | undefined, where: string): Mapping {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    throw bad(`${where} is not a mapping`);
  return tree as Mapping;
}

const bad = (message: string): InvalidRequestError =>
  new InvalidRequestError('BAD_CONFIG', `s.yaml: ${message}`);
