/** Reads from the project's own files what is to be deployed. Pure. */
import { parse, stringify } from 'yaml';
import type {
  Deployment,
  DeploymentValues,
  FlowToDeploy,
  RuleToDeploy,
  ScheduleToDeploy,
} from '../../domain/deployment.js';
import { render } from './render.js';
import { readServerlessProject, type Surroundings } from './serverless-devs.js';

/** The texts of the files that say what is deployed. */
export interface ProjectFiles {
  readonly serverless: string;
  readonly triggers: string;
  readonly roles: string;
  /** By file name without ending. */
  readonly flows: Readonly<Record<string, string>>;
}

interface RolesFile {
  readonly roles: readonly {
    readonly name: string;
    /** A service, or other roles of this file by what follows `<prefix>-fn-`. */
    readonly trusts: string | { readonly roles: readonly string[] };
    readonly statements: readonly unknown[];
  }[];
  readonly stops: readonly { readonly name: string; readonly description: string }[];
}
interface TriggersFile {
  readonly buses: readonly { readonly name: string; readonly description: string }[];
  readonly rules: readonly {
    readonly name: string;
    readonly bus: string;
    readonly description: string;
    readonly pattern: unknown;
    readonly flow: string;
    readonly deadLetters?: boolean;
  }[];
  readonly schedules: readonly ScheduleToDeploy[];
  readonly target: { readonly role: string; readonly retry: string; readonly deadLetterBus: string };
}

/** @throws {InvalidRequestError} `BAD_CONFIG` */
export function readDeployment(files: ProjectFiles, surroundings: Surroundings): Deployment {
  const { vars, functions } = readServerlessProject(files.serverless, surroundings);
  const values: DeploymentValues = {
    region: vars['region'] ?? '',
    account: vars['account'] ?? '',
    prefix: vars['prefix'] ?? '',
    evidenceBucket: vars['evidenceBucket'] ?? '',
    indexBucket: vars['indexBucket'] ?? '',
  };
  const roles = parse(render(files.roles, values)) as RolesFile;
  const triggers = parse(render(files.triggers, values)) as TriggersFile;
  return {
    values,
    functions,
    roles: roles.roles.map(({ name, trusts, statements }) => ({
      name,
      trust: trustOf(trusts, values),
      document: JSON.stringify({ Version: '1', Statement: statements }),
    })),
    stops: roles.stops.map((stop) => ({ ...stop, document: DENY_EVERYTHING })),
    flows: Object.entries(files.flows).map(([name, text]) => flowOf(name, text, values)),
    buses: triggers.buses,
    rules: triggers.rules.map((rule) => ruleOf(rule, triggers.target, values)),
    schedules: triggers.schedules,
    buckets: [values.evidenceBucket, values.indexBucket],
  };
}

const DENY_EVERYTHING = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
});

function trustOf(
  trusts: RolesFile['roles'][number]['trusts'],
  { account, prefix }: DeploymentValues,
): string {
  const Principal =
    typeof trusts === 'string'
      ? { Service: [trusts] }
      : { RAM: trusts.roles.map((group) => `acs:ram::${account}:role/${prefix}-fn-${group}`) };
  return JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }],
  });
}

/** Anchors are written out: whether CloudFlow's reader knows them is not documented. */
function flowOf(name: string, text: string, values: DeploymentValues): FlowToDeploy {
  const definition = stringify(parse(render(text, values)), { aliasDuplicateObjects: false, lineWidth: 0 });
  return { name: `${values.prefix}-${name}`, definition, roleName: `${values.prefix}-fn-flows` };
}

function ruleOf(
  rule: TriggersFile['rules'][number],
  target: TriggersFile['target'],
  values: DeploymentValues,
): RuleToDeploy {
  const { region, account } = values;
  return {
    bus: rule.bus,
    name: rule.name,
    description: rule.description,
    pattern: JSON.stringify(rule.pattern),
    target: {
      Id: rule.flow,
      Type: 'acs.fnf',
      // The trailing placeholder is literal: the flow is picked by FlowName. Source: EventBridge "Event target parameters".
      Endpoint: `acs:fnf:${region}:${account}:flow/\${flow}`,
      PushRetryStrategy: target.retry,
      ErrorsTolerance: 'ALL',
      ...(rule.deadLetters === false
        ? {}
        : {
            DeadLetterQueue: { Arn: `acs:eventbridge:${region}:${account}:eventbus/${target.deadLetterBus}` },
          }),
      ParamList: [
        { ResourceKey: 'FlowName', Form: 'CONSTANT', Value: rule.flow },
        { ResourceKey: 'Input', Form: 'JSONPATH', Value: '$' },
        { ResourceKey: 'RoleName', Form: 'CONSTANT', Value: target.role },
      ],
    },
  };
}
