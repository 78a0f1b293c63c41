import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accountSignature,
  amqpCredentials,
  amqpSignature,
  type DataPlaneWorld,
  regionId,
  startDataPlanes,
  staticUserName,
} from './data-plane-clients.js';
import { allow, codeOf, type Keys, ownerId, partnerId, trusting } from './identity-clients.js';
import { callProduct, userWith } from './product-clients.js';

const instanceId = 'amqp-cn-x1';
const host = `acs:amqp:${regionId}:${ownerId}:/instances/${instanceId}/vhosts/shop`;

let world: DataPlaneWorld;
beforeEach(async () => {
  world = await startDataPlanes();
});
afterEach(() => world.running.close());

const asRoot = (version: string, action: string, params: Record<string, string>) =>
  world.running.cloud.call(world.running.accounts.rootOf(ownerId), version, action, params, regionId);
const use = (
  credentials: { readonly username: string; readonly password: string },
  does: { readonly publishTo: string } | { readonly consumeFrom: string } = { publishTo: 'orders' },
  more: object = {},
) => {
  const answer = world.logons.rabbitmq({
    accountId: ownerId,
    region: regionId,
    instanceId,
    virtualHost: 'shop',
    does,
    ...credentials,
    ...more,
  });
  return answer.outcome === 'allowed' ? 'allowed' : answer.reason;
};

/** The partner's session of a role of the owner that may publish to one exchange. */
async function partnerSession(): Promise<Keys> {
  await asRoot('2015-05-01', 'CreateRole', {
    RoleName: 'lease-x',
    AssumeRolePolicyDocument: trusting(`acs:ram::${partnerId}:root`),
  });
  await asRoot('2015-05-01', 'CreatePolicy', {
    PolicyName: 'lease-x',
    PolicyDocument: allow('amqp:BasicPublish', `${host}/exchanges/orders/messages/*`),
  });
  await asRoot('2015-05-01', 'AttachPolicyToRole', {
    PolicyType: 'Custom',
    PolicyName: 'lease-x',
    RoleName: 'lease-x',
  });
  const { accounts, cloud } = world.running;
  const arn = `acs:ram::${ownerId}:role/lease-x`;
  await userWith(world.running, partnerId, 'alice', [{ Action: 'sts:AssumeRole', Resource: arn }]);
  const reply = (await cloud.call(
    accounts.userOf(partnerId, 'alice'),
    '2015-04-01',
    'AssumeRole',
    { RoleArn: arn, RoleSessionName: 'alice' },
    regionId,
  )) as {
    Credentials: { AccessKeyId: string; AccessKeySecret: string; SecurityToken: string };
  };
  const { AccessKeyId, AccessKeySecret, SecurityToken } = reply.Credentials;
  return { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken };
}

describe('user name and password made of a session', () => {
  it('are those of the published test vector', () => {
    const keys = { accessKeyId: 'STS.NTAK', accessKeySecret: 'SECRET', securityToken: 'TOKEN' };
    expect(amqpCredentials('amqp-cn-test', keys, 1_700_000_000_000)).toEqual({
      username: 'MDphbXFwLWNuLXRlc3Q6U1RTLk5UQUs6VE9LRU4=',
      password: 'RjNCQzVCQTRGM0M5NkZEQjhBRkUwODJBMDNBMEE3NzM3NThBMDBGNToxNzAwMDAwMDAwMDAw',
    });
  });

  it('may do what the role may, there and not beside it', async () => {
    const credentials = amqpCredentials(instanceId, await partnerSession());
    expect([
      use(credentials),
      use(credentials, { publishTo: 'invoices' }),
      use(credentials, { consumeFrom: 'orders' }),
      use(credentials, { publishTo: 'orders' }, { virtualHost: 'back' }),
    ]).toEqual(['allowed', 'NO_RIGHT', 'NO_RIGHT', 'NO_RIGHT']);
    expect(use(credentials, undefined, { instanceId: 'amqp-cn-x2' })).toBe('BAD_CREDENTIALS');
  });

  it('end with the role: the token behind them is dead', async () => {
    const credentials = amqpCredentials(instanceId, await partnerSession());
    await asRoot('2015-05-01', 'DetachPolicyFromRole', {
      PolicyType: 'Custom',
      PolicyName: 'lease-x',
      RoleName: 'lease-x',
    });
    expect(use(credentials)).toBe('NO_RIGHT');
    await asRoot('2015-05-01', 'DeleteRole', { RoleName: 'lease-x' });
    expect(use(credentials)).toBe('BAD_CREDENTIALS');
  });

  it('are refused with another secret, another token, or none', async () => {
    const keys = await partnerSession();
    const { securityToken: _, ...withoutToken } = keys;
    for (const bad of [
      { ...keys, accessKeySecret: 'wrong' },
      { ...keys, securityToken: 'wrong' },
      withoutToken,
    ])
      expect(use(amqpCredentials(instanceId, bad))).toBe('BAD_CREDENTIALS');
    expect(use({ username: 'guest', password: 'guest' })).toBe('BAD_CREDENTIALS');
  });
});

describe('a static account', () => {
  const at = 1_700_000_000_000;
  const call = (keys: Keys, action: string, params: Record<string, string>) =>
    callProduct(world.running, keys, { product: 'amqp-open', action, params });
  const wanted = (keys: Keys, more: Record<string, string> = {}) => ({
    instanceId,
    accountAccessKey: keys.accessKeyId,
    userName: staticUserName(instanceId, keys.accessKeyId),
    createTimestamp: String(at),
    signature: accountSignature(keys.accessKeySecret, at),
    secretSign: amqpSignature(keys.accessKeySecret, at),
    ...more,
  });
  let app: Keys;
  beforeEach(async () => {
    app = await userWith(world.running, ownerId, 'app', [
      { Action: 'amqp:BasicPublish', Resource: `${host}/exchanges/*` },
    ]);
  });

  it('has the rights of the RAM user whose key it is made of, until it is deleted', async () => {
    const { Data } = await call(world.root, 'CreateAccount', wanted(app));
    const { UserName: username, Password: password } = Data as { UserName: string; Password: string };
    expect(Buffer.from(password, 'base64').toString()).toBe(
      `${amqpSignature(app.accessKeySecret, at)}:${at}`,
    );
    expect([
      use({ username, password }),
      use({ username, password }, { consumeFrom: 'orders' }),
      use({ username, password: `${password}=` }),
    ]).toEqual(['allowed', 'NO_RIGHT', 'BAD_CREDENTIALS']);
    const listed = await call(world.root, 'ListAccounts', { InstanceId: instanceId });
    expect(listed['Data']).toMatchObject({ [instanceId]: [{ userName: username, password }] });
    await call(world.root, 'DeleteAccount', { UserName: username });
    expect(use({ username, password })).toBe('BAD_CREDENTIALS');
    expect(await codeOf(call(world.root, 'DeleteAccount', { UserName: username }))).toBe('AccountNotExist');
  });

  it('is deleted by nobody who may do so on one instance only, as the call is authorised on everything', async () => {
    await call(world.root, 'CreateAccount', wanted(app));
    const username = staticUserName(instanceId, app.accessKeyId);
    const instances = `acs:amqp:*:${ownerId}:/instances/*`;
    const see = { Action: 'amqp:GetInstance', Resource: instances };
    const deletes = async (name: string, Resource: string) => {
      const right = { Action: 'amqp:DeleteStaticAccount', Resource };
      const user = await userWith(world.running, ownerId, name, [see, right]);
      return codeOf(call(user, 'DeleteAccount', { UserName: username }));
    };
    expect(await deletes('narrow', instances)).toBe('NoPermission');
    expect(await deletes('wide', '*')).toBe('accepted');
  });

  it('is made once to a key, of a key of this account, with what its secret signed', async () => {
    for (const [bad, code] of [
      [{ userName: 'x' }, 'InvalidParameter'],
      [{ secretSign: '0'.repeat(40) }, 'InvalidParameter'],
      [{ accountAccessKey: 'LTAI-none' }, 'InvalidAccessKeyId.NotFound'],
      [{ instanceId: 'amqp-none' }, 'InstanceNotExist'],
      [{ signature: '' }, 'MissingParameter'],
      [{ signature: amqpSignature(app.accessKeyId, at) }, 'InvalidParameter'],
    ] as const)
      expect(await codeOf(call(world.root, 'CreateAccount', wanted(app, bad))), code).toBe(code);
    expect(await codeOf(call(world.root, 'CreateAccount', wanted(world.partnerRoot)))).toBe(
      'InvalidParameter',
    );
    await call(world.root, 'CreateAccount', wanted(app));
    expect(await codeOf(call(world.root, 'CreateAccount', wanted(app)))).toBe('AccountExisted');
  });

  it('needs GetInstance and its own right, on the static accounts', async () => {
    const place = `acs:amqp:${regionId}:${ownerId}:/instances/${instanceId}`;
    const reader = await userWith(world.running, ownerId, 'reader', [
      { Action: 'amqp:ListStaticAccounts', Resource: `${place}/staticAccount/*` },
    ]);
    const list = (keys: Keys) => call(keys, 'ListAccounts', { InstanceId: instanceId });
    expect(await codeOf(list(reader))).toBe('NoPermission');
    const both = await userWith(world.running, ownerId, 'both', [
      { Action: 'amqp:ListStaticAccounts', Resource: `${place}/staticAccount/*` },
      { Action: 'amqp:GetInstance', Resource: place },
    ]);
    expect(await codeOf(list(both))).toBe('accepted');
    expect(await codeOf(call(both, 'CreateAccount', wanted(app)))).toBe('NoPermission');
  });
});
