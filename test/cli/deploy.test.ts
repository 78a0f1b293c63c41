import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderedFiles } from '../../shared/app/deployment/rendered.js';
import { deployBeyondStacks } from '../../shared/cli/deploy-beyond-stacks.js';
import { makeProgram } from '../../shared/cli/program.js';
import { makeEventControl } from '../../shared/cloud/alibaba/event-control.js';
import { approvedBy, newSigner } from '../support/approvers.js';
import { deploymentWith } from '../support/deployments.js';
import { OWNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let printed: string[];
beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
const run = async (...words: readonly string[]) =>
  (await makeProgram(words[0])).parseAsync(['node', 'leasehold', ...words]);

describe('leasehold render', () => {
  let out: string;
  beforeEach(() => {
    out = join(mkdtempSync(join(tmpdir(), 'leasehold-render-')), 'deploy');
  });
  afterEach(() => rmSync(join(out, '..'), { recursive: true, force: true }));

  it('writes what the components of s.yaml read, filled in, and nothing beside it', async () => {
    vi.stubEnv('LEASEHOLD_PREFIX', 'lhs-staging');
    await run('render', '--account', OWNER, '--out', out);
    const files = renderedFiles(deploymentWith({ LEASEHOLD_PREFIX: 'lhs-staging' }));
    expect(readdirSync(out).sort()).toEqual(Object.keys(files).sort());
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(join(out, name), 'utf8')).toBe(text);
    expect(files['onboarding.yaml']).toContain(
      `acs:fc:cn-hangzhou:${OWNER}:functions/lhs-staging-admit-request/LATEST`,
    );
  });

  it('is for the account that is named, whatever the environment says', async () => {
    vi.stubEnv('LEASEHOLD_ACCOUNT', '3000000000000003');
    await run('render', '--account', OWNER, '--out', out);
    expect(readFileSync(join(out, 'onboarding.yaml'), 'utf8')).toContain(`cn-hangzhou:${OWNER}:`);
    await expect(run('render', '--account', '1', '--out', out)).rejects.toThrow('LEASEHOLD_ACCOUNT "1"');
  });

  it('leaves what else is in the folder', async () => {
    mkdirSync(out);
    writeFileSync(join(out, 'mine.txt'), 'mine');
    await run('render', '--account', OWNER, '--out', out);
    expect(readFileSync(join(out, 'mine.txt'), 'utf8')).toBe('mine');
  });

  it('writes nothing where the configuration is wrong, and names everything that is', async () => {
    vi.stubEnv('LEASEHOLD_ON_DRIFT', 'panic');
    vi.stubEnv('LEASEHOLD_APPROVERS', '{');
    vi.stubEnv('LEASEHOLD_LOG_DAYS', 'for ever');
    const failed = run('render', '--account', OWNER, '--out', out);
    await expect(failed).rejects.toThrow('LEASEHOLD_ON_DRIFT');
    await expect(failed).rejects.toThrow('LEASEHOLD_APPROVERS');
    await expect(failed).rejects.toThrow('LEASEHOLD_LOG_DAYS');
    expect(existsSync(out)).toBe(false);
  });

  describe('warns', () => {
    const warnings = async (variables: Readonly<Record<string, string>>): Promise<readonly string[]> => {
      const warned: string[] = [];
      vi.spyOn(console, 'error').mockImplementation((line: string) => void warned.push(line));
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
      await run('render', '--account', OWNER, '--out', out);
      return warned;
    };
    const LETS_THROUGH = { LEASEHOLD_AUTO_APPROVAL: '{"maxLeaseSeconds":60}' };

    it('of a variable that nobody reads: what it was meant to say is at its default', async () => {
      const known = { ...LETS_THROUGH, LEASEHOLD_ON_DRIFT: 'heal', LEASEHOLD_OSS: 'internal' };
      expect(await warnings({ ...known, LEASEHOLD_ONDRIFT: 'heal' })).toEqual([
        expect.stringMatching(/^nobody reads LEASEHOLD_ONDRIFT\b/),
      ]);
    });

    it('of a stage that will refuse whatever is asked for', async () => {
      expect(await warnings({})).toEqual([expect.stringContaining('LEASEHOLD_APPROVERS names nobody')]);
      const { LEASEHOLD_APPROVERS = '' } = approvedBy([await newSigner('boss@a.example')]);
      expect(await warnings({ LEASEHOLD_APPROVERS })).toEqual([]);
    });
  });
});

describe('leasehold render --demand-keys', () => {
  let out: string;
  beforeEach(() => {
    out = join(mkdtempSync(join(tmpdir(), 'leasehold-render-')), 'deploy');
    for (const name of ['ALIBABA_CLOUD_ACCESS_KEY_ID', 'AccessKeyID', 'AccessKeySecret'])
      vi.stubEnv(name, '');
  });
  afterEach(() => rmSync(join(out, '..'), { recursive: true, force: true }));
  const render = () => run('render', '--account', OWNER, '--out', out, '--demand-keys');

  it('writes nothing where leasehold deploy, half way through s deploy, would find no keys', async () => {
    await expect(render()).rejects.toThrow('AccessKeyID');
    expect(existsSync(out)).toBe(false);
  });
  it('takes those that Serverless Devs takes from the environment', async () => {
    vi.stubEnv('AccessKeyID', 'id');
    vi.stubEnv('AccessKeySecret', 'secret');
    await render();
    expect(existsSync(out)).toBe(true);
  });
  it('is what s deploy begins with', () => {
    const [first] = deploymentWith().steps;
    expect(first).toEqual({
      kind: 'command',
      run: `node dist/cli/leasehold.js render --demand-keys --account ${OWNER}`,
    });
  });
});

describe('leasehold deploy', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process' });
  });
  afterAll(() => world?.cloud.close());
  const deploy = (...words: readonly string[]) => {
    const { root, endpoint } = world.cloud;
    vi.stubEnv('AccessKeyID', root.accessKeyId);
    vi.stubEnv('AccessKeySecret', root.accessKeySecret);
    return run('deploy', '--account', OWNER, '--endpoint', endpoint, ...words);
  };

  it('finds nothing to do where all is there', async () => {
    await deploy();
    expect(printed).toEqual(['nothing to do: buses and clocks are as they should be']);
  });

  it('puts right what was changed by hand, once, and only says so with --dry-run', async () => {
    const events = makeEventControl(world.cloud.connectionOf(world.cloud.root));
    const [clock] = world.cloud.deployment.schedules;
    if (clock === undefined) throw new Error('there is no clock');
    await events.updateSchedule({ ...clock, cron: '0 0 0 * * *' });
    const line = 'set clock leasehold-every-minute on bus leasehold: 0 * * * * *';
    await deploy('--dry-run');
    await deploy();
    await deploy();
    expect(printed).toEqual([line, line, 'nothing to do: buses and clocks are as they should be']);
    expect(await events.schedules('leasehold')).toContainEqual(clock);
  });
});

describe('functions in services of Function Compute 2.0', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process', env: { LEASEHOLD_FUNCTION_COMPUTE: '2.0' } });
  });
  afterAll(() => world?.cloud.close());

  it('are what the flows call, under their own roles: a contract goes all its way', async () => {
    await world.onboard('C-two');
    await world.hear('C-two', 'granted');
    await world.terminate('C-two');
    await world.hear('C-two', 'revoked');
    const { definition } = world.cloud.deployment.flows[0] ?? { definition: '' };
    expect(definition).toContain(':services/leasehold-fn-admission.LATEST/functions/leasehold-admit-request');
    expect(definition).not.toContain(':functions/leasehold-admit-request/LATEST');
    const callers = new Set(world.cloud.calls.map(({ callerArn }) => callerArn?.split('/')[1]));
    expect(callers).toContain('leasehold-fn-grant');
    expect(callers).toContain('leasehold-fn-revoke');
  });

  it('are written again by the next deployment, under the same names', async () => {
    const steps = await deployBeyondStacks(
      world.cloud.deployment,
      world.cloud.connectionOf(world.cloud.root),
    );
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['updateFunction']));
    expect(steps).toHaveLength(world.cloud.deployment.functions.length);
    await world.onboard('C-again');
    await world.hear('C-again', 'granted');
  });
});
