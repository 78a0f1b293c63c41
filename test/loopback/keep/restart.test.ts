import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OSS from 'ali-oss';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HandOver } from '../../../shared/app/hand-over/hand-over.js';
import { OWNER, PARTNER, REGION } from '../../support/requests.js';
import { connectionsAreGone, startWorld, type World } from '../../support/world.js';
import { callProduct } from '../product-clients.js';

let folder: string;
let current: string;
let restarts = 0;
let world: World | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-restart-'));
});
afterEach(async () => {
  await world?.cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (data: string, startAt?: number): Promise<World> => {
  current = join(folder, data);
  world = await startWorld({
    runner: 'in-process',
    data: current,
    ...(startAt === undefined ? {} : { startAt }),
  });
  return world;
};
/** Keeps what a process would find that began now, after this one was killed. */
function copyTo(data: string): void {
  const [from, to] = [current, join(folder, data)];
  mkdirSync(join(to, 'bytes'), { recursive: true });
  copyFileSync(join(from, 'journal'), join(to, 'journal'));
  for (const file of readdirSync(join(from, 'bytes')))
    linkSync(join(from, 'bytes', file), join(to, 'bytes', file));
}
/** Kills the cloud, as far as its folder can tell, and starts another on what it left. */
async function restart(before: World): Promise<World> {
  await before.cloud.saved();
  const next = `${++restarts}`;
  copyTo(next);
  await before.cloud.close();
  await connectionsAreGone();
  return start(next, before.clock.now());
}
const asRoot = (its: World, version: string, action: string, params: Readonly<Record<string, string>>) =>
  its.cloud.cloud.call(its.cloud.accounts.rootOf(OWNER), version, action, params, REGION);

// Every start evaluates all bundles anew, which is slow on a machine that is busy.
const PATIENCE = { timeout: 60_000 };

describe('a cloud that was killed', PATIENCE, () => {
  it('still has its accounts, keys, roles, policies, attachments, tags and live sessions', async () => {
    const first = await start('data');
    await first.onboard('C-kept');
    const data = (await first.hear('C-kept', 'granted')).data as unknown as HandOver;
    const [person] = await first.partner.accept(data);
    const session = await person?.enter(data);
    if (session === undefined || 'refused' in session) throw new Error('the partner was not let in');
    const ram = async (its: World) => ({
      roles: await asRoot(its, '2015-05-01', 'ListRoles', {}),
      policies: await asRoot(its, '2015-05-01', 'ListPolicies', { PolicyType: 'Custom' }),
      users: await asRoot(its, '2015-05-01', 'ListUsers', {}),
      attached: await asRoot(its, '2015-05-01', 'ListPoliciesForUser', { UserName: 'contract-system' }),
      keys: [its.cloud.root, its.cloud.contractSystem, its.cloud.accounts.keyOf(PARTNER)],
    });
    const before = await ram(first);
    const second = await restart(first);
    expect(await ram(second)).toEqual(before);
    expect(second.cloud.endpoint).toBe(first.cloud.endpoint);
    const topics = { product: 'alikafka', action: 'GetTopicList' } as const;
    const params = { InstanceId: 'alikafka_pre-cn-x1', RegionId: REGION, CurrentPage: '1', PageSize: '10' };
    expect(await callProduct(second.cloud, session, { ...topics, params })).toHaveProperty('TopicList');
    await second.terminate('C-kept');
    await second.hear('C-kept', 'revoked');
    await second.settle();
    expect((await second.contract('C-kept')).state).toBe('ended');
    const third = await restart(second);
    expect(await third.roles()).toEqual([]);
    await expect(callProduct(third.cloud, session, { ...topics, params })).rejects.toMatchObject({
      code: 'InvalidSecurityToken',
    });
  });

  it('still has buckets with objects, headers and retention', async () => {
    const first = await start('data');
    const open = (its: World) =>
      new OSS({ bucket: 'things', region: 'oss-cn-hangzhou', endpoint: its.cloud.origin, ...its.cloud.root });
    await open(first).putBucket('things');
    await open(first).put('a/kept', Buffer.from('kept'), { headers: { 'x-oss-meta-by': 'me' } });
    await open(first).put('a/gone', Buffer.from('gone'));
    await open(first).delete('a/gone');
    await (
      open(first) as unknown as { initiateBucketWorm(name: string, days: string): Promise<unknown> }
    ).initiateBucketWorm('things', '3');
    const second = await restart(first);
    const { content, res } = await open(second).get('a/kept');
    expect([String(content), res.headers]).toMatchObject(['kept', { 'x-oss-meta-by': 'me' }]);
    await expect(open(second).get('a/gone')).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(open(second).put('a/kept', Buffer.from('over'))).rejects.toMatchObject({
      code: 'FileImmutable',
    });
  });

  it('still has the backends of load balancers', async () => {
    const first = await start('data');
    const backends = async (its: World) => {
      const reply = await asRoot(its, '2014-05-15', 'DescribeLoadBalancerAttribute', {
        LoadBalancerId: 'lb-x1',
      });
      return (reply as { readonly BackendServers: unknown }).BackendServers;
    };
    const servers = { LoadBalancerId: 'lb-x1', BackendServers: '[{"ServerId":"i-x1","Weight":7}]' };
    await asRoot(first, '2014-05-15', 'AddBackendServers', servers);
    const second = await restart(first);
    expect(await backends(second)).toEqual({ BackendServer: [{ ServerId: 'i-x1', Weight: 7, Type: 'ecs' }] });
  });
});

describe('an onboarding in the midst of which the cloud was killed', PATIENCE, () => {
  it('is granted after the restart, wherever it was', async () => {
    const first = await start('data');
    const copies: { readonly data: string; readonly at: number }[] = [];
    const undo = first.cloud.cloud.faults.add({
      after: async (call) => {
        if (call.callerArn?.includes('leasehold-fn-') !== true && call.product !== 'oss') return;
        await first.cloud.saved();
        const data = `copy-${copies.length}`;
        copyTo(data);
        copies.push({ data, at: first.clock.now() });
      },
    });
    await first.onboard('C-torn');
    await first.hear('C-torn', 'granted');
    undo();
    await first.cloud.close();
    await connectionsAreGone();
    expect(copies.length).toBeGreaterThan(20);
    for (const { data, at } of copies.filter((_, n) => n % 9 === 0)) {
      const next = await start(data, at);
      await next.settle();
      expect([data, (await next.contract('C-torn')).state, (await next.roles()).length]).toEqual([
        data,
        'active',
        1,
      ]);
      await next.cloud.close();
      await connectionsAreGone();
    }
  });
});
