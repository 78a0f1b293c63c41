import {
  CreateInstanceAccountRequest,
  CreateInstanceAclRequest,
  DeleteInstanceAclRequest,
  GetInstanceAccountRequest,
  GetInstanceAclRequest,
  ListInstanceAccountRequest,
  ListInstanceAclRequest,
  UpdateInstanceAccountRequest,
  UpdateInstanceAclRequest,
} from '@alicloud/rocketmq20220801';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DataPlaneWorld, regionId, rocketmqClient, startDataPlanes } from './data-plane-clients.js';
import { codeOf, ownerId } from './identity-clients.js';
import { userWith } from './product-clients.js';

const instanceId = 'rmq-cn-x1';
const withoutAcl = 'rmq-cn-x2';
const username = 'lh-0011';
const password = 'secret one';

let world: DataPlaneWorld;
let client: ReturnType<typeof rocketmqClient>;
beforeEach(async () => {
  world = await startDataPlanes();
  client = rocketmqClient(world.running.endpoint, world.root);
});
afterEach(() => world.running.close());

const create = (more: object = {}, at = instanceId, as = client) =>
  as.createInstanceAccount(
    at,
    new CreateInstanceAccountRequest({ username, password, remark: 'ours', ...more }),
  );
const update = (more: object) =>
  client.updateInstanceAccount(instanceId, username, new UpdateInstanceAccountRequest(more));
const allow = (more: object = {}, at = instanceId, as = client) =>
  as.createInstanceAcl(
    at,
    username,
    new CreateInstanceAclRequest({
      resourceType: 'Topic',
      resourceName: 'orders',
      actions: ['Pub'],
      decision: 'Allow',
      ...more,
    }),
  );
const removeAcl = (more: object = {}) =>
  client.deleteInstanceAcl(
    instanceId,
    username,
    new DeleteInstanceAclRequest({ resourceType: 'Topic', resourceName: 'orders', ...more }),
  );
const accounts = async (more: object = {}) =>
  (
    await client.listInstanceAccount(
      instanceId,
      new ListInstanceAccountRequest({ accountType: 'CUSTOMER', ...more }),
    )
  ).body?.data;
const acls = async (more: object = {}) =>
  (await client.listInstanceAcl(instanceId, new ListInstanceAclRequest(more))).body?.data;
const use = (does: 'publish' | 'subscribe', topic = 'orders', more: object = {}) => {
  const answer = world.logons.rocketmq5({
    accountId: ownerId,
    region: regionId,
    instanceId,
    username,
    password,
    does,
    topic,
    group: 'GID_globex',
    ...more,
  });
  return answer.outcome === 'allowed' ? 'allowed' : answer.reason;
};

describe('an account of a RocketMQ 5.x instance', () => {
  it('is listed without its password beside the default account, and read with it', async () => {
    await create();
    expect((await accounts())?.list).toMatchObject([
      { username, remark: 'ours', accountStatus: 'ENABLE', accountType: 'CUSTOMER', instanceId },
    ]);
    expect(JSON.stringify(await accounts())).not.toContain(password);
    expect((await accounts({ accountType: 'DEFAULT' }))?.totalCount).toBe(1);
    const { body } = await client.getInstanceAccount(instanceId, new GetInstanceAccountRequest({ username }));
    expect(body?.data).toMatchObject({ username, password });
  });

  it('may do exactly what its ACLs allow', async () => {
    await create();
    expect(use('publish')).toBe('NO_RIGHT');
    await allow();
    expect([use('publish'), use('publish', 'invoices'), use('subscribe')]).toEqual([
      'allowed',
      'NO_RIGHT',
      'NO_RIGHT',
    ]);
    await client.updateInstanceAcl(
      instanceId,
      username,
      new UpdateInstanceAclRequest({ resourceType: 'Topic', resourceName: 'orders', actions: ['Sub'] }),
    );
    expect([use('publish'), use('subscribe')]).toEqual(['NO_RIGHT', 'NO_RIGHT']);
    await allow({ resourceType: 'Group', resourceName: 'GID_globex', actions: ['Sub'] });
    expect([use('subscribe'), use('subscribe', 'orders', { group: 'GID_other' })]).toEqual([
      'allowed',
      'NO_RIGHT',
    ]);
  });

  it('is refused by a Deny', async () => {
    await create();
    await allow({ actions: ['Pub|Sub'], decision: 'Deny' });
    expect(use('publish')).toBe('NO_RIGHT');
  });

  it('is switched off and on, and its password changed', async () => {
    await create();
    await allow();
    await update({ accountStatus: 'DISABLE' });
    expect([use('publish'), (await accounts({ accountStatus: 'DISABLE' }))?.totalCount]).toEqual([
      'ACCOUNT_DISABLED',
      1,
    ]);
    await update({ accountStatus: 'ENABLE', password: 'another' });
    expect([use('publish'), use('publish', 'orders', { password: 'another' })]).toEqual([
      'BAD_CREDENTIALS',
      'allowed',
    ]);
  });

  it('is gone once deleted; its ACLs are not, and are deleted apart', async () => {
    await create();
    await allow();
    await client.deleteInstanceAccount(instanceId, username);
    expect([use('publish'), (await accounts())?.totalCount, (await acls())?.totalCount]).toEqual([
      'BAD_CREDENTIALS',
      0,
      1,
    ]);
    await removeAcl();
    expect((await acls())?.totalCount).toBe(0);
  });

  it('is told apart from what is not there, and from what is there already', async () => {
    expect(await codeOf(update({ remark: 'x' }))).toBe('InstanceAccount.NotExisted');
    expect(await codeOf(client.deleteInstanceAccount(instanceId, username))).toBe(
      'InstanceAccount.NotExisted',
    );
    expect(await codeOf(allow())).toBe('InstanceAccount.NotExisted');
    await create();
    expect(await codeOf(create())).toBe('InstanceAccount.Existed');
    expect(await codeOf(removeAcl())).toBe('InstanceAcl.NotExisted');
    await allow();
    expect(await codeOf(allow())).toBe('InstanceAcl.Existed');
    expect(await codeOf(create({}, 'rmq-none'))).toBe('Instance.NotFound');
  });

  it.each([
    [{ username: 'ab' }, 'InvalidParameter'],
    [{ username: 'a'.repeat(65) }, 'InvalidParameter'],
    [{ username: 'a.b' }, 'InvalidParameter'],
    [{ password: 'ab' }, 'InvalidParameter'],
    [{ password: undefined }, 'MissingPassword'],
  ])('with %o is refused: %s', async (bad, code) => {
    expect(await codeOf(create(bad))).toBe(code);
  });

  it('takes ACLs on topics and groups only, with actions that fit', async () => {
    await create();
    for (const bad of [
      { resourceType: 'Queue' },
      { resourceType: 'Group', actions: ['Pub'] },
      { actions: [] },
      { decision: 'Maybe' },
    ])
      expect(await codeOf(allow(bad)), JSON.stringify(bad)).toBe('InvalidParameter');
  });
});

describe('lists of accounts and ACLs', () => {
  it('come in numbered pages, and narrowed by a filter', async () => {
    await create();
    for (let number = 0; number < 12; number++) await allow({ resourceName: `topic-${number}` });
    expect((await acls())?.list).toHaveLength(10);
    expect(await acls({ pageNumber: 2, pageSize: 10 })).toMatchObject({ totalCount: 12, pageNumber: 2 });
    expect((await acls({ filter: 'topic-11' }))?.list).toMatchObject([
      { resourceName: 'topic-11', actions: ['Pub'], decision: 'Allow', aclType: 'APACHE' },
    ]);
    const { body } = await client.getInstanceAcl(
      instanceId,
      username,
      new GetInstanceAclRequest({ resourceType: 'Topic', resourceName: 'topic-3' }),
    );
    expect(body?.data).toMatchObject({ username, resourceName: 'topic-3' });
  });
});

describe('an instance without ACL authentication', () => {
  it('says so, and lets every account do everything', async () => {
    const typesOf = async (id: string) => (await client.getInstance(id)).body?.data?.aclInfo?.aclTypes;
    expect([await typesOf(instanceId), await typesOf(withoutAcl)]).toEqual([
      ['default', 'apache_acl'],
      ['default'],
    ]);
    await create({}, withoutAcl);
    expect(use('publish', 'anything', { instanceId: withoutAcl })).toBe('allowed');
  });
});

describe('rights on accounts and ACLs', () => {
  it('are asked on the instance, each under its own name', async () => {
    const keys = await userWith(world.running, ownerId, 'maker', [
      {
        Action: ['rocketmq:CreateInstanceAccount', 'rocketmq:CreateInstanceAcl'],
        Resource: `acs:rocketmq:${regionId}:${ownerId}:instance/${instanceId}`,
      },
    ]);
    const maker = rocketmqClient(world.running.endpoint, keys);
    await create({}, instanceId, maker);
    await allow({}, instanceId, maker);
    expect(await codeOf(create({}, withoutAcl, maker))).toBe('NoPermission');
    expect(await codeOf(maker.deleteInstanceAccount(instanceId, username))).toBe('NoPermission');
  });
});
