import {
  CreateAclRequest,
  CreateSaslUserRequest,
  DeleteAclRequest,
  DeleteSaslUserRequest,
  DescribeAclResourceNameRequest,
  DescribeAclsRequest,
  DescribeSaslUsersRequest,
  GetInstanceListRequest,
} from '@alicloud/alikafka20190916';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DataPlaneWorld, kafkaClient, regionId, startDataPlanes } from './data-plane-clients.js';
import { codeOf, type Keys, ownerId } from './identity-clients.js';
import { userWith } from './product-clients.js';

const instanceId = 'alikafka_pre-cn-x1';
const withoutAcl = 'alikafka_pre-cn-x2';
const username = 'lh-0011';
const password = 'secret_1';

let world: DataPlaneWorld;
let client: ReturnType<typeof kafkaClient>;
beforeEach(async () => {
  world = await startDataPlanes();
  client = kafkaClient(world.running.endpoint, world.root);
});
afterEach(() => world.running.close());

const place = { regionId, instanceId };
const createUser = (more: object = {}, as = client) =>
  as.createSaslUser(new CreateSaslUserRequest({ ...place, username, password, ...more }));
const acl = (more: object = {}) => ({
  ...place,
  username,
  aclResourceType: 'Topic',
  aclResourceName: 'orders',
  aclResourcePatternType: 'LITERAL',
  aclOperationType: 'Write',
  ...more,
});
const createAcl = (more: object = {}, as = client) => as.createAcl(new CreateAclRequest(acl(more)));
const deleteAcl = (more: object = {}) => client.deleteAcl(new DeleteAclRequest(acl(more)));
const deleteUser = (more: object = {}) =>
  client.deleteSaslUser(new DeleteSaslUserRequest({ ...place, username, ...more }));
const users = async (of = instanceId) =>
  (await client.describeSaslUsers(new DescribeSaslUsersRequest({ regionId, instanceId: of }))).body
    ?.saslUserList?.saslUserVO ?? [];
const acls = async (more: object = {}) =>
  (
    await client.describeAcls(
      new DescribeAclsRequest({
        ...place,
        username,
        aclResourceType: 'Topic',
        aclResourceName: 'orders',
        ...more,
      }),
    )
  ).body?.kafkaAclList?.kafkaAclVO ?? [];
const use = (does: 'publish' | 'subscribe', topic = 'orders', more: object = {}) => {
  const answer = world.logons.kafka({
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

describe('a SASL user', () => {
  it('is listed without its password, and logs on with it', async () => {
    await createUser();
    expect(await users()).toMatchObject([{ username, type: 'plain', password: '******' }]);
    expect(use('publish', 'orders', { password: 'other' })).toBe('BAD_CREDENTIALS');
    expect(use('publish', 'orders', { username: 'nobody' })).toBe('BAD_CREDENTIALS');
  });

  it('may do nothing before ACLs allow it, and then exactly that', async () => {
    await createUser();
    expect(use('publish')).toBe('NO_RIGHT');
    await createAcl();
    expect([use('publish'), use('publish', 'orders2'), use('subscribe')]).toEqual([
      'allowed',
      'NO_RIGHT',
      'NO_RIGHT',
    ]);
    await createAcl({ aclOperationType: 'Read' });
    expect(use('subscribe')).toBe('NO_RIGHT');
    await createAcl({ aclResourceType: 'Group', aclResourceName: 'GID_globex', aclOperationType: 'Read' });
    expect(use('subscribe')).toBe('allowed');
    expect(use('subscribe', 'orders', { group: 'GID_other' })).toBe('NO_RIGHT');
  });

  it('takes rights by prefix, and those of everybody', async () => {
    await createUser();
    await createAcl({ aclResourceName: 'ord', aclResourcePatternType: 'PREFIXED' });
    await createAcl({ username: '*', aclResourceName: '*', aclOperationType: 'Read' });
    await createAcl({
      username: '*',
      aclResourceType: 'Group',
      aclResourceName: '*',
      aclOperationType: 'Read',
    });
    expect([use('publish', 'orders2'), use('publish', 'invoices'), use('subscribe', 'invoices')]).toEqual([
      'allowed',
      'NO_RIGHT',
      'allowed',
    ]);
  });

  it('is replaced by making it again, since that is how passwords are changed', async () => {
    await createUser();
    await createAcl();
    await createUser({ password: 'secret_2' });
    expect(await users()).toHaveLength(1);
    expect([use('publish'), use('publish', 'orders', { password: 'secret_2' })]).toEqual([
      'BAD_CREDENTIALS',
      'allowed',
    ]);
  });

  it('is deleted under its type only, and leaves its ACLs', async () => {
    await createUser();
    await createAcl();
    expect(await codeOf(deleteUser({ type: 'scram' }))).toBe('BIZ_SASL_USER_NOT_EXIST');
    await deleteUser();
    expect(use('publish')).toBe('BAD_CREDENTIALS');
    expect(await acls()).toHaveLength(1);
    expect(await codeOf(deleteUser())).toBe('BIZ_SASL_USER_NOT_EXIST');
  });

  it.each([
    [{ username: 'a b' }, 'InvalidParameter'],
    [{ username: 'a'.repeat(65) }, 'InvalidParameter'],
    [{ password: 'with-hyphen' }, 'InvalidParameter'],
    [{ type: 'LDAP' }, 'InvalidParameter'],
    [{ mechanism: 'SCRAM-SHA-512' }, 'InvalidParameter'],
    [{ password: '' }, 'MissingParameter'],
    [{ instanceId: 'alikafka_none' }, 'Instance.NotFound'],
  ])('with %o is refused: %s', async (bad, code) => {
    expect(await codeOf(createUser(bad))).toBe(code);
    expect(await users()).toEqual([]);
  });
});

describe('an ACL', () => {
  it('is found under user, type and name, narrowed by pattern and operation', async () => {
    await createUser();
    await createAcl();
    await createAcl({ aclOperationType: 'Read' });
    expect(await acls()).toMatchObject([
      { username, aclOperationType: 'Write', host: '*' },
      { aclOperationType: 'Read' },
    ]);
    expect(await acls({ aclOperationType: 'Read' })).toHaveLength(1);
    expect(await acls({ aclResourcePatternType: 'PREFIXED' })).toEqual([]);
    expect(await acls({ username: 'other' })).toEqual([]);
    const { body } = await client.describeAclResourceName(
      new DescribeAclResourceNameRequest({
        ...place,
        aclResourceType: 'Topic',
        aclResourcePatternType: 'LITERAL',
      }),
    );
    expect(body?.data?.data).toEqual(['orders']);
  });

  it('is made once and deleted as often as one likes', async () => {
    await createUser();
    await createAcl();
    expect(await codeOf(createAcl())).toBe('Acl.DuplicatedAuth.Error');
    await deleteAcl();
    await deleteAcl();
    expect(await acls()).toEqual([]);
  });

  it('is for users that are there, and for operations that fit', async () => {
    expect(await codeOf(createAcl())).toBe('BIZ_SASL_USER_NOT_EXIST');
    await createUser();
    for (const bad of [
      { aclResourceType: 'Group', aclOperationType: 'Write' },
      { aclResourceType: 'Cluster', aclOperationType: 'Write' },
      { aclResourceType: 'Queue' },
      { aclResourcePatternType: 'REGEX' },
      { aclOperationTypes: 'Write,Read' },
    ])
      expect(await codeOf(createAcl(bad)), JSON.stringify(bad)).toBe('InvalidParameter');
  });
});

describe('an instance whose ACL is off', () => {
  it('says so in its settings, refuses ACLs, and lets every SASL user do everything', async () => {
    const { body } = await client.getInstanceList(new GetInstanceListRequest({ regionId }));
    const settings = body?.instanceList?.instanceVO?.map((one) => [one.instanceId, one.allConfig]);
    expect(settings).toEqual([
      [instanceId, '{"enable.acl":"true"}'],
      [withoutAcl, '{"enable.acl":"false"}'],
    ]);
    await createUser({ instanceId: withoutAcl });
    expect(await codeOf(createAcl({ instanceId: withoutAcl }))).toBe('Acl.Disable.Error');
    expect(await codeOf(acls({ instanceId: withoutAcl }))).toBe('Acl.Disable.Error');
    expect(use('publish', 'anything', { instanceId: withoutAcl })).toBe('allowed');
    expect(await users()).toEqual([]);
  });
});

describe('rights on SASL users and ACLs', () => {
  const clientOf = (keys: Keys) => kafkaClient(world.running.endpoint, keys);
  const onInstance = `acs:alikafka:${regionId}:${ownerId}:${instanceId}`;

  it('are asked for users on the instance, for ACLs on everything', async () => {
    const rights = (resource: string) => [
      { Action: ['alikafka:CreateSaslUser', 'alikafka:CreateAcl'], Resource: resource },
    ];
    const narrow = clientOf(await userWith(world.running, ownerId, 'narrow', rights(onInstance)));
    const wide = clientOf(await userWith(world.running, ownerId, 'wide', rights('*')));
    const nobody = clientOf(world.running.accounts.createUser(ownerId, 'nobody'));
    expect(await codeOf(createUser({}, nobody))).toBe('Forbidden.RAM');
    await createUser({}, narrow);
    expect(await codeOf(createAcl({}, narrow))).toBe('Forbidden.RAM');
    await createAcl({}, wide);
  });

  it('do not reach into another account', async () => {
    await createUser();
    const partner = clientOf(world.partnerRoot);
    const { body } = await partner.describeSaslUsers(new DescribeSaslUsersRequest(place));
    expect(body?.saslUserList?.saslUserVO).toEqual([]);
    expect(
      world.logons.kafka({
        accountId: '3000000000000003',
        region: regionId,
        instanceId,
        username,
        password,
        does: 'publish',
        topic: 'orders',
      }),
    ).toMatchObject({ reason: 'NO_INSTANCE' });
  });
});

describe('told to read the doubtful pages the other way', () => {
  it('checks ACLs on the instance, refuses a user again, and knows missing topics', async () => {
    const other = await startDataPlanes({
      kafkaAcls: 'instance',
      kafkaUserAgain: 'refuses',
      kafkaAclsOfMissing: 'refuses',
      aclsGoWithAccount: true,
    });
    try {
      client = kafkaClient(other.running.endpoint, other.root);
      await createUser();
      expect(await codeOf(createUser())).toBe('Acl.AddSasl.Error');
      const keys = await userWith(other.running, ownerId, 'narrow', [
        { Action: 'alikafka:CreateAcl', Resource: `acs:alikafka:${regionId}:${ownerId}:${instanceId}` },
      ]);
      await createAcl({}, kafkaClient(other.running.endpoint, keys));
      expect(await codeOf(acls({ aclResourceName: 'gone' }))).toBe('BIZ_TOPIC_NOT_FOUND');
      expect(await codeOf(acls({ aclResourceType: 'Group', aclResourceName: 'gone' }))).toBe(
        'BIZ_SUBSCRIPTION_NOT_FOUND',
      );
      await deleteUser();
      expect(await acls()).toEqual([]);
    } finally {
      await other.running.close();
    }
  });
});
