import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDataPlanePort } from '../../../shared/cloud/alibaba/data-planes.js';
import type { DataPlanePort } from '../../../shared/cloud/ports.js';
import type { DataPlaneInstance } from '../../../shared/domain/data-plane.js';
import type { KafkaGrant, RocketmqGrant } from '../../../shared/domain/grant.js';
import { parseContractId } from '../../../shared/domain/values.js';
import { failing, throttled } from '../../../shared/loopback/dispatch.js';
import type { ProductReadings } from '../../../shared/loopback/products/service.js';
import {
  type DataPlaneAccount,
  type DataPlaneGoal,
  dataPlaneAccounts,
  planDataPlane,
} from '../../../shared/services/index.js';
import {
  type DataPlaneWorld,
  kafkaClient,
  regionId,
  startDataPlanes,
} from '../../loopback/data-plane-clients.js';
import { type Keys, ownerId } from '../../loopback/identity-clients.js';
import { userWith } from '../../loopback/product-clients.js';
import { kafka, rocketmq5 } from '../../services/grants.js';

const contractId = parseContractId('C-2026-0142');
const wish = { topics: ['orders'], dataPlane: { endsByController: true } } as const;
const grants = {
  kafka: {
    publish: kafka({ ...wish, access: 'publish' }),
    subscribe: kafka({ ...wish, access: 'subscribe', groups: ['GID_globex'] }),
  },
  rocketmq5: {
    publish: rocketmq5({ ...wish, access: 'publish' }),
    subscribe: rocketmq5({ ...wish, access: 'subscribe', groups: ['GID_globex'] }),
  },
} as const;
const accountOf = (grant: KafkaGrant | RocketmqGrant): DataPlaneAccount =>
  dataPlaneAccounts(contractId, [grant], [])[0]!;

let world: DataPlaneWorld;
let port: DataPlanePort;
const portOf = (credentials: Keys) =>
  makeDataPlanePort({
    region: regionId,
    owner: ownerId,
    credentials,
    endpoint: world.running.endpoint,
    timeoutMilliseconds: 5_000,
  });
const start = async (readings: Partial<ProductReadings> = {}) => {
  world = await startDataPlanes(readings);
  port = portOf(world.root);
};
beforeEach(() => start());
afterEach(() => world.running.close());

/** Brings the account to `goal`; the password, when one was made. */
async function bring(
  wanted: DataPlaneAccount,
  goal: DataPlaneGoal,
  isHandedOver = false,
): Promise<string | undefined> {
  const { instance, account, entries } = wanted;
  const observed = await port.observe(instance, account, entries);
  const plan = planDataPlane(wanted, observed, goal, { isIntended: true, isHandedOver });
  if (plan.outcome === 'refused') throw new Error(plan.reasons.map(({ code }) => code).join());
  let password: string | undefined;
  for (const step of plan.steps) password = (await port.apply(instance, account, step)).password ?? password;
  return password;
}
const left = async (wanted: DataPlaneAccount, goal: DataPlaneGoal) => {
  const observed = await port.observe(wanted.instance, wanted.account, wanted.entries);
  const plan = planDataPlane(wanted, observed, goal, { isIntended: true, isHandedOver: true });
  return plan.outcome === 'steps' ? plan.steps : plan.reasons;
};
const use = (
  { instance, account }: DataPlaneAccount,
  password = '',
  does: 'publish' | 'subscribe' = 'publish',
  topic = 'orders',
) => {
  const answer = world.logons[instance.product === 'kafka' ? 'kafka' : 'rocketmq5']({
    accountId: ownerId,
    region: instance.region,
    instanceId: instance.instanceId,
    username: account,
    password,
    does,
    topic,
    group: 'GID_globex',
  });
  return answer.outcome === 'allowed' ? 'allowed' : answer.reason;
};

describe.each(['kafka', 'rocketmq5'] as const)('the data plane of %s', (product) => {
  const publishing = accountOf(grants[product].publish);
  const subscribing = accountOf(grants[product].subscribe);

  it('gets an account that may publish to the topic, and nothing else', async () => {
    const password = await bring(publishing, 'open');
    expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect([
      use(publishing, password),
      use(publishing, password, 'publish', 'invoices'),
      use(publishing, password, 'subscribe'),
    ]).toEqual(['allowed', 'NO_RIGHT', 'NO_RIGHT']);
    expect(await left(publishing, 'open')).toEqual([]);
  });

  it('gets an account that may subscribe with the group, beside one that publishes', async () => {
    const [one, other] = [await bring(publishing, 'open'), await bring(subscribing, 'open')];
    expect([use(subscribing, other, 'subscribe'), use(subscribing, other), use(publishing, one)]).toEqual([
      'allowed',
      'NO_RIGHT',
      'allowed',
    ]);
  });

  it('loses what it got, as listed and at the next logon, and keeps the neighbour', async () => {
    const [one, other] = [await bring(publishing, 'open'), await bring(subscribing, 'open')];
    await bring(publishing, 'gone', true);
    expect(use(publishing, one)).toBe('BAD_CREDENTIALS');
    expect(await port.observe(publishing.instance, publishing.account, publishing.entries)).toMatchObject({
      entries: [],
    });
    expect(await left(publishing, 'gone')).toEqual([]);
    expect(use(subscribing, other, 'subscribe')).toBe('allowed');
  });

  it('pauses and goes on', async () => {
    const password = await bring(publishing, 'open');
    await bring(publishing, 'suspended', true);
    expect(use(publishing, password)).toBe(product === 'kafka' ? 'BAD_CREDENTIALS' : 'ACCOUNT_DISABLED');
    expect(await left(publishing, 'suspended')).toEqual([]);
    const again = (await bring(publishing, 'open', true)) ?? password;
    expect(use(publishing, again)).toBe('allowed');
    // Where the account was only switched off, the old password is good again.
    expect(again === password).toBe(product === 'rocketmq5');
  });

  it('makes anew an account whose password was lost', async () => {
    const lost = await bring(publishing, 'open');
    const password = await bring(publishing, 'open', false);
    expect([use(publishing, lost), use(publishing, password)]).toEqual(['BAD_CREDENTIALS', 'allowed']);
  });

  it('is the same whether ACLs go with their account or stay', async () => {
    await world.running.close();
    await start({ aclsGoWithAccount: true, kafkaAclsOfMissing: 'refuses', kafkaUserAgain: 'refuses' });
    await bring(publishing, 'open');
    const password = await bring(publishing, 'open', false);
    expect(use(publishing, password)).toBe('allowed');
    await bring(publishing, 'gone', true);
    expect(await left(publishing, 'gone')).toEqual([]);
  });

  it('is found changed by hand, and put right', async () => {
    const password = await bring(publishing, 'open');
    const extra = { ...publishing.entries[0]!, resourceName: 'invoices' };
    await port.apply(publishing.instance, publishing.account, { kind: 'addEntry', entry: extra });
    expect(use(publishing, password, 'publish', 'invoices')).toBe('allowed');
    expect(await left(publishing, 'open')).toEqual([{ kind: 'removeEntry', entry: extra }]);
    await bring(publishing, 'open', true);
    expect(use(publishing, password, 'publish', 'invoices')).toBe('NO_RIGHT');
  });

  it('does each step twice as well as once, but never makes an account over another', async () => {
    const { instance, account, entries } = publishing;
    const [entry] = entries;
    const once = async (kind: 'createAccount' | 'deleteAccount') => port.apply(instance, account, { kind });
    await once('createAccount');
    await expect(once('createAccount')).rejects.toMatchObject({ code: 'CONFLICT', retriable: true });
    for (const kind of ['addEntry', 'addEntry', 'removeEntry', 'removeEntry'] as const)
      await port.apply(instance, account, { kind, entry: entry! });
    await once('deleteAccount');
    await once('deleteAccount');
    expect(await left(publishing, 'gone')).toEqual([]);
  });

  it('is refused while the instance has its ACL off, and where there is no instance', async () => {
    const at = (instanceId: string) => accountOf({ ...grants[product].publish, instanceId });
    const off = at(product === 'kafka' ? 'alikafka_pre-cn-x2' : 'rmq-cn-x2');
    await expect(bring(off, 'open')).rejects.toThrow('ACL_OFF');
    await expect(bring(at('none'), 'open')).rejects.toThrow('NO_INSTANCE');
    expect(await bring(at('none'), 'gone')).toBeUndefined();
  });

  it('tells a refusal for want of rights, and patience that is asked for', async () => {
    const nobody = portOf(world.running.accounts.createUser(ownerId, 'nobody'));
    await expect(nobody.observe(publishing.instance, publishing.account, [])).rejects.toMatchObject({
      code: 'DENIED',
    });
    const action = product === 'kafka' ? 'GetInstanceList' : 'GetInstance';
    const stop = world.running.cloud.faults.add(failing({ action }, throttled));
    await expect(port.observe(publishing.instance, publishing.account, [])).rejects.toMatchObject({
      code: 'THROTTLED',
    });
    stop();
  });

  it('recovers from any reply that is lost on the way to an account that is open, and to one that is gone', async () => {
    const action = (kind: string) =>
      ({
        createAccount: product === 'kafka' ? 'CreateSaslUser' : 'CreateInstanceAccount',
        addEntry: product === 'kafka' ? 'CreateAcl' : 'CreateInstanceAcl',
        removeEntry: product === 'kafka' ? 'DeleteAcl' : 'DeleteInstanceAcl',
        deleteAccount: product === 'kafka' ? 'DeleteSaslUser' : 'DeleteInstanceAccount',
      })[kind] ?? kind;
    const losing = async (kind: string, goal: DataPlaneGoal, isHandedOver: boolean) => {
      const stop = world.running.cloud.faults.add(
        failing({ action: action(kind), nth: 1 }, { kind: 'lost-reply' }),
      );
      await expect(bring(publishing, goal, isHandedOver)).rejects.toMatchObject({ code: 'NO_ANSWER' });
      stop();
    };
    await losing('createAccount', 'open', false);
    await losing('addEntry', 'open', false);
    const password = await bring(publishing, 'open', false);
    expect(use(publishing, password)).toBe('allowed');
    await losing('removeEntry', 'gone', true);
    await losing('deleteAccount', 'gone', true);
    expect(await left(publishing, 'gone')).toEqual([]);
    expect(use(publishing, password)).toBe('BAD_CREDENTIALS');
  });
});

describe('a RAM user behind an account of RabbitMQ', () => {
  it('is seen also when somebody has frozen it: it may be thawed', async () => {
    const account = 'lh-0123456789abcdef';
    world.running.accounts.createUser(ownerId, account);
    world.running.accounts.freezeUser(ownerId, account);
    const { region } = accountOf(grants.kafka.publish).instance;
    const instance = { product: 'rabbitmq', region, instanceId: 'amqp-cn-x1' } as const;
    expect(await port.listAccounts(instance, 'lh-')).toEqual([account]);
  });
});

describe('a user name of RabbitMQ that stays', () => {
  it('is gone once it was deleted, also while the list still shows when that was', async () => {
    await world.running.close();
    await start({ showsDeletedAccounts: true });
    const account = 'lh-0123456789abcdef';
    const { region } = accountOf(grants.kafka.publish).instance;
    const instance = { product: 'rabbitmq', region, instanceId: 'amqp-cn-x1' } as const;
    await port.apply(instance, account, { kind: 'createAccount' });
    expect(await port.listAccounts(instance, 'lh-')).toEqual([account]);
    await port.apply(instance, account, { kind: 'deleteAccount' });
    expect([await port.listAccounts(instance, 'lh-'), await port.observe(instance, account, [])]).toEqual([
      [],
      { isAclOn: true, entries: [], forEveryone: [] },
    ]);
  });
});

describe('a refusal by a reply of status 200', () => {
  beforeEach(async () => {
    await world.running.close();
    await start({ refusesByReply: true });
  });

  it.each(['rocketmq5', 'rabbitmq'] as const)('tells that %s has no such instance', async (product) => {
    const { region } = accountOf(grants.kafka.publish).instance;
    const instance = { product, region, instanceId: 'none' };
    expect(await port.observe(instance, 'lh-0123456789abcdef', [])).toBeUndefined();
    expect(await port.listAccounts(instance, 'lh-')).toBeUndefined();
  });

  it('is no success: what was not done is not taken for done', async () => {
    const { instance, account } = accountOf(grants.rocketmq5.publish);
    await expect(
      port.apply(instance, account, { kind: 'setEnabled', isEnabled: false }),
    ).rejects.toMatchObject({ code: 'InstanceAccount.NotExisted' });
  });

  it('is how an account that is gone is known, too', async () => {
    const { instance, account } = accountOf(grants.rocketmq5.publish);
    for (const kind of ['createAccount', 'deleteAccount', 'deleteAccount'] as const)
      await port.apply(instance, account, { kind });
  });
});

describe('an account for a topic that is not there any more', () => {
  it('can still be ended, though Kafka does not tell its ACLs then', async () => {
    await world.running.close();
    await start({ kafkaAclsOfMissing: 'refuses' });
    const wanted = accountOf(kafka({ ...wish, access: 'publish', topics: ['long-gone'] }));
    const password = await bring(wanted, 'open');
    await bring(wanted, 'gone', true);
    expect([await left(wanted, 'gone'), use(wanted, password, 'publish', 'long-gone')]).toEqual([
      [],
      'BAD_CREDENTIALS',
    ]);
  });
});

describe('a failure to make an account', () => {
  it.each([
    ['the cloud', 'UNAVAILABLE', { kind: 'error', status: 500, code: 'Odd', message: 'Password=x' }],
    ['the SDK, which quotes the address', 'NO_ANSWER', { kind: 'lost-reply' }],
  ] as const)('quotes no password, whatever is quoted by %s', async (_whom, code, fault) => {
    const { instance, account } = accountOf(grants.kafka.publish);
    const stop = world.running.cloud.faults.add(failing({ action: 'CreateSaslUser' }, fault));
    const failure: unknown = await port
      .apply(instance, account, { kind: 'createAccount' })
      .catch((one) => one);
    stop();
    expect(failure).toMatchObject({ code });
    expect(inspect(failure, { depth: 8, showHidden: true })).not.toMatch(/Password/i);
  });
});

describe('the accounts and ACLs of others', () => {
  const place = { regionId, instanceId: 'alikafka_pre-cn-x1' };
  const {
    account,
    instance,
    entries,
  }: { account: string; instance: DataPlaneInstance; entries: DataPlaneAccount['entries'] } = accountOf(
    grants.kafka.publish,
  );

  it('stay as they are, and what they give everybody is seen', async () => {
    const { CreateAclRequest, CreateSaslUserRequest, DescribeAclsRequest } = await import(
      '@alicloud/alikafka20190916'
    );
    const client = kafkaClient(world.running.endpoint, world.root);
    await client.createSaslUser(
      new CreateSaslUserRequest({ ...place, username: 'admin', password: 'secret' }),
    );
    const everything = {
      ...place,
      aclResourceType: 'Topic',
      aclResourceName: '*',
      aclResourcePatternType: 'LITERAL',
    };
    await client.createAcl(
      new CreateAclRequest({ ...everything, username: 'admin', aclOperationType: 'Write' }),
    );
    await client.createAcl(new CreateAclRequest({ ...everything, username: '*', aclOperationType: 'Read' }));
    const wanted = accountOf(grants.kafka.publish);
    await bring(wanted, 'open');
    const observed = await port.observe(instance, account, entries);
    expect(planDataPlane(wanted, observed, 'open', { isIntended: true, isHandedOver: true })).toMatchObject({
      unavoidablyWider: ['every account of Kafka instance alikafka_pre-cn-x1 may Read Topic *'],
    });
    await bring(wanted, 'gone', true);
    const acls = async (username: string) =>
      (await client.describeAcls(new DescribeAclsRequest({ ...everything, username }))).body?.kafkaAclList
        ?.kafkaAclVO?.length;
    expect([await acls('admin'), await acls('*')]).toEqual([1, 1]);
    expect(
      world.logons.kafka({
        accountId: ownerId,
        region: regionId,
        instanceId: place.instanceId,
        username: 'admin',
        password: 'secret',
        does: 'publish',
        topic: 'anything',
      }).outcome,
    ).toBe('allowed');
  });

  it('need only the rights that are documented', async () => {
    const onInstance = `acs:alikafka:${regionId}:${ownerId}:${place.instanceId}`;
    const keys = await userWith(world.running, ownerId, 'provisioner', [
      {
        Action: [
          'alikafka:ListInstance',
          'alikafka:ListSaslUser',
          'alikafka:CreateSaslUser',
          'alikafka:DeleteSaslUser',
        ],
        Resource: onInstance,
      },
      { Action: ['alikafka:CreateAcl', 'alikafka:DeleteAcl', 'alikafka:ListAcl'], Resource: '*' },
    ]);
    port = portOf(keys);
    await bring(accountOf(grants.kafka.publish), 'open');
    await bring(accountOf(grants.kafka.publish), 'gone', true);
    expect(await left(accountOf(grants.kafka.publish), 'gone')).toEqual([]);
  });
});
