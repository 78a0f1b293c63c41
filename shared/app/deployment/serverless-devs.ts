/**
 * Reads the part of a Serverless Devs 3 project that Leasehold's own `s.yaml` uses: `vars`, `actions` before a deployment, at a resource
 * also after it and before a removal, one level of `template` with `extend`, and resources. Anything else is refused by name rather
 * than guessed. Sources: Serverless Devs documentation, "YAML specification" (variables, extend, actions); its engine, which starts
 * actions named `pre-`, `success-`, `fail-` and `complete-`, and of edition 3 none named `post-`, though it reads them.
 */
import { InvalidRequestError } from '../../domain/errors.js';
import { readYaml } from './read-yaml.js';

export interface ServerlessProject {
  readonly vars: Readonly<Record<string, string>>;
  /** Commands that run before anything else is deployed. */
  readonly firstRun: readonly string[];
  /** In the order in which they are deployed: that of the file. */
  readonly resources: readonly ServerlessResource[];
}
export interface ServerlessResource {
  readonly name: string;
  readonly component: string;
  /** Commands that run before it is deployed. */
  readonly firstRun: readonly string[];
  /** Commands that run when that is over, also where it failed; not where something before it did. */
  readonly lastRun: readonly string[];
  /** Commands that run before it is removed, and without which it is not. */
  readonly removalRun: readonly string[];
  readonly props: Mapping;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What `${config('AccountID')}` stands for. */
  readonly accountId: string;
}

export type Tree = string | number | boolean | null | readonly Tree[] | { readonly [key: string]: Tree };
export type Mapping = Readonly<Record<string, Tree>>;

/** @throws {InvalidRequestError} `BAD_CONFIG` */
export function readServerlessProject(text: string, surroundings: Surroundings): ServerlessProject {
  const project = asMapping(readYaml(text) as Tree, 's.yaml');
  const written = asMapping(project['vars'] ?? {}, 'vars');
  const asWritten = (name: string) => (written[name] === undefined ? undefined : String(written[name]));
  const vars = Object.fromEntries(
    Object.keys(written).map((name) => [name, resolve(asWritten(name) ?? '', asWritten, surroundings)]),
  );
  const fill = (tree: Tree): Tree =>
    deepFill(tree, (text) => resolve(text, (name) => vars[name], surroundings));
  const templates = asMapping(project['template'] ?? {}, 'template');
  return {
    vars,
    firstRun: runsIn(fill(project['actions'] ?? {}), 'actions', ['pre-deploy'])['pre-deploy'],
    resources: Object.entries(asMapping(project['resources'] ?? {}, 'resources')).map(([name, tree]) => {
      const resource = asMapping(tree, name);
      const runs = runsIn(fill(resource['actions'] ?? {}), `${name}.actions`, TIMES);
      return {
        name,
        component: String(resource['component']),
        firstRun: runs['pre-deploy'],
        lastRun: runs['complete-deploy'],
        removalRun: runs['pre-remove'],
        props: asMapping(fill({ ...baseOf(name, resource, templates), ...propsOf(name, resource) }), name),
      };
    }),
  };
}

const propsOf = (name: string, resource: Mapping): Mapping =>
  asMapping(resource['props'] ?? {}, `${name}.props`);

function baseOf(name: string, resource: Mapping, templates: Mapping): Mapping {
  if (resource['extend'] === undefined) return {};
  const extended = String(asMapping(resource['extend'], `${name}.extend`)['name']);
  return asMapping(templates[extended], `template ${extended}`);
}

const TIMES = ['pre-deploy', 'complete-deploy', 'pre-remove'] as const;

/** The commands of each of `times`; actions of other kinds, or at other times, are not understood here. */
function runsIn<When extends string>(
  actions: Tree,
  where: string,
  times: readonly When[],
): Readonly<Record<When, readonly string[]>> {
  const runs: Partial<Record<string, readonly string[]>> = Object.fromEntries(
    times.map((when) => [when, []]),
  );
  for (const [when, list] of Object.entries(asMapping(actions, where))) {
    if (!Object.hasOwn(runs, when) || !Array.isArray(list)) throw bad(`${where}.${when} is not understood`);
    runs[when] = (list as readonly Tree[]).map((action) => {
      const { run } = asMapping(action, `${where}.${when}`);
      if (typeof run !== 'string') throw bad(`${where}.${when} has an action that runs nothing`);
      return run;
    });
  }
  return runs as Record<When, readonly string[]>;
}

function deepFill(tree: Tree, fill: (text: string) => string): Tree {
  if (typeof tree === 'string') return fill(tree);
  if (Array.isArray(tree)) return tree.map((item) => deepFill(item, fill));
  if (typeof tree === 'object' && tree !== null) {
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, deepFill(value, fill)]));
  }
  return tree;
}

const ENV = /^env\('([A-Z_]+)',\s*(?:'([^']*)'|(config\('AccountID'\)|vars\.[A-Za-z]+))\)$/;
const VAR = /^vars\.([A-Za-z]+)$/;

/** Replaces each `${…}`, which ends at the first closing brace, as in Serverless Devs. An empty variable counts as unset there. */
function resolve(
  text: string,
  varNamed: (name: string) => string | undefined,
  { env, accountId }: Surroundings,
): string {
  const worthOf = (expression: string): string | undefined => {
    if (expression === "config('AccountID')") return accountId;
    const [known, variable = '', literal, otherwise] = ENV.exec(expression) ?? [];
    if (known !== undefined) return env[variable] || (literal ?? worthOf(otherwise ?? ''));
    return varNamed(VAR.exec(expression)?.[1] ?? '');
  };
  return text.replace(/\$\{([^}]*)\}/g, (whole, expression: string) => {
    const value = worthOf(expression.trim());
    if (value === undefined) throw bad(`${whole} is not understood`);
    return value;
  });
}

/** @throws {InvalidRequestError} `BAD_CONFIG` */
export function asMapping(tree: Tree | undefined, where: string): Mapping {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    throw bad(`${where} is not a mapping`);
  return tree as Mapping;
}

export const bad = (message: string): InvalidRequestError =>
  new InvalidRequestError('BAD_CONFIG', `s.yaml: ${message}`);
