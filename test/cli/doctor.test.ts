import * as Fc from '@alicloud/fc20230330';
import OSS from 'ali-oss';
import { strToU8, zipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { zipBundle } from '../../shared/cli/embedded/bundles.js';
import { deployAll } from '../../shared/cli/embedded/deploy.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { makeStsPort } from '../../shared/cloud/alibaba/sts.js';
import type { DeploymentStep, FunctionToDeploy } from '../../shared/domain/deployment.js';
import { parseInstant, type RoleName } from '../../shared/domain/values.js';
import { publishedRates } from '../../shared/loopback/rates.js';
import { examine, printedFor, troubles } from '../support/examine.js';
import { fcOf } from '../support/redeploy.js';
import { OWNER, PARTNER, REGION } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const functionNamed = ({ cloud }: World, name: string): FunctionToDeploy => {
  const found = cloud.deployment.functions.find(({ functionName }) => functionName === name);
  if (found === undefined) throw new Error(`${name} is not deployed`);
  return found;
};
const codeOf = (zip: Uint8Array) =>
  new Fc.InputCodeLocation({ zipFile: Buffer.from(zip).toString('base64') });
const call = ({ cloud }: World, version: string, action: string, params: Readonly<Record<string, string>>) =>
  cloud.cloud.call(cloud.accounts.rootOf(OWNER), version, action, params, REGION);
/** Versioning is not in the published types. */
const ossOf = ({ cloud: { root, endpoint } }: World) =>
  new OSS({
    ...root,
    endpoint: `http://${endpoint}`,
    region: `oss-${REGION}`,
    ...({ authorizationV4: true } as object),
  }) as OSS & { putBucketVersioning(name: string, status: string): Promise<unknown> };
const [RAM, EVENTS, FLOWS] = ['2015-05-01', '2020-04-01', '2019-03-15'] as const;

describe('leasehold doctor', () => {
  let world: World;
  /** What puts right again what a test spoiled. */
  let undo: (() => Promise<unknown>)[];
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process' });
  });
  afterAll(() => world?.cloud.close());
  beforeEach(() => {
    undo = [];
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const put of undo.reverse()) await put();
  });
  const redeploy = (isMeant: (step: DeploymentStep) => boolean) => async () => {
    const { deployment, root } = world.cloud;
    await deployAll(
      { ...deployment, steps: deployment.steps.filter(isMeant) },
      world.cloud.connectionOf(root),
    );
  };
  const restOf = redeploy(({ kind }) => kind !== 'function');
  const found = async (options: Parameters<typeof examine>[1] = {}) =>
    troubles(await examine(world, options));

  it('names nothing on a healthy deployment but what this cloud cannot show, and ends with 0', async () => {
    const examined = await examine(world);
    expect(examined.findings.map(({ severity, code, what }) => `${severity} ${code} ${what}`)).toEqual([
      'note COULD_NOT_LOOK stack leasehold-buckets, with its logs',
      'note COULD_NOT_LOOK stack leasehold-rights, with its logs',
      'note COULD_NOT_LOOK stack leasehold-events, with its logs',
      'note COULD_NOT_LOOK stack leasehold-answers, with its logs',
      'note NO_ALARMS alarms',
    ]);
    expect(examined.code).toBe(0);
  });

  it('names what a call needs and is not set, and looks at nothing then', async () => {
    const since = world.cloud.calls.length;
    const { findings, code } = await examine(world, { keys: { accessKeyId: 'id', accessKeySecret: '' } });
    expect(code).toBe(2);
    expect(findings).toEqual([
      expect.objectContaining({
        code: 'NO_CREDENTIALS',
        next: expect.stringMatching(/^set ALIBABA_CLOUD_ACCESS_KEY_SECRET;/),
      }),
    ]);
    expect(world.cloud.calls.length).toBe(since);
  });

  it('finds nothing at the rates at which the cloud takes calls either', async () => {
    const stop = world.cloud.cloud.faults.add(publishedRates());
    undo.push(async () => stop());
    const { text, code } = await printedFor(world);
    expect(text).toMatch(/\n\nnothing is wrong of what could be seen; 5 notes$/);
    expect(code).toBe(0);
  });

  it('grants and changes nothing by looking', async () => {
    const since = world.cloud.calls.length;
    await examine(world);
    const calls = world.cloud.calls.slice(since);
    expect(calls.length).toBeGreaterThan(100);
    expect(calls.filter(({ effect }) => effect)).toEqual([]);
  });

  it('names all that is set wrong, for the deployment and for its functions, and looks at nothing then', async () => {
    const since = world.cloud.calls.length;
    const env = { LEASEHOLD_LOG_DAYS: 'for ever', LEASEHOLD_APPROVERS: '{', LEASEHOLD_ON_DRIFT: 'panic' };
    const { findings, code } = await examine(world, { env });
    expect(code).toBe(2);
    expect(findings.map((finding) => [finding.code, finding.seen.split(' ', 1)[0]])).toEqual(
      Object.keys(env).map((name) => ['BAD_CONFIGURATION', name]),
    );
    expect(world.cloud.calls.length).toBe(since);
  });

  it('says what to do in every finding', async () => {
    const { findings } = await examine(world, {
      keys: world.cloud.accounts.createUser(OWNER, 'sees-nothing'),
    });
    for (const { seen, next } of findings) {
      expect(seen).not.toBe('');
      expect(next).not.toBe('');
    }
  });

  it('names a function that is missing', async () => {
    undo.push(redeploy(({ kind }) => kind === 'function'));
    await fcOf(world).deleteFunction('leasehold-cut-access');
    expect(await found()).toEqual(['FUNCTION_MISSING function leasehold-cut-access']);
  });

  it('names a flow that is missing', async () => {
    undo.push(restOf);
    await call(world, FLOWS, 'DeleteFlow', { Name: 'leasehold-expiry' });
    expect(await found()).toEqual(['FLOW_MISSING flow leasehold-expiry']);
  });

  it('names a rule that is missing', async () => {
    undo.push(restOf);
    await call(world, EVENTS, 'DeleteRule', { EventBusName: 'leasehold', RuleName: 'leasehold-sweep' });
    expect(await found()).toEqual(['RULE_MISSING rule leasehold-sweep on bus leasehold']);
  });

  it('names a role that is missing', async () => {
    undo.push(restOf);
    const name = 'leasehold-fn-report' as RoleName;
    await world.ram().detach(name, { policy: { type: 'Custom', name } });
    await world.ram().deleteRole(name);
    expect(await found()).toEqual(['ROLE_MISSING role leasehold-fn-report']);
  });

  it('names a clock that is missing', async () => {
    undo.push(restOf);
    await call(world, EVENTS, 'DeleteEventSource', {
      EventBusName: 'leasehold',
      EventSourceName: 'leasehold-hourly',
    });
    expect(await found()).toEqual(['SCHEDULE_MISSING clock leasehold-hourly on bus leasehold']);
  });

  it('names a flow that was edited in the console, and where', async () => {
    const flow = world.cloud.deployment.flows.find(({ name }) => name === 'leasehold-revocation')!;
    const update = (Definition: string) =>
      call(world, FLOWS, 'UpdateFlow', { Name: flow.name, Definition, Type: 'FDL' });
    undo.push(() => update(flow.definition));
    await update(`${flow.definition}# harmless?\n`);
    const examined = await examine(world);
    expect(troubles(examined)).toEqual(['FLOW_EDITED flow leasehold-revocation']);
    expect(examined.findings[0]?.seen).toContain('# harmless?');
    expect(examined.code).toBe(2);
  });

  it('names a rule that is switched off', async () => {
    const rule = { EventBusName: 'leasehold', RuleName: 'leasehold-contract-terminated' };
    undo.push(() => call(world, EVENTS, 'EnableRule', rule));
    await call(world, EVENTS, 'DisableRule', rule);
    expect(await found()).toEqual(['RULE_DISABLED rule leasehold-contract-terminated on bus leasehold']);
  });

  it('names a pattern that lets other events in', async () => {
    const rule = { EventBusName: 'leasehold', RuleName: 'leasehold-contract-terminated' };
    const { pattern } = world.cloud.deployment.rules.find(({ name }) => name === rule.RuleName)!;
    undo.push(() => call(world, EVENTS, 'UpdateRule', { ...rule, FilterPattern: pattern }));
    await call(world, EVENTS, 'UpdateRule', { ...rule, FilterPattern: '{"type":["nothing"]}' });
    expect(await found()).toEqual(['RULE_PATTERN rule leasehold-contract-terminated on bus leasehold']);
  });

  it('names a target without its retries and dead letters, and one that is a stranger', async () => {
    const rule = { EventBusName: 'leasehold', RuleName: 'leasehold-contract-terminated' };
    const { target } = world.cloud.deployment.rules.find(({ name }) => name === rule.RuleName)!;
    const put = (...targets: readonly object[]) =>
      call(world, EVENTS, 'PutTargets', { ...rule, Targets: JSON.stringify(targets) });
    undo.push(() => call(world, EVENTS, 'DeleteTargets', { ...rule, TargetIds: '["stranger"]' }));
    undo.push(() => put(target));
    const { DeadLetterQueue: _, ...without } = target;
    await put({ ...without, PushRetryStrategy: 'BACKOFF_RETRY' }, { ...target, Id: 'stranger' });
    const on = 'rule leasehold-contract-terminated on bus leasehold';
    expect(await found()).toEqual([`RULE_RETRY ${on}`, `RULE_DEAD_LETTERS ${on}`, `RULE_TARGETS ${on}`]);
  });

  it('names a role with a policy too many', async () => {
    const [name, policy] = [
      'leasehold-fn-sweep' as RoleName,
      { type: 'System', name: 'AliyunRAMFullAccess' } as const,
    ];
    undo.push(() => world.ram().detach(name, { policy }));
    await world.ram().attach(name, { policy });
    const examined = await examine(world);
    expect(troubles(examined)).toEqual(['ROLE_EXTRA_POLICY role leasehold-fn-sweep']);
    expect(examined.findings[0]?.seen).toContain('AliyunRAMFullAccess');
  });

  it('names a role whose policy or trust is wider', async () => {
    const role = world.cloud.deployment.roles.find(({ name }) => name === 'leasehold-fn-sweep')!;
    const name = role.name as RoleName;
    undo.push(() => world.ram().setPolicyDocument(name, role.document));
    undo.push(() => world.ram().setTrust(name, role.trust));
    const all = { Version: '1', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    await world.ram().setPolicyDocument(name, JSON.stringify(all));
    const anyone = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { RAM: [`acs:ram::${PARTNER}:root`] },
    };
    await world.ram().setTrust(name, JSON.stringify({ Version: '1', Statement: [anyone] }));
    expect(await found()).toEqual([
      'ROLE_TRUST role leasehold-fn-sweep',
      'ROLE_POLICY role leasehold-fn-sweep',
    ]);
  });

  it('names a stop that was edited', async () => {
    const stop = world.cloud.deployment.stops[0]!;
    undo.push(() => world.ram().setPolicyDocument(stop.name, stop.document));
    const some = { Version: '1', Statement: [{ Effect: 'Deny', Action: ['ecs:*'], Resource: ['*'] }] };
    await world.ram().setPolicyDocument(stop.name, JSON.stringify(some));
    expect(await found()).toEqual([`STOP_EDITED stop ${stop.name}`]);
  });

  it('names a bundle of another version', async () => {
    const toDeploy = functionNamed(world, 'leasehold-grant-access');
    const update = (zip: Uint8Array) =>
      fcOf(world).updateFunction(
        toDeploy.functionName,
        new Fc.UpdateFunctionRequest({ body: new Fc.UpdateFunctionInput({ code: codeOf(zip) }) }),
      );
    undo.push(() => update(zipBundle(toDeploy)));
    await update(zipSync({ 'index.js': strToU8('exports.handler = async () => ({});') }));
    const examined = await examine(world);
    expect(troubles(examined)).toEqual(['FUNCTION_CODE function leasehold-grant-access']);
    expect(examined.findings[0]?.seen).toContain('index.js is another than the one built here');
  });

  it('names an environment variable that was changed, and not its value', async () => {
    const { functionName, environmentVariables } = functionNamed(world, 'leasehold-find-drift');
    const update = (changes: Readonly<Record<string, string>>) =>
      fcOf(world).updateFunction(
        functionName,
        new Fc.UpdateFunctionRequest({
          body: new Fc.UpdateFunctionInput({ environmentVariables: { ...environmentVariables, ...changes } }),
        }),
      );
    undo.push(() => update({}));
    await update({ LEASEHOLD_ON_DRIFT: 'heal', BY_HAND: 'not-to-be-shown' });
    const examined = await examine(world);
    expect(troubles(examined)).toEqual([`FUNCTION_ENVIRONMENT function ${functionName}`]);
    expect(examined.findings[0]?.seen).toMatch(/BY_HAND, LEASEHOLD_ON_DRIFT$/);
    expect(JSON.stringify(examined)).not.toContain('not-to-be-shown');
  });

  it('names what a function may use, where it logs and what it runs under, where that was changed', async () => {
    const { functionName, memorySize, cpu, diskSize, timeout, role, logs } = functionNamed(
      world,
      'leasehold-find-drift',
    );
    const arnOf = (name: string) => `acs:ram::${OWNER}:role/${name}`;
    const update = (changes: object) =>
      fcOf(world).updateFunction(
        functionName,
        new Fc.UpdateFunctionRequest({
          body: new Fc.UpdateFunctionInput(changes as Record<string, unknown>),
        }),
      );
    undo.push(() => update({ memorySize, cpu, diskSize, timeout, role: arnOf(role), logConfig: logs }));
    await update({
      ...{ memorySize: 1024, cpu: 1, diskSize: 10_240, timeout: 3 },
      ...{ role: arnOf('leasehold-fn-grant'), logConfig: { project: '', logstore: '' } },
    });
    const { findings } = await examine(world);
    expect(findings.find(({ code }) => code === 'FUNCTION_SETTINGS')?.seen).toBe(
      `memorySize is 1024 instead of ${memorySize}; timeout is 3 instead of ${timeout}; cpu is 1 instead of ${cpu}; diskSize is 10240 instead of ${diskSize}`,
    );
    expect(await found()).toEqual([
      `FUNCTION_SETTINGS function ${functionName}`,
      `FUNCTION_LOGS function ${functionName}`,
      `FUNCTION_ROLE function ${functionName}`,
    ]);
  });

  it('names a function under our prefix that nothing deploys, unless it is of another stage', async () => {
    const { runtime, handler } = functionNamed(world, 'leasehold-find-drift');
    const make = (functionName: string, environmentVariables: Record<string, string>) => {
      undo.push(() => fcOf(world).deleteFunction(functionName));
      const code = codeOf(zipSync({ 'index.js': strToU8('') }));
      const body = new Fc.CreateFunctionInput({ functionName, runtime, handler, environmentVariables, code });
      return fcOf(world).createFunction(new Fc.CreateFunctionRequest({ body }));
    };
    await make('leasehold-old-step', {});
    await make('leasehold-staging-find-drift', { LEASEHOLD_PREFIX: 'leasehold-staging' });
    expect(await found()).toEqual(['FUNCTION_EXTRA function leasehold-old-step']);
  });

  it('names credentials of the wrong account, and looks no further', async () => {
    const since = world.cloud.calls.length;
    expect(await found({ keys: world.cloud.accounts.keyOf(PARTNER)! })).toEqual([
      'WRONG_ACCOUNT credentials',
    ]);
    expect(world.cloud.calls.slice(since).map(({ action }) => action)).toEqual(['GetCallerIdentity']);
  });

  it('takes temporary keys too, and prints nothing beside its findings', async () => {
    const role = 'operators-of-leasehold' as RoleName;
    const ours = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { RAM: [`acs:ram::${OWNER}:root`] },
    };
    const trust = JSON.stringify({ Version: '1', Statement: [ours] });
    const policy = { type: 'System', name: 'AdministratorAccess' } as const;
    undo.push(() => world.ram().deleteRole(role));
    await world.ram().createRole({ name: role, trust, description: '', maxSessionSeconds: 3600, tags: {} });
    undo.push(() => world.ram().detach(role, { policy }));
    await world.ram().attach(role, { policy });
    const { cloud } = world;
    const user = cloud.accounts.createUser(OWNER, 'operator-of-leasehold');
    const may = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' };
    await call(world, RAM, 'CreatePolicy', {
      PolicyName: 'may-operate',
      PolicyDocument: JSON.stringify({ Version: '1', Statement: [may] }),
    });
    await call(world, RAM, 'AttachPolicyToUser', {
      PolicyType: 'Custom',
      PolicyName: 'may-operate',
      UserName: 'operator-of-leasehold',
    });
    const opened = await makeStsPort(cloud.connectionOf(user)).assume({
      roleArn: `acs:ram::${OWNER}:role/${role}`,
      sessionName: 'doctor',
      seconds: 900,
    });
    if (opened.outcome !== 'opened') throw new Error(`no session: ${opened.code}`);
    const beside = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
    expect(await found({ keys: opened.session })).toEqual([]);
    for (const spy of beside) expect(spy).not.toHaveBeenCalled();
  });

  it('names a key that is refused', async () => {
    const wrong = { ...world.cloud.root, accessKeySecret: 'wrong' };
    expect(await found({ keys: wrong })).toEqual(['CREDENTIALS_REFUSED credentials']);
  });

  it('tells what a key may not look at, which is never silence', async () => {
    const keys = world.cloud.accounts.createUser(OWNER, 'may-nothing');
    const examined = await examine(world, { keys });
    expect(examined.code).toBe(1);
    const blind = troubles(examined);
    for (const what of ['functions', 'flows', 'event buses', 'rules', 'clocks', 'register', 'names of roles'])
      expect(blind).toContain(`COULD_NOT_LOOK ${what}`);
    expect(blind).toContain('COULD_NOT_LOOK role leasehold-fn-grant');
    expect(blind).toContain('COULD_NOT_LOOK bucket leasehold-evidence');
    expect(blind.every((one) => one.startsWith('COULD_NOT_LOOK'))).toBe(true);
  });

  it('names a clock that is off', async () => {
    const now = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 20 * 60_000);
    const examined = await examine(world);
    expect(troubles(examined)).toContain('CLOCK_SKEW clock of this machine');
    expect(examined.findings.find(({ code }) => code === 'CLOCK_SKEW')?.severity).toBe('error');
  });

  it('names all that is wrong with the configuration, before it calls anybody', async () => {
    const since = world.cloud.calls.length;
    const env = { LEASEHOLD_ON_DRIFT: 'panic', LEASEHOLD_APPROVERS: '{', LEASEHOLD_WARNING_DAYS: 'soon' };
    const { findings, code } = await examine(world, { env });
    expect(code).toBe(2);
    expect(findings.map(({ seen }) => /LEASEHOLD_\w+/.exec(seen)?.[0]).sort()).toEqual(
      Object.keys(env).sort(),
    );
    expect(world.cloud.calls.length).toBe(since);
  });

  it('names a bucket that is missing, and a register that does not answer', async () => {
    undo.push(restOf);
    for (const key of world.objectKeys('leasehold-index', ''))
      world.cloud.objectsOf('leasehold-index').delete(key);
    await ossOf(world).deleteBucket('leasehold-index');
    expect(await found()).toEqual(['BUCKET_MISSING bucket leasehold-index', 'REGISTER_UNREACHABLE register']);
  });

  it('names a rule that would delete facts, or move them to where they cannot be read', async () => {
    const name = 'leasehold-evidence';
    const oss = ossOf(world) as unknown as {
      putBucketLifecycle(bucket: string, rules: readonly object[]): Promise<unknown>;
      deleteBucketLifecycle(bucket: string): Promise<unknown>;
    };
    undo.push(() => oss.deleteBucketLifecycle(name));
    const expiration = { days: 365 };
    await oss.putBucketLifecycle(name, [
      { id: 'yearly', prefix: '', status: 'Enabled', expiration },
      { id: 'off', prefix: 'a/', status: 'Disabled', expiration },
      { id: 'warm', prefix: 'b/', status: 'Enabled', transition: { days: 30, storageClass: 'IA' } },
      {
        id: 'cold',
        prefix: 'contracts/',
        status: 'Enabled',
        transition: { days: 30, storageClass: 'ColdArchive' },
      },
    ]);
    const { findings } = await examine(world);
    const seen = findings.filter(({ code }) => code === 'BUCKET_LIFECYCLE').map((one) => one.seen);
    expect(seen).toEqual([
      expect.stringContaining('rule "yearly" deletes everything in time'),
      expect.stringContaining('rule "cold" archives what begins with contracts/ in time'),
    ]);
  });

  it('says of alarms that nobody answers here, where there should be some', async () => {
    const { findings } = await examine(world, { env: { LEASEHOLD_ALARM_CONTACTS: 'on-call' } });
    expect(findings).toContainEqual(
      expect.objectContaining({ severity: 'note', code: 'COULD_NOT_LOOK', what: 'alarms' }),
    );
    expect(findings.map(({ code }) => code)).not.toContain('NO_ALARMS');
  });

  it('prints for a person what is wrong and what to do', async () => {
    const rule = { EventBusName: 'leasehold', RuleName: 'leasehold-sweep' };
    undo.push(() => call(world, EVENTS, 'EnableRule', rule));
    await call(world, EVENTS, 'DisableRule', rule);
    const { text } = await printedFor(world);
    expect(text).toMatch(
      /^ERROR {3}rule leasehold-sweep on bus leasehold {2}\(RULE_DISABLED\)\n.*switched off.*\n {8}do: switch it on.*\n/,
    );
    expect(text).toMatch(/1 error, 0 warnings, 5 notes\nOn an embedded cloud "leasehold up" deploys.*$/);
  });
});

describe('leasehold doctor, where functions live in services of Function Compute 2.0', () => {
  let world: World;
  beforeAll(async () => {
    // Its time stands still two days ago: what was due since then nobody did.
    world = await startWorld({
      runner: 'in-process',
      env: { LEASEHOLD_FUNCTION_COMPUTE: '2.0' },
      startAt: Date.now() - 2 * 86_400_000,
    });
  });
  afterAll(() => world?.cloud.close());

  it('names nothing on a healthy deployment, and after it what was left undone and a register that is versioned', async () => {
    expect(troubles(await examine(world))).toEqual([]);
    const at = (hours: number) =>
      parseInstant(`${new Date(world.clock.now() + hours * 3_600_000).toISOString().slice(0, 19)}Z`);
    await world.onboard('C-late', { lease: { startsAt: at(-1), expiresAt: at(1) } });
    await world.hear('C-late', 'granted');
    await ossOf(world).putBucketVersioning('leasehold-evidence', 'Enabled');
    const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);
    await index.put(`due/${at(0)}/C-late/of-a-later-version`, '{}');
    expect(troubles(await examine(world))).toEqual([
      'BUCKET_VERSIONED bucket leasehold-evidence',
      'CONTRACT_OVERDUE contract C-late',
      'SWEEP_BEHIND sweep',
      'INDEX_UNKNOWN index',
    ]);
  });
});
