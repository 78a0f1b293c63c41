import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { LONGEST_CHANGE_SECONDS } from '../../../shared/app/changing/longest-change.js';
import { flowOf } from '../../../shared/app/deployment/functions.js';
import { readServerlessProject } from '../../../shared/app/deployment/serverless-devs.js';
import { LONGEST_PROBING_SECONDS } from '../../../shared/app/granting/without-bounds.js';
import { INBOUND_TYPES } from '../../../shared/app/inbound/parse-event.js';
import { LONGEST_LOOK_SECONDS, readConfig } from '../../../shared/config.js';
import { UNHANDLED } from '../../../shared/domain/errors.js';
import { compilePattern } from '../../../shared/loopback/eventbridge/patterns.js';
import { deploymentWith } from '../../support/deployments.js';
import { OWNER } from '../../support/requests.js';
import { allowedBy, statementsOf } from '../../support/rights/watch.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const text = readFileSync(join(root, 's.yaml'), 'utf8');
const { resources } = readServerlessProject(text, { env: {}, accountId: OWNER });
const functions = resources.filter(({ component }) => component === 'fc3');
const flows = resources.filter(({ component }) => component === 'flow');
const stacks = resources.filter(({ component }) => component === 'ros');
const deployment = deploymentWith();
const number = (value: unknown) => value as number;

/** Source: schema of the component `fc3`, which takes others too and says nothing of a wrong one while it deploys. */
const PROPS_OF_FC3 = [
  ...[
    'region',
    'functionName',
    'runtime',
    'handler',
    'code',
    'role',
    'memorySize',
    'cpu',
    'diskSize',
    'timeout',
  ],
  ...['environmentVariables', 'logConfig'],
];

describe.each(functions.map((one) => [one.name, one.props] as const))('function %s', (name, props) => {
  it('has every property that the component demands, and none that it does not know', () => {
    expect(Object.keys(props).filter((prop) => !PROPS_OF_FC3.includes(prop))).toEqual([]);
    for (const prop of PROPS_OF_FC3) expect(props).toHaveProperty(prop);
  });
  it('has names and sizes that Function Compute takes', () => {
    expect(props['functionName']).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
    expect(props['functionName']).toBe(`leasehold-${name}`);
    expect(props['runtime']).toBe('nodejs20');
    expect(props['handler']).toBe('index.handler');
    expect(number(props['memorySize']) % 64).toBe(0);
    expect(number(props['memorySize'])).toBeGreaterThanOrEqual(128);
    expect(number(props['memorySize'])).toBeLessThanOrEqual(32_768);
    expect([512, 10_240]).toContain(props['diskSize']);
    expect(props['timeout']).toSatisfy(
      (seconds: number) => Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400,
    );
  });
  it('has vCPU in steps of 0.05, and 1 to 4 GB for each', () => {
    const cpu = number(props['cpu']);
    expect(Math.abs(cpu * 20 - Math.round(cpu * 20))).toBeLessThan(1e-9);
    const gigabytesEach = number(props['memorySize']) / 1024 / cpu;
    expect(gigabytesEach).toBeGreaterThanOrEqual(1);
    expect(gigabytesEach).toBeLessThanOrEqual(4);
  });
  it('has variables that are text, well named and 4 KB at most', () => {
    const variables = props['environmentVariables'] as Readonly<Record<string, unknown>>;
    expect(Object.values(variables).filter((value) => typeof value !== 'string')).toEqual([]);
    expect(Object.keys(variables).filter((key) => !/^(?!FC_)[A-Za-z]\w*$/.test(key))).toEqual([]);
    expect(JSON.stringify(variables).length).toBeLessThanOrEqual(4096);
    expect(() => readConfig(variables as Readonly<Record<string, string>>)).not.toThrow();
  });
  it('logs to a store that is made, under a role that is made and spelled as the component spells it', () => {
    const { project, logstore, logBeginRule } = props['logConfig'] as Readonly<Record<string, string>>;
    expect(deployment.logstores).toContainEqual({ project, logstore, days: 90 });
    expect(['DefaultRegex', 'None']).toContain(logBeginRule);
    expect(deployment.roles.map((role) => role.name)).toContain(props['role']);
    expect(props['role']).toBe(String(props['role']).toLowerCase());
  });
  it('has a folder, whose built bundle is what is deployed', () => {
    expect(props['code']).toBe(`./dist/functions/${name}`);
    expect(existsSync(join(root, 'functions', name, 'index.ts'))).toBe(true);
    expect(existsSync(join(root, String(props['code']), 'index.js'))).toBe(true);
  });
});

describe('every folder of functions/', () => {
  it('is deployed, once', () => {
    const folders = readdirSync(join(root, 'functions'), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    expect(functions.map(({ name }) => name).sort()).toEqual(folders.map(({ name }) => name).sort());
  });
});

describe('every group of roles.yaml', () => {
  it('runs exactly the functions that it lists', () => {
    const { roles } = parse(readFileSync(join(root, 'functions', 'roles.yaml'), 'utf8')) as {
      readonly roles: readonly { readonly name: string; readonly functions: readonly string[] }[];
    };
    const listed = roles.flatMap(({ name, functions: own }) =>
      own.map((step) => [step, name.replace(/^.*-fn-/, 'leasehold-fn-')]),
    );
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(functions.map(({ name, props }) => [name, props['role']])),
    );
  });
});

describe.each(deployment.roles.map((role) => [role.name, statementsOf(role)] as const))(
  'role %s',
  (_, own) => {
    it('may do on Kafka what it may, whether the call is checked on the instance or on everything', () => {
      const onInstance = `acs:alikafka:cn-hangzhou:${OWNER}:alikafka_pre-cn-x1`;
      for (const action of own.flatMap(({ Action }) => Action).filter((one) => one.startsWith('alikafka:')))
        for (const resource of [onInstance, '*'])
          expect([action, resource, allowedBy(own, { role: '', action, resource })]).toContain(true);
    });
  },
);

/** Source: component `flow`, its declared properties and regions. */
const REGIONS_OF_FLOW = [
  ...['cn-beijing', 'cn-hangzhou', 'cn-shanghai', 'cn-qingdao', 'cn-shenzhen', 'ap-southeast-1', 'us-west-1'],
];
describe.each(flows.map((one) => [one.name, one.props] as const))('flow %s', (name, props) => {
  it('has what the component demands, in a region that it serves', () => {
    expect(Object.keys(props).sort()).toEqual(
      ['definition', 'description', 'executionMode', 'name', 'region', 'roleArn', 'type'].sort(),
    );
    expect(REGIONS_OF_FLOW).toContain(props['region']);
    expect(props).toMatchObject({ name: `leasehold-${name}`, type: 'FDL', executionMode: 'Standard' });
    expect(props['roleArn']).toBe(`acs:ram::${OWNER}:role/leasehold-fn-flows`);
  });
});

describe.each(deploymentWith({ LEASEHOLD_FUNCTION_COMPUTE: '2.0' }).flows)('flow $name', ({ definition }) => {
  it('knows each class of errors also by the name that functions of 2.0 give it, and changes no other', () => {
    const errorsIn = (text: string) =>
      [...JSON.stringify(parse(text)).matchAll(/"Errors":\[(.*?)\]/g)].map(([, names = '']) =>
        names.split(',').map((name) => JSON.parse(name) as string),
      );
    const [, , flow = ''] = /^Name: (.*-(.*))$/m.exec(definition) ?? [];
    const of3 = deployment.flows.find(({ name }) => name.endsWith(`-${flow}`))?.definition ?? '';
    expect(errorsIn(definition)).toEqual(
      errorsIn(of3).map((names) =>
        names.flatMap((name) => (/^\w+Error$/.test(name) ? [name, `${UNHANDLED}${name}`] : [name])),
      ),
    );
    expect(errorsIn(of3).length).toBeGreaterThan(0);
  });
});

describe.each(deployment.flows)('flow $name', ({ definition }) => {
  it('is written out without anchors, of which CloudFlow may not know', () => {
    expect(definition).not.toMatch(/(?:^|\s)[&*][A-Za-z]/m);
  });
});

describe('a flow that invokes a function which is not deployed', () => {
  it('is refused before anything is', () => {
    const { values, functions: deployed } = deployment;
    const text = `resourceArn: acs:fc:${values.region}:${values.account}:functions/leasehold-nobody/LATEST`;
    const flow = { name: 'x', props: {} } as Parameters<typeof flowOf>[0];
    const around = { values, generation: '3.0', functions: deployed } as const;
    expect(() => flowOf(flow, text, around)).toThrow('leasehold-nobody/LATEST, which is not deployed');
  });
});

describe('every flow of workflows/', () => {
  it('is deployed, once', () => {
    const files = readdirSync(join(root, 'workflows')).filter(
      (file) => file.endsWith('.yaml') && !/^(triggers|alarms)\.yaml$/.test(file),
    );
    expect(flows.map(({ name }) => `${name}.yaml`).sort()).toEqual(files.sort());
  });
  it('is started only by rules that name one that is deployed', () => {
    const names = deployment.flows.map(({ name }) => name);
    for (const { target } of deployment.rules) expect(names).toContain(target.Id);
  });
});

describe('whatever comes to the inbound bus', () => {
  const bus = deployment.values.prefix;
  const flowsFor = (type: string) =>
    deployment.rules
      .filter((rule) => rule.bus === bus && compilePattern(rule.pattern)({ type, source: 'x' }))
      .map(({ target }) => target.Id);

  it.each(INBOUND_TYPES)('starts one flow if it is %s', (type) => {
    expect(flowsFor(type)).toHaveLength(1);
  });
  it('starts the flow that answers what nobody understands if it is anything else, but for the ticks of clocks', () => {
    expect(flowsFor('partner.contract.terminate')).toEqual(['leasehold-onboarding']);
    expect(flowsFor('eventbridge:Events:ScheduledEvent')).toEqual([]);
  });
});

describe.each(stacks.map((one) => [one.name, one.props] as const))('stack %s', (_name, props) => {
  it('has what the component demands', () => {
    expect(Object.keys(props).sort()).toEqual(['name', 'region', 'template']);
    expect(props['name']).toMatch(/^[A-Za-z][A-Za-z0-9_-]{0,254}$/);
  });
});

interface State {
  readonly Name: string;
  readonly Action?: string;
  readonly Timeout?: number;
  readonly Parameters?: { readonly resourceArn?: string };
  readonly Processor?: { readonly States: readonly State[] };
}
const statesIn = (states: readonly State[]): readonly State[] =>
  states.flatMap((state) => [state, ...statesIn(state.Processor?.States ?? [])]);
const invocations = deployment.flows.flatMap(({ name, definition }) =>
  statesIn((parse(definition) as { readonly States: readonly State[] }).States)
    .filter(({ Action }) => Action === 'FC:InvokeFunction')
    .map((state) => [`${state.Name} of ${name}`, state] as const),
);
const functionIn = (state: State) =>
  deployment.functions.find(({ functionName }) =>
    state.Parameters?.resourceArn?.endsWith(`:functions/${functionName}/LATEST`),
  );

/** All that a step's code can reach: files, relative to the project. */
function reachedBy(file: string, seen: Set<string>): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path = ''] of readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)\.js'/g)) {
    const other = normalize(join(dirname(file), `${path}.ts`));
    if (existsSync(join(root, other))) reachedBy(other, seen);
  }
  return seen;
}

describe('time-outs fit', () => {
  it.each(invocations)('%s waits for its function, and longer', (_, state) => {
    expect(state.Timeout).toBeGreaterThan(functionIn(state)?.timeout ?? Number.POSITIVE_INFINITY);
  });
  it.each(functions.map(({ name, props }) => [name, number(props['timeout'])] as const))(
    '%s waits for its calls, and for a verdict where it asks for one',
    (name, timeout) => {
      const [call, work] = [10, 60];
      const asks = reachedBy(`functions/${name}/index.ts`, new Set()).has('shared/app/proof/verdict.ts');
      expect(timeout).toBeGreaterThan(call);
      if (asks) expect(timeout).toBeGreaterThanOrEqual(LONGEST_LOOK_SECONDS + work);
    },
  );
  it.each([
    'grant-access',
    'activate-access',
    'amend-access',
    'restore-access',
    'resume-access',
    'heal-drift',
  ])('%s, which puts policies on a role, is over before the stop of an end may go', (name) => {
    const timeout = functions.find((one) => one.name === name)?.props['timeout'];
    expect(timeout).toBeLessThanOrEqual(LONGEST_CHANGE_SECONDS);
  });
  it('verify-access, which takes the bounds of a lease off, is over before another takes it for over', () => {
    const timeout = functions.find(({ name }) => name === 'verify-access')?.props['timeout'];
    expect(timeout).toBeLessThan(LONGEST_PROBING_SECONDS);
  });
  it('hand-over-access, which makes what is logged on with, is over before another takes it for over', () => {
    const timeout = functions.find(({ name }) => name === 'hand-over-access')?.props['timeout'];
    expect(timeout).toBeLessThanOrEqual(LONGEST_CHANGE_SECONDS);
  });
});
