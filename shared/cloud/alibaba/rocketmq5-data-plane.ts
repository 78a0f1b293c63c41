/** Accounts and ACLs of RocketMQ 5.x instances, through API 2022-08-01, whose paths are REST-like. */
import type { AclEntry, DataPlaneInstance } from '../../domain/data-plane.js';
import { TryLaterError } from '../../domain/errors.js';
import { member } from '../../domain/member.js';
import type { Trail } from '../trail.js';
import type { Connection } from './connection.js';
import { codeOf } from './failures.js';
import { callNoted, listAt, type OpenApiCall, text } from './open-api.js';
import { newPassword, type ProductDataPlane, tolerating } from './product-data-plane.js';

const PAGE_SIZE = 100;
const INSTANCE_GONE = /^Instance\.NotFound$/;
const ACCOUNT_GONE = /^InstanceAccount\.NotExist/;
const ACL_GONE = /^InstanceAcl\.NotExist/;
/** Only the codes for what is not there are documented. */
const ACCOUNT_THERE = /^InstanceAccount\.(?!Not)\w*Exist/;
const ACL_THERE = /^InstanceAcl\.(?!Not)\w*Exist/;
/** Ways of saying that addresses are not limited. */
const ANYWHERE = new Set(['', '*', '0.0.0.0/0']);

export function rocketmq5DataPlane(connection: Connection, trail: Pick<Trail, 'note'>): ProductDataPlane {
  const call = (
    { region, instanceId }: DataPlaneInstance,
    action: string,
    method: NonNullable<OpenApiCall['rest']>['method'],
    path: string,
    sent: Pick<OpenApiCall, 'query' | 'body'> = {},
  ): Promise<unknown> =>
    callNoted(connection, trail, {
      product: 'RocketMQ',
      version: '2022-08-01',
      region,
      action,
      rest: { method, path: `/instances/${encodeURIComponent(instanceId)}${path}` },
      ...sent,
    });

  /** All pages of a list. */
  const listAll = async (
    instance: DataPlaneInstance,
    action: string,
    path: string,
  ): Promise<readonly unknown[]> => {
    const items: unknown[] = [];
    for (let page = 1; ; page++) {
      const query = { pageNumber: String(page), pageSize: String(PAGE_SIZE) };
      const data = member(await call(instance, action, 'GET', path, { query }), 'data');
      const more = listAt(data, 'list');
      items.push(...more);
      // Where it does not say how many there are, a page that is not full is the last.
      const total = member(data, 'totalCount') ?? (more.length < PAGE_SIZE ? 0 : Number.POSITIVE_INFINITY);
      if (more.length === 0 || items.length >= Number(total)) return items;
    }
  };
  /** As it is read by itself; `undefined` also while a released one can still be read. */
  const instanceOf = async (instance: DataPlaneInstance): Promise<unknown> => {
    const reply = await tolerating(INSTANCE_GONE, () => call(instance, 'GetInstance', 'GET', ''));
    return text(reply, 'data', 'status') === 'RELEASED' ? undefined : reply;
  };
  const accountsOn = (instance: DataPlaneInstance): Promise<readonly unknown[]> =>
    listAll(instance, 'ListInstanceAccount', '/accounts');
  const accountPath = (account: string) => `/accounts/${encodeURIComponent(account)}`;
  const aclPath = (account: string) => `/acl/account/${encodeURIComponent(account)}`;
  const isOf = (account: string) => (item: unknown) => text(item, 'username') === account;

  return {
    async observe(instance, account) {
      const reply = await instanceOf(instance);
      if (reply === undefined) return undefined;
      const found = (await accountsOn(instance)).find(isOf(account));
      const acls = await listAll(instance, 'ListInstanceAcl', '/acl');
      return {
        isAclOn: listAt(reply, 'data', 'aclInfo', 'aclTypes').includes('apache_acl'),
        ...(found === undefined
          ? {}
          : { account: { isEnabled: text(found, 'accountStatus') !== 'DISABLE' } }),
        entries: acls.filter(isOf(account)).map(entryOf),
        forEveryone: [],
      };
    },

    async createAccount(instance, account) {
      const password = newPassword();
      const body = { username: account, password, remark: 'Leasehold: do not edit by hand' };
      try {
        await call(instance, 'CreateInstanceAccount', 'POST', '/accounts', { body });
      } catch (failure) {
        // Perhaps by a call of ours whose reply was lost: then nobody holds its password.
        if (ACCOUNT_THERE.test(codeOf(failure)))
          throw new TryLaterError('CONFLICT', `account ${account} is there already`);
        throw failure;
      }
      return { username: account, password };
    },

    async accountsOf(instance) {
      if ((await instanceOf(instance)) === undefined) return undefined;
      return (await accountsOn(instance)).map((one) => text(one, 'username'));
    },

    async setEnabled(instance, account, isEnabled) {
      // Sent in the query, unlike all else that changes something here.
      const query = { accountStatus: isEnabled ? 'ENABLE' : 'DISABLE' };
      await call(instance, 'UpdateInstanceAccount', 'PATCH', accountPath(account), { query });
    },

    async deleteAccount(instance, account) {
      await tolerating(ACCOUNT_GONE, () =>
        call(instance, 'DeleteInstanceAccount', 'DELETE', accountPath(account)),
      );
    },

    async addEntry(instance, account, entry) {
      const body = {
        resourceType: entry.resourceType,
        resourceName: entry.resourceName,
        actions: entry.operation.split('|'),
        decision: entry.effect === 'allow' ? 'Allow' : 'Deny',
        ipWhitelists: [...entry.from],
      };
      await tolerating(ACL_THERE, () =>
        call(instance, 'CreateInstanceAcl', 'POST', aclPath(account), { body }),
      );
    },

    async removeEntry(instance, account, { resourceType, resourceName }) {
      await tolerating(ACL_GONE, () =>
        call(instance, 'DeleteInstanceAcl', 'DELETE', aclPath(account), {
          query: { resourceType, resourceName },
        }),
      );
    },
  };
}

const textsAt = (value: unknown, name: string): readonly string[] =>
  listAt(value, name).filter((item): item is string => typeof item === 'string');

const entryOf = (acl: unknown): AclEntry => ({
  resourceType: text(acl, 'resourceType'),
  resourceName: text(acl, 'resourceName'),
  match: 'exact',
  operation: [...new Set(textsAt(acl, 'actions').flatMap((action) => action.split('|')))].sort().join('|'),
  effect: text(acl, 'decision') === 'Deny' ? 'deny' : 'allow',
  from: textsAt(acl, 'ipWhitelists')
    .filter((address) => !ANYWHERE.has(address))
    .sort(),
});
