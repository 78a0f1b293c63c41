import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readServerlessProject } from '../../../shared/app/deployment/serverless-devs.js';
import { deploymentWith } from '../../support/deployments.js';
import {
  type ParsedSpec,
  parseWithServerlessDevs,
  STAGES,
  variablesOf,
} from '../../support/serverless-devs.js';

const ACCOUNT = '1000000000000001';
const text = readFileSync(new URL('../../../s.yaml', import.meta.url), 'utf8');
const ours = (env: Readonly<Record<string, string>> = {}) =>
  readServerlessProject(text, { env, accountId: ACCOUNT });

const VARIABLES = [...text.matchAll(/env\('([A-Z_]+)'/g)].map(([, name = '']) => name);
const everySet = Object.fromEntries(VARIABLES.map((name, index) => [name, `value-${index}`]));
const everyEmpty = Object.fromEntries(VARIABLES.map((name) => [name, '']));

const runsOf = ({ steps }: ParsedSpec, name: string) =>
  steps
    .filter(({ projectName }) => projectName === name)
    .flatMap(({ actions }) => actions.map(({ hookType, value }) => `${hookType} ${value}`));

describe('s.yaml as Serverless Devs itself reads it', () => {
  const surroundings: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['nothing set', {}],
    ['every variable set', everySet],
    ['every variable empty', everyEmpty],
    ...STAGES.map((stage) => [`the variables of ${stage}`, variablesOf(stage)] as const),
  ];
  it.each(surroundings)('says what we read in it, with %s', async (_, env) => {
    const spec = await parseWithServerlessDevs(ACCOUNT, env);
    const read = ours(env);
    expect(spec.yaml.use3x).toBe(true);
    expect(read.vars).toEqual(spec.yaml.vars);
    expect(read.resources.map(({ name, component, props }) => ({ name, component, props }))).toEqual(
      spec.steps.map(({ projectName: name, component, props }) => ({ name, component, props })),
    );
    expect(read.firstRun).toEqual(
      spec.yaml.actions.filter(({ hookType }) => hookType === 'pre').map(({ value }) => value),
    );
    const removal = await parseWithServerlessDevs(ACCOUNT, env, 'remove');
    for (const { name, firstRun, lastRun, removalRun } of read.resources) {
      expect(runsOf(spec, name)).toEqual([
        ...firstRun.map((run) => `pre ${run}`),
        ...lastRun.map((run) => `complete ${run}`),
      ]);
      // The buckets are not removed.
      if (name !== 'buckets') expect(runsOf(removal, name)).toEqual(removalRun.map((run) => `pre ${run}`));
    }
  });

  it('is deployed in an order that works: buckets, rights, functions, flows, what starts them', async () => {
    const { steps } = await parseWithServerlessDevs(ACCOUNT);
    const order = steps.map(({ component }) => component);
    expect(order.filter((one, index) => one !== order[index - 1])).toEqual(['ros', 'fc3', 'flow', 'ros']);
    const stacks = steps.filter(({ component }) => component === 'ros');
    expect(stacks.map(({ projectName }) => projectName)).toEqual([
      ...['buckets', 'rights', 'events', 'answers'],
    ]);
  });

  it('is removed backwards and one by one, so that nothing starts or runs without its rights; but for the buckets', async () => {
    const deployed = (await parseWithServerlessDevs(ACCOUNT)).steps.map(({ projectName }) => projectName);
    const { steps } = await parseWithServerlessDevs(ACCOUNT, {}, 'remove');
    expect(steps.map(({ projectName }) => projectName)).toEqual(
      deployed.filter((name) => name !== 'buckets').reverse(),
    );
    expect(new Set(steps.map(({ flowId }) => flowId)).size).toBe(steps.length);
  });

  it('runs its commands in the folder that it stands in', async () => {
    const deploy = await parseWithServerlessDevs(ACCOUNT);
    const remove = await parseWithServerlessDevs(ACCOUNT, {}, 'remove');
    const all = [deploy, remove].flatMap(({ yaml, steps }) => [
      ...yaml.actions,
      ...steps.flatMap(({ actions }) => actions),
    ]);
    const here = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
    expect(all.map(({ path }) => path.replace(/\/$/, ''))).toEqual([here, here, here, here]);
  });

  it('makes the alarms after all else, and takes them away before all else', async () => {
    const words = (command: string) =>
      expect.stringMatching(new RegExp(`^\\w+ node dist/cli/leasehold.js ${command}`));
    const deploy = await parseWithServerlessDevs(ACCOUNT);
    expect(runsOf(deploy, deploy.steps.at(-1)?.projectName ?? '')).toEqual([words('alarms --account')]);
    expect(deploymentWith().steps.at(-1)).toMatchObject({
      kind: 'command',
      run: expect.stringContaining(' alarms '),
    });
    const remove = await parseWithServerlessDevs(ACCOUNT, {}, 'remove');
    expect(runsOf(remove, remove.steps[0]?.projectName ?? '')).toEqual([words('alarms --remove')]);
  });

  it('leaves no placeholder for the cloud to stumble over', async () => {
    const { steps } = await parseWithServerlessDevs(ACCOUNT);
    expect(JSON.stringify(steps.map(({ props }) => props))).not.toContain('${');
  });
});

describe('a stage', () => {
  it.each(STAGES)('%s sets nothing that s.yaml does not read, and no key', (stage) => {
    expect(Object.keys(variablesOf(stage)).filter((name) => !VARIABLES.includes(name))).toEqual([]);
  });
  it('shares no name with another', () => {
    const named = STAGES.map((stage) => ours(variablesOf(stage)).vars);
    for (const name of ['prefix', 'evidenceBucket', 'indexBucket', 'logProject'])
      expect(new Set(named.map((vars) => vars[name])).size).toBe(STAGES.length);
  });
});

describe('names that are so long that a policy of ours does not fit into RAM', () => {
  it('are refused before anything is deployed', () => {
    const [evidence, index] = ['e'.repeat(63), 'i'.repeat(63)];
    const long = { LEASEHOLD_PREFIX: 'p'.repeat(32), LEASEHOLD_EVIDENCE_BUCKET: evidence };
    expect(() => deploymentWith({ ...long, LEASEHOLD_INDEX_BUCKET: index })).toThrow(/choose shorter names/);
  });
});

describe('variables that are together more than Function Compute takes', () => {
  it('are refused before anything is deployed, by the names of those that may be long', () => {
    const approvers = (count: number) =>
      JSON.stringify(
        Array.from({ length: count }, (_, i) => ({ id: `b${i}@a.example`, key: 'x'.repeat(200) })),
      );
    expect(() => deploymentWith({ LEASEHOLD_APPROVERS: approvers(10) })).not.toThrow();
    expect(() => deploymentWith({ LEASEHOLD_APPROVERS: approvers(20) })).toThrow(/4096.*LEASEHOLD_APPROVERS/);
  });
  it('are counted as they travel: in bytes', () => {
    const rule = (length: number) => ({ LEASEHOLD_AUTO_APPROVAL: 'ü'.repeat(length) });
    expect(() => deploymentWith(rule(1000))).not.toThrow();
    expect(() => deploymentWith(rule(2000))).toThrow('LEASEHOLD_AUTO_APPROVAL');
  });
});

describe('what s.yaml might hold and we do not understand', () => {
  const stackNamed = (expression: string) =>
    `resources: { r: { component: ros, props: { name: "$\{${expression}}" } } }`;
  it.each([
    ['a function of the template language', stackNamed("file('x')")],
    ['an output of another resource', stackNamed('resources.q.output.x')],
    ['a variable that is not there', stackNamed('vars.b')],
    ['an action at another time', 'actions: { success-deploy: [{ run: x }] }'],
    ['an action for all after a deployment', 'actions: { complete-deploy: [{ run: x }] }'],
    [
      'an action that edition 3 never starts',
      'resources: { r: { component: ros, actions: { post-deploy: [{ run: x }] } } }',
    ],
    ['an action that is no command', 'actions: { pre-deploy: [{ plugin: x }] }'],
    ['a template that is not there', 'resources: { r: { component: fc3, extend: { name: t } } }'],
    ['a list for a mapping', 'resources: []'],
  ])('is refused, not guessed: %s', (_, rest) => {
    const project = `edition: 3.0.0\nvars: { a: x }\n${rest}`;
    expect(() => readServerlessProject(project, { env: {}, accountId: ACCOUNT })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIG' }),
    );
  });
});
