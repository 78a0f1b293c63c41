import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningCloud, startCloud } from '../../../shared/loopback/cloud.js';
import { cloudFlowService } from '../../../shared/loopback/cloudflow/service.js';
import { eventBridgeService } from '../../../shared/loopback/eventbridge/service.js';
import { functionComputeService } from '../../../shared/loopback/function-compute/service.js';
import { keepIn } from '../../../shared/loopback/keep/folder.js';
import { sampleSeed } from '../../../shared/loopback/products/seed.js';
import { productsService } from '../../../shared/loopback/products/service.js';
import { type Replies, type Step, scenario } from '../../contract/clients/scenario.js';
import { OWNER, REGION } from '../../support/requests.js';

type Params = Readonly<Record<string, string>>;

let folder: string;
let cloud: RunningCloud;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-actions-'));
  cloud = await open();
  cloud.accounts.createAccount(OWNER);
  cloud.accounts.createUser(OWNER, 'administrator');
});
afterEach(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (): Promise<RunningCloud> =>
  startCloud({
    data: folder,
    services: [
      (its) => productsService(its, sampleSeed(OWNER)),
      (its) => {
        const functions = functionComputeService(its, { runner: 'in-process' });
        const events = eventBridgeService(its, { functions: () => functions.invoker });
        const flows = cloudFlowService(its, {
          functions: () => functions.invoker,
          events: () => events.publisher,
        });
        const resume = () => {
          events.resume();
          flows.resume();
        };
        return { rpc: [...events.rpc, ...flows.rpc], resume, close: () => functions.close() };
      },
    ],
  });
async function reopen(): Promise<void> {
  await cloud.close();
  cloud = await open();
}

/** As a user, since nobody may assume roles as the account's owner. */
const call = (version: string, action: string, params: Params) =>
  cloud.cloud.call(
    cloud.accounts.userOf(OWNER, 'administrator'),
    version,
    action,
    { RegionId: REGION, ...params },
    REGION,
  );
const ims = (action: string, params: Params) => call('2019-08-15', action, params);
const mayDoAll = () =>
  cloud.cloud.call(
    cloud.accounts.rootOf(OWNER),
    '2015-05-01',
    'AttachPolicyToUser',
    { UserName: 'administrator', PolicyName: 'AdministratorAccess', PolicyType: 'System' },
    REGION,
  );

/** Everything up to the first execution: one that is under way does not stand still while it is looked at. */
function steps(): readonly Step[] {
  const all = scenario({ url: '', tokens: [] });
  return all.slice(
    0,
    all.findIndex(({ action }) => action === 'StartExecution'),
  );
}
const READS = /^(?:Describe|Get|List)/;

describe('a cloud that is closed and opened again on its folder', { timeout: 120_000 }, () => {
  it('answers as before, after each action that there is, and takes the next', async () => {
    await mayDoAll();
    const replies: Record<string, Replies[string]> = {};
    const looks = new Map<string, () => Promise<unknown>>();
    const seen = () =>
      Promise.all(
        [...looks].map(async ([what, look]) => [
          what,
          await look().catch(({ code }: { readonly code: string }) => code),
        ]),
      );
    for (const { version, action, before, params } of steps()) {
      before?.(cloud.accounts);
      const its = typeof params === 'function' ? params(replies) : params;
      replies[action] = (await call(version, action, its)) as Replies[string];
      if (READS.test(action)) looks.set(`${version} ${action}`, () => call(version, action, its));
      const whenOpen = await seen();
      await reopen();
      expect([action, await seen()]).toEqual([action, whenOpen]);
    }
    expect(looks.size).toBeGreaterThan(50);
  });
});

describe('a folder in which an earlier build kept keys and members as what they shared and what was changed', () => {
  const upn = { UserPrincipalName: `carol@${OWNER}.onaliyun.com` };
  const parted = <K, V>(entries: readonly (readonly [K, V])[]) => ({
    shared: new Map(entries.slice(0, 1)),
    changes: new Map(entries.slice(1)),
    size: entries.length,
  });

  it('is opened with all of them, and keeps what is done then', async () => {
    await mayDoAll();
    await ims('CreateUser', { ...upn, DisplayName: 'Carol' });
    await ims('CreateAccessKey', upn);
    await ims('CreateAccessKey', upn);
    for (const name of ['one', 'two']) await ims('CreateGroup', { GroupName: name });
    await ims('AddUserToGroup', { ...upn, GroupName: 'one' });
    const all = async () => [await ims('ListAccessKeys', upn), await ims('ListGroupsForUser', upn)];
    const before = await all();
    await cloud.close();

    const keeper = keepIn(folder);
    for (const [table, field] of [
      ['identity/users', 'accessKeys'],
      ['identity/groups', 'members'],
    ] as const) {
      const kept = keeper.table<Readonly<Record<string, unknown>>>(table);
      for (const [key, value] of [...kept.entries])
        kept.put(key, { ...value, [field]: parted([...(value[field] as ReadonlyMap<string, unknown>)]) });
    }
    await keeper.close();

    cloud = await open();
    expect(await all()).toEqual(before);
    await ims('AddUserToGroup', { ...upn, GroupName: 'two' });
    const { AccessKeys } = (await ims('ListAccessKeys', upn)) as {
      readonly AccessKeys: { readonly AccessKey: readonly { readonly AccessKeyId: string }[] };
    };
    const [{ AccessKeyId = '' } = {}] = AccessKeys.AccessKey;
    await ims('DeleteAccessKey', { ...upn, UserAccessKeyId: AccessKeyId });
    const after = await all();
    expect(JSON.stringify(after)).not.toContain(AccessKeyId);
    await reopen();
    expect(await all()).toEqual(after);
  });
});
