/** Reads from the project's own files what is to be deployed, in which order. Pure. */
import type {
  AlarmToDeploy,
  BusToDeploy,
  Deployment,
  DeploymentStep,
  DeploymentValues,
  FlowToDeploy,
  FunctionToDeploy,
  LogstoreToDeploy,
  RosTemplate,
  ScheduleToDeploy,
} from '../../domain/deployment.js';
import { MAX_POLICY_CHARACTERS } from '../plan/documents.js';
import { flowOf, functionOf } from './functions.js';
import { readYaml } from './read-yaml.js';
import { render } from './render.js';
import { answersTemplate, bucketsTemplate, eventsTemplate, rightsTemplate } from './ros.js';
import { type RuleOfTriggers, ruleOf, type TargetOfTriggers } from './rules.js';
import {
  bad,
  readServerlessProject,
  type ServerlessProject,
  type ServerlessResource,
  type Surroundings,
} from './serverless-devs.js';
import { readStageSettings, type StageSettings, stageProblems } from './stage-settings.js';

/** The texts of the files that say what is deployed. */
export interface ProjectFiles {
  readonly serverless: string;
  readonly triggers: string;
  readonly alarms: string;
  readonly roles: string;
  /** By file name without ending. */
  readonly flows: Readonly<Record<string, string>>;
}

interface RolesFile {
  readonly roles: readonly {
    readonly name: string;
    /** A service, or other roles of this file by what follows `<prefix>-fn-`. */
    readonly trusts: string | readonly string[] | { readonly roles: readonly string[] };
    readonly statements: readonly Statement[];
  }[];
  readonly stops: readonly { readonly name: string; readonly description: string }[];
}
type Statement = Readonly<Record<string, unknown>>;
interface TriggersFile {
  readonly buses: readonly BusToDeploy[];
  readonly rules: readonly RuleOfTriggers[];
  readonly schedules: readonly ScheduleToDeploy[];
  readonly target: TargetOfTriggers;
}
type AlarmsFile = { readonly alarms: readonly Omit<AlarmToDeploy, 'contacts'>[] };

/** Where the components of `s.yaml` find what is rendered for them. */
export const RENDERED = './dist/deploy/';

/**
 * Everything that an operator has set wrong: for the deployment itself, and by `problemsOf` in what its functions will read.
 * @throws {InvalidRequestError} `BAD_CONFIG` where `s.yaml` itself cannot be read
 */
export function settingProblems(
  { serverless }: Pick<ProjectFiles, 'serverless'>,
  surroundings: Surroundings,
  problemsOf: (env: Readonly<Record<string, string>>) => readonly string[],
): readonly string[] {
  const project = readServerlessProject(serverless, surroundings);
  const [first] = ofComponent(project, 'fc3').map(functionOf);
  return [...stageProblems(project.vars), ...problemsOf(first?.environmentVariables ?? {})];
}

/** @throws {InvalidRequestError} `BAD_CONFIG` */
export function readDeployment(files: ProjectFiles, surroundings: Surroundings): Deployment {
  const project = readServerlessProject(files.serverless, surroundings);
  const { vars } = project;
  const settings = readStageSettings(vars);
  const { generation, contacts } = settings;
  const values: DeploymentValues = {
    region: vars['region'] ?? '',
    account: vars['account'] ?? '',
    prefix: vars['prefix'] ?? '',
    evidenceBucket: vars['evidenceBucket'] ?? '',
    indexBucket: vars['indexBucket'] ?? '',
    logProject: vars['logProject'] ?? '',
  };
  const roles = readYaml(render(files.roles, values)) as RolesFile;
  const triggers = readYaml(render(files.triggers, values)) as TriggersFile;
  const alarms = readYaml(render(files.alarms, values)) as AlarmsFile;
  const functions = ofComponent(project, 'fc3').map(functionOf);
  const flows = ofComponent(project, 'flow').map((resource) =>
    flowOf(resource, files.flows[renderedName(resource, 'definition', '.yaml')], {
      values,
      generation,
      functions,
    }),
  );
  const parts = {
    roles: roles.roles.map(({ name, trusts, statements }) => ({
      name,
      trust: trustOf(trusts, values),
      document: rightsOf(name, statements),
    })),
    stops: roles.stops.map((stop) => ({ ...stop, document: DENY_EVERYTHING })),
    buckets: bucketsIn(vars, settings),
    logstores: logstoresIn(functions, settings),
    rules: triggers.rules.map((rule) => ruleOf(rule, triggers.target, values)),
  };
  return {
    values,
    generation,
    functions,
    flows,
    ...parts,
    buses: triggers.buses,
    deadLetterBus: triggers.target.deadLetterBus,
    schedules: triggers.schedules,
    // An alarm that reaches nobody is none.
    alarms: contacts.length === 0 ? [] : alarms.alarms.map((alarm) => ({ ...alarm, contacts })),
    alarmNames: alarms.alarms.map(({ name }) => name),
    steps: stepsOf(project, {
      functions,
      flows,
      templates: {
        buckets: bucketsTemplate(parts),
        rights: rightsTemplate(parts),
        events: eventsTemplate(parts),
        answers: answersTemplate(parts),
      },
    }),
  };
}

interface Made extends Pick<Deployment, 'functions' | 'flows'> {
  /** By the name of the file that holds it. */
  readonly templates: Readonly<Record<string, RosTemplate>>;
}

function stepsOf({ firstRun, resources }: ServerlessProject, made: Made): readonly DeploymentStep[] {
  const [functions, flows] = [made.functions.values(), made.flows.values()];
  return [
    ...commands(firstRun),
    ...resources.flatMap((resource) => [
      ...commands(resource.firstRun),
      stepOf(resource, { functions, flows, templates: made.templates }),
      ...commands(resource.lastRun),
    ]),
  ];
}

/** `functions` and `flows` are in the order of their resources; each is taken once. */
function stepOf(
  resource: ServerlessResource,
  {
    functions,
    flows,
    templates,
  }: Readonly<{
    functions: Iterator<FunctionToDeploy>;
    flows: Iterator<FlowToDeploy>;
    templates: Made['templates'];
  }>,
): DeploymentStep {
  const { component, name, props } = resource;
  if (component === 'fc3') return { kind: 'function', toDeploy: functions.next().value };
  if (component === 'flow')
    return { kind: 'flow', file: String(props['definition']), toDeploy: flows.next().value };
  if (component !== 'ros') throw bad(`component ${component} is not understood here`);
  const template = templates[renderedName(resource, 'template', '.json')];
  if (template === undefined || typeof props['name'] !== 'string')
    throw bad(`resource ${name} names a template that is not rendered, or no stack`);
  return { kind: 'stack', file: String(props['template']), toDeploy: { name: props['name'], template } };
}

const commands = (runs: readonly string[]): readonly DeploymentStep[] =>
  runs.map((run) => ({ kind: 'command', run }));

const ofComponent = ({ resources }: ServerlessProject, component: string) =>
  resources.filter((resource) => resource.component === component);

/** The name of a rendered file, as a resource's property says where it is. */
function renderedName({ name, props }: ServerlessResource, property: string, ending: string): string {
  const path = props[property];
  if (typeof path !== 'string' || !path.startsWith(RENDERED) || !path.endsWith(ending))
    throw bad(`resource ${name}: ${property} is no file ${RENDERED}*${ending}`);
  return path.slice(RENDERED.length, -ending.length);
}

const bucketsIn = (
  vars: ServerlessProject['vars'],
  { retentionDays }: StageSettings,
): Deployment['buckets'] => [
  { name: vars['evidenceBucket'] ?? '', ...(retentionDays === undefined ? {} : { retentionDays }) },
  { name: vars['indexBucket'] ?? '' },
];

/** Each log store that a function writes to, once. */
function logstoresIn(
  functions: Deployment['functions'],
  { logDays }: StageSettings,
): readonly LogstoreToDeploy[] {
  const all = functions.map(({ logs }) => logs);
  return all
    .filter(({ logstore }, index) => all.findIndex((one) => one.logstore === logstore) === index)
    .map((logs) => ({ ...logs, days: logDays }));
}

const documentOf = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '1', Statement: statements });

/** @throws {InvalidRequestError} `BAD_CONFIG`: names of the stage stand in it, and long ones make it too long for RAM */
function rightsOf(name: string, statements: readonly Statement[]): string {
  const document = documentOf(statements);
  if (document.length <= MAX_POLICY_CHARACTERS) return document;
  throw bad(
    `the policy of role ${name} has ${document.length} characters, and RAM takes ${MAX_POLICY_CHARACTERS}: choose shorter names for prefix, buckets and log project`,
  );
}

const DENY_EVERYTHING = documentOf([{ Effect: 'Deny', Action: ['*'], Resource: ['*'] }]);

function trustOf(
  trusts: RolesFile['roles'][number]['trusts'],
  { account, prefix }: DeploymentValues,
): string {
  const Principal =
    typeof trusts === 'string' || !('roles' in trusts)
      ? { Service: [trusts].flat() }
      : { RAM: trusts.roles.map((group) => `acs:ram::${account}:role/${prefix}-fn-${group}`) };
  return documentOf([{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }]);
}
