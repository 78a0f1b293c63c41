/**
 * User names of RabbitMQ instances that stay, through API 2019-12-12. Each is made of the one AccessKey of a RAM user of its own, which
 * bears the account's name: the secret of that key signs once, here, and is kept nowhere. Ending it takes the key away and not
 * only the user name: what the secret signed is good for a user name of the dynamic form too.
 */
import { createHmac } from 'node:crypto';
import ImsPackage, * as Ims from '@alicloud/ims20190815';
import RamPackage, * as Ram from '@alicloud/ram20150501';
import type { AclEntry, DataPlaneInstance } from '../../domain/data-plane.js';
import { BrokenPromiseError, InvalidRequestError, TryLaterError } from '../../domain/errors.js';
import { member } from '../../domain/member.js';
import type { Status } from '../ports.js';
import type { Trail } from '../trail.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { codeOf, unlessMissing } from './failures.js';
import { granteeUsers } from './grantee-users.js';
import { noting } from './noting.js';
import { callNoted, listAt, text } from './open-api.js';
import { refOf } from './policy-ref.js';
import { type ProductDataPlane, tolerating } from './product-data-plane.js';

const ImsClient = clientClass(ImsPackage);
const RamClient = clientClass(RamPackage);

const INSTANCE_GONE = /^InstanceNotExist$/;
const ACCOUNT_GONE = /^AccountNotExist$/;
/** What `AclEntry` of this product says besides its type and name. */
const USE = { match: 'exact', operation: 'Use', effect: 'allow', from: [] } as const;
/** What keeps a RAM user from being deleted that Leasehold never gives one, and has no right to take. */
const GIVEN_BY_HAND = [
  [/^DeleteConflict\.User\.Group/, 'it was put into a group'],
  [/^DeleteConflict\.User\.LoginProfile/, 'it was given a console logon'],
  [/^DeleteConflict\.User\.\w*MFA/i, 'it was given an MFA device'],
] as const;
/** A policy of the vendor's is told apart by this, which no policy's name may hold. */
const SYSTEM = 'system/';

interface Key {
  readonly id: string;
  readonly status: Status;
}
interface UserName {
  readonly userName: string;
  readonly remark: string;
  readonly keyId: string;
}

export function rabbitmqDataPlane(connection: Connection, trail: Pick<Trail, 'note'>): ProductDataPlane {
  const ims = new ImsClient(sdkConfig(connection, 'ims.aliyuncs.com'));
  const ram = noting(new RamClient(sdkConfig(connection, 'ram.aliyuncs.com')), 'ram', trail);
  const users = granteeUsers(connection, trail);
  const call = ({ region }: DataPlaneInstance, action: string, query: Readonly<Record<string, string>>) =>
    callNoted(connection, trail, { product: 'amqp-open', version: '2019-12-12', region, action, query });

  /** User names that stay, and the key that each was made of; `undefined` when there is no such instance. */
  const staticAccounts = async (instance: DataPlaneInstance): Promise<readonly UserName[] | undefined> => {
    const { instanceId } = instance;
    const reply = await tolerating(INSTANCE_GONE, () =>
      call(instance, 'ListAccounts', { InstanceId: instanceId }),
    );
    return reply === undefined
      ? undefined
      : listAt(reply, 'Data', instanceId)
          .filter((one) => !(Number(member(one, 'deleted')) > 0)) // when it was, of one that the list still shows
          .map((one) => ({
            userName: text(one, 'userName'),
            remark: text(one, 'Remark'),
            keyId: text(one, 'accessKey'),
          }));
  };

  /** Of the RAM user; `undefined` when there is none. */
  const keysOf = async (account: string): Promise<readonly Key[] | undefined> => {
    const userPrincipalName = `${account}@${await users.defaultDomain()}`;
    const reply = await unlessMissing(`listing keys of ${account}`, () =>
      ims.listAccessKeys(new Ims.ListAccessKeysRequest({ userPrincipalName })),
    );
    // Only "no such user" says that there is none: one without a key is there, and is to go.
    if (reply === undefined) return undefined;
    return (reply.body?.accessKeys?.accessKey ?? []).map(({ accessKeyId = '', status }) => ({
      id: accessKeyId,
      status: status === 'Active' ? 'Active' : 'Inactive',
    }));
  };

  const policiesOn = async (account: string): Promise<readonly AclEntry[]> => {
    const reply = await unlessMissing(`listing policies of ${account}`, () =>
      ram.listPoliciesForUser(new Ram.ListPoliciesForUserRequest({ userName: account })),
    );
    return (reply?.body?.policies?.policy ?? []).map(refOf).map(({ type, name }) => ({
      resourceType: 'RAM policy',
      resourceName: type === 'System' ? `${SYSTEM}${name}` : name,
      ...USE,
    }));
  };

  const detach = async (account: string, name: string): Promise<void> => {
    await unlessMissing(`detaching ${name} from ${account}`, () =>
      ram.detachPolicyFromUser(new Ram.DetachPolicyFromUserRequest({ ...policyOf(name), userName: account })),
    );
  };

  /** @throws {BrokenPromiseError} `HELD_BY_OTHERS`: what somebody gave the user besides is not ours to take */
  const deleteUser = async (account: string): Promise<void> => {
    try {
      await users.deleteUser(account);
    } catch (error) {
      const given = GIVEN_BY_HAND.find(([code]) => code.test(codeOf((error as Error).cause)))?.[1];
      if (given === undefined) throw error;
      throw new BrokenPromiseError(
        'HELD_BY_OTHERS',
        `RAM user ${account} has no key of ours any more, and cannot be deleted: ${given}, by somebody who can change users in this account; it is deleted once that is undone`,
        { cause: error },
      );
    }
  };

  return {
    async observe(instance, account) {
      const accounts = await staticAccounts(instance);
      const keys = await keysOf(account);
      // A user name goes with its instance, the RAM user behind it does not.
      if (accounts === undefined && keys === undefined) return undefined;
      const names = ownOf(account, accounts, keys);
      const own = keys?.find(isKeyOf(names));
      const others = (keys ?? []).filter((key) => key.id !== own?.id);
      return {
        isAclOn: true,
        ...(accounts === undefined ? { isInstanceGone: true as const } : {}),
        ...(keys === undefined && names.length === 0
          ? {}
          : {
              account: {
                isEnabled: own?.status === 'Active',
                ...(own === undefined ? { isBroken: true as const } : {}),
              },
            }),
        entries: [
          ...(await policiesOn(account)),
          ...others.map(({ id }) => ({ resourceType: 'AccessKey', resourceName: id, ...USE })),
        ],
        forEveryone: [],
      };
    },

    async createAccount(instance, account) {
      const comments = 'Leasehold: do not edit by hand';
      const made = await users.createUser({ logonName: account, displayName: account, comments, tags: {} });
      // Perhaps by a call of ours whose reply was lost: then nobody holds its password.
      if (made.outcome === 'exists')
        throw new TryLaterError('CONFLICT', `RAM user ${account} is there already`);
      const key = await users.createKey(account);
      const stamp = String(Date.now());
      const reply = await call(instance, 'CreateAccount', {
        instanceId: instance.instanceId,
        accountAccessKey: key.id,
        userName: userNameOf(instance, key.id),
        createTimestamp: stamp,
        signature: hmac(key.secret, stamp),
        secretSign: hmac(stamp, key.secret),
        Remark: account,
      });
      const logon = { username: text(reply, 'Data', 'UserName'), password: text(reply, 'Data', 'Password') };
      if (logon.username === '' || logon.password === '')
        throw new TryLaterError('UNAVAILABLE', `RabbitMQ answered without the account that it made`);
      return logon;
    },

    /** Also RAM users of the account that no user name was made for, on whichever instance. */
    async accountsOf(instance, prefix) {
      const accounts = await staticAccounts(instance);
      const behind = await users.usersNamed(prefix);
      if (accounts === undefined && behind.length === 0) return undefined;
      return [...new Set([...(accounts ?? []).map(({ remark }) => remark), ...behind])];
    },

    async setEnabled(instance, account, isEnabled) {
      const keys = (await keysOf(account)) ?? [];
      const names = ownOf(account, await staticAccounts(instance), keys);
      for (const { id } of keys.filter(isKeyOf(names)))
        await users.setKey(account, id, isEnabled ? 'Active' : 'Inactive');
    },

    async deleteAccount(instance, account) {
      const keys = (await keysOf(account)) ?? [];
      // The key first: with it everything ends.
      for (const { id } of keys) await users.setKey(account, id, 'Inactive');
      for (const { userName } of ownOf(account, await staticAccounts(instance), keys))
        await tolerating(ACCOUNT_GONE, () => call(instance, 'DeleteAccount', { UserName: userName }));
      for (const { id } of keys) await users.deleteKey(account, id);
      for (const { resourceName } of await policiesOn(account)) await detach(account, resourceName);
      await deleteUser(account);
    },

    async addEntry(_instance, account, { resourceType, resourceName }) {
      if (resourceType !== 'RAM policy')
        throw new InvalidRequestError('BAD_CONFIG', `no ${resourceType} is ever given to an account`);
      await tolerating(/^EntityAlreadyExists?\b/, () =>
        ram.attachPolicyToUser(
          new Ram.AttachPolicyToUserRequest({ ...policyOf(resourceName), userName: account }),
        ),
      );
    },

    async removeEntry(_instance, account, { resourceType, resourceName }) {
      if (resourceType === 'AccessKey') await users.deleteKey(account, resourceName);
      else await detach(account, resourceName);
    },
  };
}

/** Those made of a key of the RAM user's, or for the account by their remark: somebody may have deleted the key, or the user. */
const ownOf = (account: string, all: readonly UserName[] = [], keys: readonly Key[] = []) =>
  all.filter(({ remark, keyId }) => remark === account || keys.some(({ id }) => id === keyId));

const isKeyOf =
  (names: readonly UserName[]) =>
  ({ id }: Key): boolean =>
    names.some(({ keyId }) => keyId === id);

/** `base64(2:<instance>:<AccessKey id>)`. Source: CreateAccount, "userName". */
const userNameOf = ({ instanceId }: DataPlaneInstance, keyId: string): string =>
  Buffer.from(`2:${instanceId}:${keyId}`).toString('base64');

/**
 * Of `secretSign` the time is the key and the secret the data, as for user names that are made of a session; of `signature` the other
 * way round. Source: `alicloud_amqp_static_account` of Terraform's provider; the page of the call speaks of the AccessKey's id.
 */
const hmac = (key: string, data: string): string => createHmac('sha1', key).update(data).digest('hex');

const policyOf = (name: string) =>
  name.startsWith(SYSTEM)
    ? { policyType: 'System', policyName: name.slice(SYSTEM.length) }
    : { policyType: 'Custom', policyName: name };
