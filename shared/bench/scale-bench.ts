/** What the embedded cloud costs when it holds much: 10,000 roles with a policy each, 100,000 entries of a register, and a folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bucketsTemplate } from '../app/deployment/ros.js';
import type { Connection } from '../cloud/alibaba/connection.js';
import { makeEvidencePort } from '../cloud/alibaba/oss.js';
import { applyTemplate } from '../cloud/alibaba/stacks.js';
import { type RunningCloud, startCloud } from '../loopback/cloud.js';
import { ossService } from '../loopback/oss/service.js';
import { median } from './policy-bench.js';

const ACCOUNT = '1000000000000001';
const REGION = 'cn-hangzhou';
const ROLES = 10_000;
const ENTRIES = 100_000;
const ROUNDS = 101;

type Params = Readonly<Record<string, string>>;

/** Medians in microseconds, in process: no signature, no HTTP. */
export async function benchRoles(): Promise<Readonly<Record<string, number>>> {
  const running = await startCloud({ switches: { roleQuota: 2 * ROLES, policyQuota: 2 * ROLES } });
  running.accounts.createAccount(ACCOUNT);
  const root = running.accounts.rootOf(ACCOUNT);
  const call = (action: string, params: Params) =>
    running.cloud.call(root, '2015-05-01', action, params, REGION);
  const make = async (n: number): Promise<void> => {
    const [RoleName, PolicyName] = [`lease-${n}`, `lease-${n}-1`];
    await call('CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST });
    await call('CreatePolicy', { PolicyName, PolicyDocument: ALLOW });
    await call('AttachPolicyToRole', { RoleName, PolicyName, PolicyType: 'Custom' });
  };
  for (let n = 0; n < ROLES; n++) await make(n);
  const session = running.cloud.identity.assumeForService(
    ACCOUNT,
    'lease-5000',
    'fc.aliyuncs.com',
    's',
  ).caller;
  let next = ROLES;
  const figures = {
    'role, policy and attachment made': await microseconds(() => make(next++)),
    GetRole: await microseconds(() => call('GetRole', { RoleName: 'lease-5000' })),
    'ListRoles, a page of 100': await microseconds(() => call('ListRoles', { MaxItems: '100' })),
    'decision for a session': await microseconds(async () => {
      running.cloud.identity.demand(session, {
        action: 'oss:GetObject',
        resource: `acs:oss:*:${ACCOUNT}:b/k`,
      });
    }),
  };
  await running.close();
  return figures;
}

/** Medians in microseconds, through the register's own port over HTTP. */
export async function benchRegister(): Promise<Readonly<Record<string, number>>> {
  const running = await startCloud({ services: [ossService] });
  const register = await registerIn(running);
  for (let n = 0; n < ENTRIES; n += 50)
    await Promise.all(Array.from({ length: 50 }, (_, k) => register.create(keyOf(n + k), BODY)));
  let next = ENTRIES;
  const figures = {
    PutObject: await microseconds(() => register.create(keyOf(next++), BODY)),
    GetObject: await microseconds(() => register.read(keyOf(50_000))),
    'ListObjectsV2 of one contract': await microseconds(() => register.list(prefixOf(40_000))),
  };
  await running.close();
  return figures;
}

/** Medians in microseconds of one write that is answered only when it was synced, and milliseconds of a restart. */
export async function benchFolder(): Promise<Readonly<Record<string, number>>> {
  const data = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
  try {
    const running = await startCloud({ services: [ossService], data });
    const register = await registerIn(running);
    for (let n = 0; n < 10_000; n += 50)
      await Promise.all(Array.from({ length: 50 }, (_, k) => register.create(keyOf(n + k), BODY)));
    let next = 10_000;
    const synced = await microseconds(() => register.create(keyOf(next++), BODY));
    await running.close();
    const started = performance.now();
    const again = await startCloud({ services: [ossService], data });
    const restarted = Math.round(performance.now() - started);
    await again.close();
    return { 'PutObject, kept': synced, 'restart with 10,000 objects, ms': restarted };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

const TRUST = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
});
const ALLOW = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:GetObject","Resource":"*"}]}';
const BODY = 'x'.repeat(400);

/** Ten entries a contract, written contract by contract in no order of names. */
const prefixOf = (n: number): string => `contracts/C-${(Math.floor(n / 10) * 7919) % 1_000_003}/`;
const keyOf = (n: number): string => `${prefixOf(n)}${String((n % 10) + 1).padStart(8, '0')}.json`;

async function registerIn(running: RunningCloud): Promise<ReturnType<typeof makeEvidencePort>> {
  const connection: Connection = {
    region: REGION,
    owner: ACCOUNT,
    credentials: running.accounts.createAccount(ACCOUNT).rootAccessKey,
    endpoint: running.endpoint,
    timeoutMilliseconds: 60_000,
  };
  await applyTemplate(bucketsTemplate({ buckets: [{ name: 'register' }] }), connection);
  return makeEvidencePort(connection, 'register');
}

async function microseconds(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await work();
    times.push((performance.now() - started) * 1000);
  }
  return Math.round(median(times));
}
