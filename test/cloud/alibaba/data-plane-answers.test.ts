/** What the data planes may answer and the embedded cloud does not. */
import { afterEach, describe, expect, it } from 'vitest';
import { makeDataPlanePort } from '../../../shared/cloud/alibaba/data-planes.js';
import type { DataPlaneInstance } from '../../../shared/domain/data-plane.js';
import { type Canned, type CannedCloud, startCannedCloud } from '../../support/canned-cloud.js';
import { REGION } from '../../support/requests.js';

const account = 'lh-0123456789abcdef';
const kafka: DataPlaneInstance = { product: 'kafka', region: REGION, instanceId: 'alikafka_pre-cn-x1' };
const rabbitmq: DataPlaneInstance = { product: 'rabbitmq', region: REGION, instanceId: 'amqp-cn-x1' };
const rocketmq: DataPlaneInstance = { product: 'rocketmq5', region: REGION, instanceId: 'rmq-cn-x1' };

let cloud: CannedCloud | undefined;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

type Query = Readonly<Record<string, string>>;
/** A data plane that has `answers` ready, each by its action; what it was asked stands in `heard`. */
async function portOver(
  answers: Readonly<Record<string, object | ((query: Query) => Canned)>>,
  heard: [string, Query][] = [],
) {
  cloud = await startCannedCloud(({ url = '', headers }) => {
    const action = String(headers['x-acs-action']);
    const query = Object.fromEntries(new URL(url, 'http://x').searchParams);
    heard.push([action, query]);
    const answer = answers[action] ?? { Success: true };
    return typeof answer === 'function' ? (answer as (query: Query) => Canned)(query) : { body: answer };
  });
  return makeDataPlanePort(cloud.connection);
}

describe('a user in Kafka', () => {
  const users = (...types: readonly string[]) => ({
    Success: true,
    SaslUserList: { SaslUserVO: types.map((Type) => ({ Username: account, Type })) },
  });

  it('is deleted by each mechanism that it can log on with', async () => {
    const heard: [string, Query][] = [];
    const port = await portOver({ DescribeSaslUsers: users('plain', 'scram') }, heard);
    await port.apply(kafka, account, { kind: 'deleteAccount' });
    const deleted = heard.filter(([action]) => action === 'DeleteSaslUser').map(([, { Type }]) => Type);
    expect(deleted).toEqual(['plain', 'scram']);
  });

  it('is deleted where it is gone by the time that the call comes', async () => {
    const port = await portOver({
      DescribeSaslUsers: users('plain'),
      DeleteSaslUser: () => ({ status: 400, body: { Code: 'BIZ_SASL_USER_NOT_EXIST' } }),
    });
    await port.apply(kafka, account, { kind: 'deleteAccount' });
  });

  it('is listed where its name begins so, and nobody else is', async () => {
    const InstanceVO = [{ InstanceId: kafka.instanceId, AllConfig: '{}' }];
    const port = await portOver({
      GetInstanceList: { Success: true, InstanceList: { InstanceVO } },
      DescribeSaslUsers: {
        Success: true,
        SaslUserList: { SaslUserVO: ['admin', account, 'not-lh-x'].map((Username) => ({ Username })) },
      },
    });
    expect(await port.listAccounts(kafka, 'lh-')).toEqual([account]);
  });
});

describe('an instance of Kafka', () => {
  const listed = (InstanceId: string, AllConfig: string) => ({ InstanceId, AllConfig });
  const list = (...InstanceVO: readonly object[]) => ({ Success: true, InstanceList: { InstanceVO } });

  it.each(['', '{}', '{"enable.acl":"false"}', '{"enable.acl":null}', 'not JSON'])(
    'whose settings are %j has its ACL off: nothing there is bound',
    async (settings) => {
      const port = await portOver({ GetInstanceList: list(listed(kafka.instanceId, settings)) });
      expect(await port.observe(kafka, account, [])).toMatchObject({ isAclOn: false });
    },
  );

  it('is none where only others are listed', async () => {
    const port = await portOver({ GetInstanceList: list(listed('alikafka_pre-cn-x2', '{}')) });
    expect(await port.observe(kafka, account, [])).toBeUndefined();
    expect(await port.listAccounts(kafka, 'lh-')).toBeUndefined();
  });

  it.each([
    ['Topic', 'PREFIXED'],
    ['Group', 'LITERAL'],
    ['Cluster', 'LITERAL'],
    ['TransactionalId', 'PREFIXED'],
  ])('has an ACL for a %s by %s names found that nobody expects', async (type, pattern) => {
    const given = {
      Username: account,
      AclResourceType: type,
      AclResourceName: 'odd',
      AclResourcePatternType: pattern,
      AclOperationType: 'All',
    };
    const port = await portOver({
      GetInstanceList: list(listed(kafka.instanceId, '{"enable.acl":"true"}')),
      DescribeAclResourceName: ({ AclResourceType, AclResourcePatternType }) => ({
        body: {
          Success: true,
          Data: { data: AclResourceType === type && AclResourcePatternType === pattern ? ['odd'] : [] },
        },
      }),
      DescribeAcls: ({ Username, AclResourceName }) => ({
        body: {
          Success: true,
          KafkaAclList: { KafkaAclVO: Username === account && AclResourceName === 'odd' ? [given] : [] },
        },
      }),
    });
    expect((await port.observe(kafka, account, []))?.entries).toMatchObject([
      { resourceType: type, resourceName: 'odd', operation: 'All' },
    ]);
  });
});

describe('an instance of RocketMQ', () => {
  it('that was released is none, also while it can still be read', async () => {
    const port = await portOver({ GetInstance: { success: true, data: { status: 'RELEASED' } } });
    expect(await port.observe(rocketmq, account, [])).toBeUndefined();
    expect(await port.listAccounts(rocketmq, 'lh-')).toBeUndefined();
  });

  it('tells to which addresses somebody has bound an ACL, and that it is bound to none', async () => {
    const acl = { username: account, resourceType: 'Topic', actions: ['Pub'], decision: 'Allow' };
    const list = [
      { ...acl, resourceName: 'bound', ipWhitelists: ['198.51.100.7', '192.0.2.0/24'] },
      { ...acl, resourceName: 'free', ipWhitelists: ['0.0.0.0/0', '*', ''] },
    ];
    const port = await portOver({
      GetInstance: { success: true, data: { status: 'RUNNING' } },
      ListInstanceAcl: { success: true, data: { totalCount: 2, list } },
    });
    expect((await port.observe(rocketmq, account, []))?.entries.map(({ from }) => from)).toEqual([
      ['192.0.2.0/24', '198.51.100.7'],
      [],
    ]);
  });

  it('has its accounts and ACLs read to the last page', async () => {
    const pages = (all: readonly object[]) => (query: Query) => {
      const list = all.slice(Number(query['pageNumber']) - 1, Number(query['pageNumber']));
      return { body: { success: true, data: { totalCount: all.length, list } } };
    };
    const acl = { resourceType: 'Topic', resourceName: 'orders', actions: ['Pub'], decision: 'Allow' };
    const port = await portOver({
      GetInstance: { success: true, data: { status: 'RUNNING' } },
      ListInstanceAccount: pages([{ username: 'other' }, { username: account, accountStatus: 'ENABLE' }]),
      ListInstanceAcl: pages([
        { ...acl, username: 'other' },
        { ...acl, username: account },
      ]),
    });
    expect(await port.listAccounts(rocketmq, 'lh-')).toEqual([account]);
    expect(await port.observe(rocketmq, account, [])).toMatchObject({
      account: { isEnabled: true },
      entries: [{ resourceName: 'orders', operation: 'Pub' }],
    });
  });

  it('has its accounts read to the last page also where it does not say how many they are', async () => {
    const all = Array.from({ length: 101 }, (_, n) => ({ username: n === 100 ? account : `other-${n}` }));
    const port = await portOver({
      GetInstance: { success: true, data: { status: 'RUNNING' } },
      ListInstanceAccount: ({ pageNumber, pageSize }) => {
        const [page, size] = [Number(pageNumber), Number(pageSize)];
        return { body: { success: true, data: { list: all.slice((page - 1) * size, page * size) } } };
      },
    });
    expect(await port.listAccounts(rocketmq, 'lh-')).toEqual([account]);
  });

  const entry = {
    resourceType: 'Topic',
    resourceName: 'orders',
    match: 'exact',
    operation: 'Pub',
    effect: 'allow',
    from: [],
  } as const;
  it.each([
    ['CreateInstanceAccount', 'InstanceAccount.NotExist', { kind: 'createAccount' }],
    ['CreateInstanceAcl', 'InstanceAcl.NotExist', { kind: 'addEntry', entry }],
  ] as const)('that answers %s by %s has not got what was to be made', async (action, code, step) => {
    const port = await portOver({ [action]: () => ({ status: 404, body: { code } }) });
    await expect(port.apply(rocketmq, account, step)).rejects.toMatchObject({ code });
  });
});

describe('the RAM user behind a user name of RabbitMQ', () => {
  it.each([{}, { AccessKeys: {} }, { AccessKeys: { AccessKey: [] } }])(
    'is there where it is answered for with %j, though it has no key any more',
    async (keys) => {
      const port = await portOver({
        GetDefaultDomain: { DefaultDomainName: 'owner.onaliyun.com' },
        ListAccounts: () => ({ status: 404, body: { Code: 'InstanceNotExist' } }),
        ListAccessKeys: keys,
      });
      expect(await port.observe(rabbitmq, account, [])).toMatchObject({ account: { isBroken: true } });
    },
  );
});
