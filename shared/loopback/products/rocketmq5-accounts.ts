/** Accounts and ACLs of RocketMQ 5.x instances. Source: its API reference, and the account resource of ROS for lengths. */
import { randomBytes } from 'node:crypto';
import { ApiError } from '../kernel.js';
import { sameText } from '../signatures/compare.js';
import { ALLOWED, type LogonAnswer, refused, type TopicUse } from './logons.js';
import { invalid } from './params.js';
import type { ProductReadings } from './readings.js';
import type { Messaging } from './seed.js';

export interface InstanceAccount {
  readonly username: string;
  readonly password: string;
  readonly remark: string;
  readonly accountStatus: 'ENABLE' | 'DISABLE';
  readonly accountType: 'CUSTOMER' | 'DEFAULT';
}
export interface InstanceAcl {
  readonly username: string;
  readonly resourceType: string;
  readonly resourceName: string;
  /** Sorted. */
  readonly actions: readonly string[];
  readonly decision: 'Allow' | 'Deny';
  readonly ipWhitelists: readonly string[];
}
export interface Rocketmq5Accounts {
  readonly accounts: readonly InstanceAccount[];
  readonly acls: readonly InstanceAcl[];
}

/** The account that an instance has from the start, with every right in its data plane. */
export const withDefaultAccount = (): Rocketmq5Accounts => ({
  accounts: [
    {
      username: randomBytes(8).toString('hex'),
      password: randomBytes(16).toString('hex'),
      remark: '',
      accountStatus: 'ENABLE',
      accountType: 'DEFAULT',
    },
  ],
  acls: [],
});

const USERNAME = /^[A-Za-z0-9_-]{3,64}$/;
const PASSWORD = /^.{3,64}$/s;
/** Which actions each type of resource takes. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = { Topic: ['Pub', 'Sub'], Group: ['Sub'] };

/** Parameters of one call: from its query, or its JSON body. */
export type Fields = Readonly<Record<string, unknown>>;

export function addAccount(kept: Rocketmq5Accounts, fields: Fields): Rocketmq5Accounts {
  const [username, password] = [text(fields, 'username'), text(fields, 'password')];
  if (!USERNAME.test(username)) throw invalid('username', 'must be 3 to 64 letters, digits, _ and -');
  if (!PASSWORD.test(password)) throw invalid('password', 'must be 3 to 64 characters');
  // The code is made after that for what is not there.
  if (kept.accounts.some((account) => account.username === username))
    throw new ApiError(409, 'InstanceAccount.Existed', `Account ${username} exists.`);
  const remark = optional(fields, 'remark') ?? '';
  const added: InstanceAccount = {
    username,
    password,
    remark,
    accountStatus: 'ENABLE',
    accountType: 'CUSTOMER',
  };
  return { ...kept, accounts: [...kept.accounts, added] };
}

/** @throws {ApiError} `InstanceAccount.NotExisted` */
export function accountNamed(kept: Rocketmq5Accounts, username: string): InstanceAccount {
  const account = kept.accounts.find((one) => one.username === username);
  if (account === undefined)
    throw new ApiError(404, 'InstanceAccount.NotExisted', `Account ${username.slice(0, 64)} does not exist.`);
  return account;
}

export function changeAccount(kept: Rocketmq5Accounts, username: string, fields: Fields): Rocketmq5Accounts {
  const account = accountNamed(kept, username);
  const password = optional(fields, 'password') ?? account.password;
  const accountStatus = optional(fields, 'accountStatus') ?? account.accountStatus;
  if (!PASSWORD.test(password)) throw invalid('password', 'must be 3 to 64 characters');
  if (accountStatus !== 'ENABLE' && accountStatus !== 'DISABLE')
    throw invalid('accountStatus', 'must be ENABLE or DISABLE');
  const remark = optional(fields, 'remark') ?? account.remark;
  const changed: InstanceAccount = { ...account, password, accountStatus, remark };
  return { ...kept, accounts: kept.accounts.map((one) => (one === account ? changed : one)) };
}

export function removeAccount(
  kept: Rocketmq5Accounts,
  username: string,
  { aclsGoWithAccount }: ProductReadings,
): Rocketmq5Accounts {
  const account = accountNamed(kept, username);
  if (account.accountType === 'DEFAULT') throw invalid('username', 'names the default account, which stays');
  return {
    accounts: kept.accounts.filter((one) => one !== account),
    acls: aclsGoWithAccount ? kept.acls.filter((acl) => acl.username !== username) : kept.acls,
  };
}

export function addAcl(kept: Rocketmq5Accounts, username: string, fields: Fields): Rocketmq5Accounts {
  accountNamed(kept, username);
  const acl = aclIn(username, fields);
  // One to a resource: what there is already is changed by UpdateInstanceAcl. The code is made as that for accounts.
  if (kept.acls.some((one) => isSamePlace(one, acl)))
    throw new ApiError(409, 'InstanceAcl.Existed', `An ACL for ${acl.resourceName} exists.`);
  return { ...kept, acls: [...kept.acls, acl] };
}

/** @throws {ApiError} `InstanceAcl.NotExisted` */
export function aclAt(kept: Rocketmq5Accounts, username: string, fields: Fields): InstanceAcl {
  const place = {
    username,
    resourceType: text(fields, 'resourceType'),
    resourceName: text(fields, 'resourceName'),
  };
  const acl = kept.acls.find((one) => isSamePlace(one, place));
  if (acl === undefined)
    throw new ApiError(404, 'InstanceAcl.NotExisted', `No ACL for ${place.resourceName.slice(0, 80)}.`);
  return acl;
}

export function changeAcl(kept: Rocketmq5Accounts, username: string, fields: Fields): Rocketmq5Accounts {
  const known = aclAt(kept, username, fields);
  const changed = aclIn(username, { ...known, ...fields });
  return { ...kept, acls: kept.acls.map((one) => (one === known ? changed : one)) };
}

export function removeAcl(kept: Rocketmq5Accounts, username: string, fields: Fields): Rocketmq5Accounts {
  const known = aclAt(kept, username, fields);
  return { ...kept, acls: kept.acls.filter((one) => one !== known) };
}

/**
 * With ACL authentication off only the account is looked at: the page speaks of rights per topic and group under ACL
 * authentication alone. A Deny wins over an Allow, as in the open-source ACL that the type `APACHE` names.
 */
export function rocketmq5Logon(
  instance: Messaging,
  { accounts, acls }: Rocketmq5Accounts,
  use: TopicUse,
): LogonAnswer {
  const account = accounts.find(
    (one) => one.username === use.username && sameText(one.password, use.password),
  );
  if (account === undefined)
    return refused('BAD_CREDENTIALS', `no account ${use.username} with this password`);
  if (account.accountStatus === 'DISABLE')
    return refused('ACCOUNT_DISABLED', `account ${use.username} is disabled`);
  if (account.accountType === 'DEFAULT' || instance.isAclOn !== true) return ALLOWED;
  const may = (type: string, name: string, action: string): boolean => {
    const speaking = acls.filter(
      (acl) =>
        acl.username === use.username &&
        acl.resourceType === type &&
        acl.actions.includes(action) &&
        (acl.resourceName === name || acl.resourceName === '*'),
    );
    return speaking.length > 0 && speaking.every((acl) => acl.decision === 'Allow');
  };
  const action = use.does === 'publish' ? 'Pub' : 'Sub';
  if (!may('Topic', use.topic, action))
    return refused('NO_RIGHT', `no ACL for ${action} on topic ${use.topic}`);
  if (use.does === 'subscribe' && !may('Group', use.group ?? '', 'Sub'))
    return refused('NO_RIGHT', `no ACL for Sub on group ${use.group ?? ''}`);
  return ALLOWED;
}

const isSamePlace = (
  left: Pick<InstanceAcl, 'username' | 'resourceType' | 'resourceName'>,
  right: Pick<InstanceAcl, 'username' | 'resourceType' | 'resourceName'>,
): boolean =>
  left.username === right.username &&
  left.resourceType === right.resourceType &&
  left.resourceName === right.resourceName;

function aclIn(username: string, fields: Fields): InstanceAcl {
  const resourceType = text(fields, 'resourceType');
  const allowed = Object.hasOwn(ACTIONS, resourceType) ? ACTIONS[resourceType] : undefined;
  if (allowed === undefined) throw invalid('resourceType', 'must be Topic or Group');
  // `Pub|Sub` stands for both.
  const actions = [...new Set(list(fields, 'actions').flatMap((action) => action.split('|')))].sort();
  if (actions.length === 0 || actions.some((action) => !allowed.includes(action)))
    throw invalid('actions', `must be of ${allowed.join(', ')} for ${resourceType}`);
  const decision = text(fields, 'decision');
  if (decision !== 'Allow' && decision !== 'Deny') throw invalid('decision', 'must be Allow or Deny');
  return {
    username,
    resourceType,
    resourceName: text(fields, 'resourceName'),
    actions,
    decision,
    ipWhitelists: list(fields, 'ipWhitelists'),
  };
}

const optional = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
function text(fields: Fields, name: string): string {
  const value = optional(fields, name);
  if (value === undefined)
    throw new ApiError(
      400,
      `Missing${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      `Parameter ${name} is mandatory for this action .`,
    );
  return value;
}
const list = (fields: Fields, name: string): readonly string[] => {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
};
