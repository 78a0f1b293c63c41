/** An embedded cloud in which a contract's role can be made without a flow, and a folder in which its partner works. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { openTrust } from '../../shared/app/plan/trust.js';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { makeVirtualClock, type VirtualClock } from '../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { type EventBridgeParts, eventBridgeService } from '../../shared/loopback/eventbridge/service.js';
import { sampleSeed } from '../../shared/loopback/products/seed.js';
import { productsService } from '../../shared/loopback/products/service.js';
import { EXTERNAL_ID } from './hand-overs.js';
import { NOW, OWNER, PARTNER, REGION } from './requests.js';

const HERE = dirname(fileURLToPath(import.meta.url));

export interface Run {
  readonly status: number;
  readonly output: string;
}
export interface LeaseWorld {
  readonly running: RunningCloud;
  readonly clock: VirtualClock;
  readonly bridge: EventBridgeParts;
  /** Keys of an administrator of the partner's account. */
  readonly administrator: Readonly<Record<string, string>>;
  /** Where the partner's files are, and its commands run. */
  readonly folder: string;
  call(accountId: string, action: string, params: Readonly<Record<string, string>>): Promise<unknown>;
  /** The role of the contract, with its policies, opened to the partner. */
  makeLease(request: OnboardingRequest): Promise<void>;
  write(file: string, text: string): void;
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run>;
  close(): Promise<void>;
}

export async function startLeaseWorld(): Promise<LeaseWorld> {
  let bridge: EventBridgeParts | undefined;
  const clock = makeVirtualClock({ startAt: Date.parse(NOW) });
  const running = await startCloud({
    clock,
    services: [
      (cloud) => productsService(cloud, sampleSeed(OWNER)),
      (cloud) => {
        bridge = eventBridgeService(cloud);
        return bridge;
      },
    ],
  });
  if (bridge === undefined) throw new Error('EventBridge was not started');
  const { accounts, cloud } = running;
  accounts.createAccount(OWNER);
  accounts.createAccount(PARTNER);
  const keys = accounts.createUser(PARTNER, 'administrator');
  const call: LeaseWorld['call'] = (accountId, action, params) =>
    cloud.call(accounts.rootOf(accountId), '2015-05-01', action, params, REGION);
  await call(PARTNER, 'AttachPolicyToUser', {
    PolicyType: 'System',
    PolicyName: 'AdministratorAccess',
    UserName: 'administrator',
  });
  await cloud.call(
    accounts.rootOf(OWNER),
    '2020-04-01',
    'CreateEventBus',
    { EventBusName: 'orders' },
    REGION,
  );
  const folder = makeFolder();
  const base = {
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    HOME: folder,
    EMBEDDED_CLOUD: running.endpoint,
  };
  return {
    running,
    clock,
    bridge,
    folder,
    administrator: {
      ALIBABA_CLOUD_ACCESS_KEY_ID: keys.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: keys.accessKeySecret,
    },
    call,
    makeLease: (request) => makeLease(request, call),
    write: (file, text) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    run: (command, args, env = {}) =>
      new Promise((resolve) => {
        execFile(command, args, { cwd: folder, env: { ...base, ...env } }, (error, stdout, stderr) =>
          resolve({ status: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
        );
      }),
    close: async () => {
      rmSync(folder, { recursive: true, force: true });
      await running.close();
    },
  };
}

/** With the packages that are installed here, and the `aliyun` command. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'partner-'));
  for (const name of ['bin', 'node_modules']) mkdirSync(join(folder, name));
  for (const scope of ['@alicloud', '@darabonba'])
    symlinkSync(join(HERE, '../../node_modules', scope), join(folder, 'node_modules', scope));
  // In one piece, since it is started a hundred times: to find and load its packages takes as long as all else that it does. Outside
  // of packages newer Node.js would tell of each deprecated call that they make.
  buildSync({
    entryPoints: [join(HERE, 'partner', 'aliyun.mjs')],
    outfile: join(folder, 'bin', 'aliyun.cjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    logLevel: 'error',
  });
  const command = join(folder, 'bin', 'aliyun');
  writeFileSync(
    command,
    `#!/bin/sh\nexec '${process.execPath}' --no-deprecation '${join(folder, 'bin', 'aliyun.cjs')}' "$@"\n`,
  );
  chmodSync(command, 0o755);
  return folder;
}

async function makeLease(request: OnboardingRequest, call: LeaseWorld['call']): Promise<void> {
  const plan = planAccess(request, OWNER);
  await call(OWNER, 'CreateRole', {
    RoleName: 'verifier',
    AssumeRolePolicyDocument: openTrust({ waysIn: [] }, '', {
      roleArns: [`acs:ram::${OWNER}:root`],
      externalId: 'v1',
    }),
  });
  const verifier = { roleArns: [`acs:ram::${OWNER}:role/verifier`], externalId: 'v1' };
  await call(OWNER, 'CreateRole', {
    RoleName: plan.roleName,
    AssumeRolePolicyDocument: openTrust(plan, EXTERNAL_ID, verifier),
  });
  for (const { name, text } of plan.policies) {
    await call(OWNER, 'CreatePolicy', { PolicyName: name, PolicyDocument: text });
    await call(OWNER, 'AttachPolicyToRole', {
      PolicyType: 'Custom',
      PolicyName: name,
      RoleName: plan.roleName,
    });
  }
}

export const isInstalled = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { env: { ...process.env, CHECKPOINT_DISABLE: '1' } }).status === 0;

export const REDIRECT = join(HERE, 'partner', 'redirect.mjs');
