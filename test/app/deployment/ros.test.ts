import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { renderedFiles } from '../../../shared/app/deployment/rendered.js';
import type { RosResource, RosTemplate } from '../../../shared/domain/deployment.js';
import { deploymentWith } from '../../support/deployments.js';

/** The vendor's own descriptions of the resource types, which check values and write templates. */
const require = createRequire(import.meta.url);
type ConstructClass = new (scope: object, id: string, properties: object, checked: boolean) => object;
const core = require('@alicloud/ros-cdk-core') as {
  readonly App: new (props: { readonly outdir: string }) => object;
  readonly Stack: new (
    scope: object,
    name: string,
  ) => { _toRosTemplate(): object; resolve(template: object): RosTemplate };
};
const classOf = (type: string): ConstructClass => {
  const [, product = '', name = ''] = type.split('::');
  const classes = require(`@alicloud/ros-cdk-${product.toLowerCase()}`) as Readonly<
    Record<string, ConstructClass>
  >;
  const found = classes[`Ros${name}`];
  if (found === undefined) throw new Error(`the vendor describes no ${type}`);
  return found;
};

/** Maps whose keys are the user's own, not properties of the type. */
const FREE = new Set(['FilterPattern', 'Resources', 'Condition']);
/** The constructs' names of properties. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [nameOf(key), FREE.has(key) ? inner : camelCased(inner)]),
  );
}
const nameOf = (key: string): string =>
  ({ Id: 'identity', TTL: 'ttl', RAM: 'ram' })[key] ?? key.charAt(0).toLowerCase() + key.slice(1);

/** Where they write what nobody reads; left alone they would make a folder each and leave it behind. */
const outdir = mkdtempSync(join(tmpdir(), 'leasehold-ros-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/**
 * `resource` as the vendor's construct writes it; of its own only the stack, since what writes the manifest beside it asks for less
 * than Node.js 24. @throws when a value is not what the type takes
 */
function asWritten(id: string, { Type, Properties }: RosResource): RosResource | undefined {
  const app = new core.App({ outdir });
  const stack = new core.Stack(app, 'stack');
  new (classOf(Type))(stack, id, camelCased(Properties) as object, true);
  return stack.resolve(stack._toRosTemplate()).Resources[id];
}

const full = deploymentWith({
  LEASEHOLD_ALARM_CONTACTS: 'on-call, security',
  LEASEHOLD_EVIDENCE_RETENTION_DAYS: '365',
});
const templates = full.steps.flatMap((step) => (step.kind === 'stack' ? [step.toDeploy] : []));
const resources = templates.flatMap(({ template }) => Object.entries(template.Resources));
const ofType = (type: string) =>
  resources.filter(([, { Type }]) => Type === type).map(([, one]) => one.Properties);

describe.each(resources)('resource %s', (id, resource) => {
  it('is of a type that the vendor describes, with properties that it takes, and no other', () => {
    expect(asWritten(id, resource)?.Properties).toEqual(resource.Properties);
  });
});

describe('a value that a type does not take', () => {
  it.each([
    ['a number for a name', { RoleName: 5 }],
    ['no name', { RoleName: undefined }],
    ['a session of no length', { MaxSessionDuration: 1 }],
  ])('is seen by this check: %s', (_, change) => {
    const role = resources.find(([, { Type }]) => Type === 'ALIYUN::RAM::Role')?.[1] as RosResource;
    expect(() => asWritten('Role', { ...role, Properties: { ...role.Properties, ...change } })).toThrow();
  });
});

describe.each(templates)('the template of $name', ({ template }) => {
  it('is one that Resource Orchestration takes: ids, dependencies, and size', () => {
    const ids = Object.keys(template.Resources);
    expect(ids.filter((id) => !/^[A-Za-z][A-Za-z0-9]*$/.test(id))).toEqual([]);
    for (const { DependsOn = [] } of Object.values(template.Resources))
      for (const id of DependsOn) expect(ids).toContain(id);
    expect(ids.length).toBeLessThanOrEqual(300);
    expect(JSON.stringify(template, null, 2).length).toBeLessThanOrEqual(524_288);
  });
});

describe('the templates', () => {
  it('hold every rule with its pattern, target and dead-letter queue as triggers.yaml has it', () => {
    const answers = full.rules.filter(({ byItself }) => byItself === true);
    const startsFlows = full.rules.filter(({ byItself }) => byItself !== true);
    expect(
      ofType('ALIYUN::EventBridge::Rule').map((rule) => ({
        bus: rule['EventBusName'],
        name: rule['RuleName'],
        description: rule['Description'],
        pattern: JSON.stringify(rule['FilterPattern']),
        target: (rule['Targets'] as readonly unknown[])[0],
      })),
    ).toEqual([...startsFlows, ...answers].map(({ byItself: _, ...rule }) => rule));
    const withoutQueue = full.rules.filter(({ target }) => target.DeadLetterQueue === undefined);
    expect(withoutQueue.map(({ bus }) => bus)).toEqual([full.deadLetterBus]);
  });
  it('hold every role with its policy, and the two stops attached to nothing', () => {
    const policies = ofType('ALIYUN::RAM::ManagedPolicy');
    expect(ofType('ALIYUN::RAM::Role').map((role) => role['RoleName'])).toEqual(
      full.roles.map(({ name }) => name),
    );
    for (const { name, document } of full.roles)
      expect(policies).toContainEqual(
        expect.objectContaining({ PolicyName: name, Roles: [name], PolicyDocument: JSON.parse(document) }),
      );
    const stops = policies.filter((policy) => policy['Roles'] === undefined);
    expect(stops.map((stop) => stop['PolicyName'])).toEqual(full.stops.map(({ name }) => name));
    for (const { PolicyDocument } of stops)
      expect(PolicyDocument).toMatchObject({
        Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'] }],
      });
    for (const { AssumeRolePolicyDocument } of ofType('ALIYUN::RAM::Role'))
      expect(AssumeRolePolicyDocument).toMatchObject({
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole' }],
      });
  });
  it('hold policies that are short enough for RAM', () => {
    for (const { document } of full.roles) expect(document.length).toBeLessThanOrEqual(6144);
  });
  it('make a role after those that its trust policy names', () => {
    const after = resources.flatMap(([, { DependsOn = [], Properties, Type }]) =>
      Type === 'ALIYUN::RAM::Role' && DependsOn.length > 0 ? [[Properties['RoleName'], DependsOn]] : [],
    );
    const ids = (name: string) => resources.find(([, one]) => one.Properties['RoleName'] === name)?.[0];
    const trusting = full.roles.flatMap(({ name, trust }) => {
      const named = full.roles.filter((one) => trust.includes(`:role/${one.name}"`));
      return named.length === 0 ? [] : [[name, named.map((one) => ids(one.name))]];
    });
    expect(after.length).toBeGreaterThan(0);
    expect(after).toEqual(trusting);
  });
  it('have every rule on, stopped by no event that fails, and keep logs for as many days as is said', () => {
    for (const { Status, Targets } of ofType('ALIYUN::EventBridge::Rule'))
      expect({ Status, Targets }).toMatchObject({ Status: 'ENABLE', Targets: [{ ErrorsTolerance: 'ALL' }] });
    const kept = full.logstores.map(({ logstore, days }) => [logstore, days]);
    expect(ofType('ALIYUN::SLS::Logstore').map(({ LogstoreName, TTL }) => [LogstoreName, TTL])).toEqual(kept);
  });
  it('keep the buckets when they go, to nobody but their owner, never version one, and lock the evidence only when told to', () => {
    const bucketsAndLocks = resources.flatMap(([, one]) => (one.Type.includes('::OSS::') ? [one] : []));
    expect(bucketsAndLocks.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(
      bucketsAndLocks.map(() => 'Retain'),
    );
    for (const bucket of ofType('ALIYUN::OSS::Bucket')) {
      expect(bucket).toMatchObject({ AccessControl: 'private', BlockPublicAccess: true });
      expect(bucket).not.toHaveProperty('VersioningConfiguration');
    }
    expect(ofType('ALIYUN::OSS::BucketWorm')).toEqual([
      { Bucket: 'leasehold-evidence', RetentionPeriodInDays: 365 },
    ]);
    expect(JSON.stringify(deploymentWith().steps)).not.toContain('BucketWorm');
  });
  it('leave alarms to a command, with somebody to tell; there are none when there is nobody', () => {
    expect(JSON.stringify(templates)).not.toContain('::CMS::');
    expect(full.alarms.map(({ name }) => name)).toEqual(full.alarmNames);
    expect(full.alarms.map(({ contacts }) => contacts)).toEqual(
      full.alarms.map(() => ['on-call', 'security']),
    );
    expect(deploymentWith().alarms).toEqual([]);
    expect(deploymentWith().alarmNames).toEqual(full.alarmNames);
    expect(() => deploymentWith({ LEASEHOLD_ALARM_CONTACTS: 'on-call,' })).toThrow(
      'LEASEHOLD_ALARM_CONTACTS',
    );
  });
  it('are of one product each, but for rights and logs, since ROS takes a whole stack back where one thing in it is refused', () => {
    const kindsIn = templates.map(({ template }) => [
      ...new Set(Object.values(template.Resources).map(({ Type }) => Type.split('::')[1])),
    ]);
    expect(kindsIn).toEqual([['OSS'], ['RAM', 'SLS'], ['EventBridge'], ['EventBridge']]);
  });
  it('hold apart the one rule whose pattern names more than five values of a field', () => {
    const valuesIn = ({ pattern }: { readonly pattern: string }) =>
      Object.values(JSON.parse(pattern) as Readonly<Record<string, unknown>>).map((field) => {
        const [only] = [field].flat();
        const { 'anything-but': excluded = [] } = Object(only) as { 'anything-but'?: readonly string[] };
        return Math.max([field].flat().length, [excluded].flat().length);
      });
    const isLong = (rule: { readonly pattern: string }) => valuesIn(rule).some((count) => count > 5);
    expect(full.rules.filter(isLong).map(({ name, byItself }) => [name, byItself])).toEqual([
      ['leasehold-not-understood', true],
    ]);
  });
  it('hold alarms about flows and functions that are there, each with a line on what to do', () => {
    const there = [
      ...full.flows.map(({ name }) => name),
      ...full.functions.map(({ functionName }) => functionName),
    ];
    const about = full.alarms.flatMap(({ resources: all }) =>
      all.flatMap(({ flowName, functionName }) => flowName ?? functionName ?? []),
    );
    expect(about.filter((name) => !there.includes(name))).toEqual([]);
    expect(about.length).toBeGreaterThan(2);
    const readme = readFileSync('workflows/README.md', 'utf8');
    const names = full.alarms.map(({ name }) => name.replace(/^leasehold-/, ''));
    expect(names.filter((name) => !readme.includes(`| \`${name}\``))).toEqual([]);
  });
});

/**
 * Properties that an update cannot change, of those that are not in a resource's own id. Replacing is off where nobody asks for it, so
 * that the update of the whole stack is refused. Sources: "Editable" on the ROS pages of the types, UpdateStack `ReplacementOption`.
 */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  'ALIYUN::RAM::Role': ['RoleName', 'Description'],
  'ALIYUN::RAM::ManagedPolicy': ['PolicyName', 'Description', 'Roles'],
  'ALIYUN::OSS::Bucket': ['BucketName'],
  'ALIYUN::OSS::BucketWorm': ['Bucket'],
  'ALIYUN::SLS::Project': ['Name', 'Description'],
  'ALIYUN::SLS::Logstore': ['ProjectName', 'LogstoreName', 'AppendMeta'],
  'ALIYUN::SLS::Index': ['ProjectName', 'LogstoreName'],
  'ALIYUN::EventBridge::Rule': ['EventBusName', 'RuleName'],
};
const fixedOf = ({ Type, Properties }: RosResource) => (FIXED[Type] ?? []).map((name) => Properties[name]);

describe('what no update of a stack can change', () => {
  it('is no different under the same id, whatever may be set otherwise', () => {
    const before = Object.fromEntries(resources);
    const others = deploymentWith({
      LEASEHOLD_INDEX_BUCKET: 'other-index',
      LEASEHOLD_LOG_PROJECT: 'other-logs',
      LEASEHOLD_LOG_DAYS: '30',
      LEASEHOLD_EVIDENCE_RETENTION_DAYS: '730',
    }).steps.flatMap((step) =>
      step.kind === 'stack' ? Object.entries(step.toDeploy.template.Resources) : [],
    );
    const same = others.filter(([id]) => before[id] !== undefined);
    expect(same.length).toBeGreaterThan(20);
    for (const [id, resource] of same) expect([id, fixedOf(resource)]).toEqual([id, fixedOf(before[id]!)]);
  });
  it('is no different in a later version: how roles, policies and logs are described', () => {
    const described = resources.filter(([, { Type }]) => FIXED[Type]?.includes('Description'));
    expect([...new Set(described.map(([, { Properties }]) => Properties['Description']))].sort()).toEqual([
      'Leasehold',
      'Leasehold stop for ended contracts. Nothing but the end of removal detaches it.',
      'Leasehold stop for suspended contracts. Attached and detached as a whole; never edited.',
      'Leasehold: what one group of functions may do.',
    ]);
  });
});

describe('what is rendered', () => {
  it('is exactly what the components of s.yaml read', () => {
    const files = full.steps.flatMap((step) =>
      'file' in step ? [step.file.replace('./dist/deploy/', '')] : [],
    );
    expect(Object.keys(renderedFiles(full)).sort()).toEqual(files.sort());
  });
});

describe('a number of days that is none', () => {
  it.each([
    ['LEASEHOLD_EVIDENCE_RETENTION_DAYS', '0'],
    ['LEASEHOLD_EVIDENCE_RETENTION_DAYS', '25551'],
    ['LEASEHOLD_LOG_DAYS', 'for ever'],
  ])('is refused: %s=%s', (name, value) => {
    expect(() => deploymentWith({ [name]: value })).toThrow(name);
  });
});

describe('settings of the deployment that are wrong', () => {
  it('are named together', () => {
    const wrong = {
      LEASEHOLD_FUNCTION_COMPUTE: '4.0',
      LEASEHOLD_EVIDENCE_RETENTION_DAYS: '0',
      LEASEHOLD_LOG_DAYS: 'for ever',
      LEASEHOLD_ALARM_CONTACTS: 'on-call,',
    };
    const named = Object.keys(wrong).map((name) => `(?=.*${name})`);
    expect(() => deploymentWith(wrong)).toThrow(new RegExp(named.join('')));
  });
});
