/**
 * Who may send and receive on RabbitMQ: dynamic user names made of an access key (and token), and static ones that are kept.
 * RAM is asked at every use. Source: `UserUtils` of mq-amqp-client, CreateAccount, the custom policy reference.
 */
import { createHmac } from 'node:crypto';
import { ApiError, type Caller, type Cloud, type RpcAction, type RpcCall } from '../kernel.js';
import { sameText } from '../signatures/compare.js';
import type { KeptMap } from './kept.js';
import { ALLOWED, type AmqpUse, type LogonAnswer, refused } from './logons.js';
import { invalid, required } from './params.js';
import type { ProductReadings } from './readings.js';
import { found, type Shelf } from './shelf.js';

export interface StaticAccount {
  readonly accountId: string;
  readonly instanceId: string;
  readonly accessKey: string;
  readonly userName: string;
  readonly password: string;
  readonly createTimestamp: number;
  readonly remark: string;
  /** When it was deleted, where that is still shown. */
  readonly deleted?: number;
}

/** By user name, which holds instance and access key. */
export type StaticAccounts = KeptMap<StaticAccount>;

/** `base64(kind:instance:access key[:token])`; 0 is dynamic, 2 static. */
const USER_NAME = /^([02]):([^:]+):([^:]+)(?::(.+))?$/s;
/** `base64(signature:milliseconds)`. */
const PASSWORD = /^([0-9A-F]{40}):(\d{1,16})$/;

const decoded = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const hmac = (key: string, data: string): string =>
  createHmac('sha1', key).update(data, 'utf8').digest('hex').toUpperCase();
/** The time stamp is the key and the secret the data. */
const signature = (secret: string, milliseconds: string): string => hmac(milliseconds, secret);

export function staticAccountActions(
  cloud: Cloud,
  shelf: Shelf,
  accounts: StaticAccounts,
  { showsDeletedAccounts }: ProductReadings,
): Readonly<Record<string, RpcAction>> {
  const arn = (call: RpcCall, id: string, rest = '') =>
    `acs:amqp:${call.region}:{uid}:/instances/${id}${rest}`;
  const demand = (call: RpcCall, action: string, id: string): void => {
    const known = shelf
      .of(call.caller)
      .rabbitmq.find((one) => one.instanceId === id && one.region === call.region);
    shelf.named(known, [404, 'InstanceNotExist', `instance ${id}`], () => {
      shelf.demand(call.caller, 'amqp:GetInstance', arn(call, id));
      shelf.demand(call.caller, `amqp:${action}`, arn(call, id, '/staticAccount/*'));
    });
  };
  return {
    CreateAccount: (call) => {
      const { params, caller } = call;
      const [instanceId, accessKey] = [required(params, 'instanceId'), required(params, 'accountAccessKey')];
      const [userName, stamp] = [required(params, 'userName'), required(params, 'createTimestamp')];
      const proof = required(params, 'signature').toUpperCase();
      const secretSign = required(params, 'secretSign').toUpperCase();
      demand(call, 'FetchStaticAccount', instanceId);
      const { secret, caller: holder } = cloud.identity.authenticate(accessKey, undefined);
      if (holder.accountId !== caller.accountId || holder.kind === 'role-session')
        throw invalid('accountAccessKey', 'is no key of this account or its RAM users');
      if (userName !== encoded(`2:${instanceId}:${accessKey}`))
        throw invalid('userName', 'does not fit instance and access key');
      if (!/^\d{13}$/.test(stamp) || !sameText(secretSign, signature(secret, stamp)))
        throw invalid('secretSign', 'does not fit the access key and the time');
      // The other way round than `secretSign`, as Terraform's provider has it; the page names the key's id, not its secret.
      if (!sameText(proof, hmac(secret, stamp)))
        throw invalid('signature', 'does not fit the access key and the time');
      // One to an access key and instance. The code is made.
      if (there(accounts, userName) !== undefined)
        throw new ApiError(409, 'AccountExisted', 'The account exists.');
      const account: StaticAccount = {
        accountId: caller.accountId,
        instanceId,
        accessKey,
        userName,
        password: encoded(`${secretSign}:${stamp}`),
        createTimestamp: Number(stamp),
        remark: params['Remark'] ?? '',
      };
      accounts.set(userName, account);
      return ok({
        AccessKey: accessKey,
        CreateTimeStamp: account.createTimestamp,
        InstanceId: instanceId,
        MasterUId: Number(caller.accountId),
        Password: account.password,
        UserName: userName,
      });
    },
    ListAccounts: (call) => {
      const id = required(call.params, 'InstanceId');
      demand(call, 'ListStaticAccounts', id);
      const own = accounts
        .values()
        .filter((one) => one.accountId === call.caller.accountId && one.instanceId === id);
      return ok({ [id]: own.map(shown) });
    },
    DeleteAccount: (call) => {
      const userName = required(call.params, 'UserName');
      const account = there(accounts, userName);
      const own = account?.accountId === call.caller.accountId ? account : undefined;
      // The page of this call says "All Resources", the policy reference names the static accounts: only a grant on `*` passes both.
      shelf.demand(call.caller, 'amqp:DeleteStaticAccount', '*');
      shelf.demand(call.caller, 'amqp:GetInstance', arn(call, own?.instanceId ?? '*'));
      const gone = found(own, 404, 'AccountNotExist', 'the static account');
      if (showsDeletedAccounts) accounts.set(userName, { ...gone, deleted: cloud.clock.now() });
      else accounts.delete(userName);
      return ok(true);
    },
  };
}

const there = (accounts: StaticAccounts, userName: string): StaticAccount | undefined => {
  const account = accounts.get(userName);
  return account?.deleted === undefined ? account : undefined;
};

const shown = (account: StaticAccount): object => ({
  masterUid: Number(account.accountId),
  cInstanceId: account.instanceId,
  accessKey: account.accessKey,
  userName: account.userName,
  password: account.password,
  createTimestamp: account.createTimestamp,
  deleted: account.deleted ?? 0,
  Remark: account.remark,
});
const ok = (data: unknown): object => ({
  Code: 200,
  Message: 'operation success',
  Success: true,
  Data: data,
});

/** Whoever stands behind the user name, his password checked; how long a dynamic password is good for is not documented: always. */
export function rabbitmqLogon({ identity }: Cloud, accounts: StaticAccounts, use: AmqpUse): LogonAnswer {
  const [, kind, instanceId, accessKeyId = '', token] = USER_NAME.exec(decoded(use.username)) ?? [];
  const [, signed = '', stamp = ''] = PASSWORD.exec(decoded(use.password)) ?? [];
  if (kind === undefined || signed === '' || instanceId !== use.instanceId)
    return refused('BAD_CREDENTIALS', 'user name or password are not of the form that the product makes');
  if (kind === '2' && there(accounts, use.username)?.password !== use.password)
    return refused('BAD_CREDENTIALS', 'no such static account, or another password');
  try {
    const { secret, caller } = identity.authenticate(accessKeyId, token);
    if (!sameText(signature(secret, stamp), signed))
      return refused('BAD_CREDENTIALS', 'the password does not fit the access key');
    return rightTo(identity, caller, use);
  } catch (error) {
    // A key or token that is no longer good.
    if (error instanceof ApiError) return refused('BAD_CREDENTIALS', error.code);
    throw error;
  }
}

function rightTo(identity: Cloud['identity'], caller: Caller, use: AmqpUse): LogonAnswer {
  const host = `acs:amqp:${use.region}:${use.accountId}:/instances/${use.instanceId}/vhosts/${use.virtualHost}`;
  const [action, resource] =
    'publishTo' in use.does
      ? ['amqp:BasicPublish', `${host}/exchanges/${use.does.publishTo}/messages/*`]
      : ['amqp:BasicConsume', `${host}/queues/${use.does.consumeFrom}/messages/*`];
  return identity.authorize(caller, { action, resource }).effect === 'allow'
    ? ALLOWED
    : refused('NO_RIGHT', `RAM does not allow ${action} on ${resource}`);
}
