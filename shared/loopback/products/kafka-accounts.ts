/** SASL users and ACLs of Kafka instances. Source: the pages of CreateSaslUser, CreateAcl and their neighbours; error codes of alikafka. */
import { ApiError, type RpcAction, type RpcCall } from '../kernel.js';
import { sameText } from '../signatures/compare.js';
import type { PerInstance } from './kept.js';
import { ALLOWED, type LogonAnswer, refused, type TopicUse } from './logons.js';
import { invalid, required } from './params.js';
import type { ProductReadings } from './readings.js';
import type { Messaging } from './seed.js';

export interface SaslUser {
  readonly Username: string;
  readonly Password: string;
  readonly Type: 'plain' | 'scram';
}
export interface KafkaAcl {
  readonly Username: string;
  readonly AclResourceType: string;
  readonly AclResourceName: string;
  readonly AclResourcePatternType: string;
  readonly AclOperationType: string;
}
export interface KafkaAccounts {
  readonly users: readonly SaslUser[];
  readonly acls: readonly KafkaAcl[];
}
export const noKafkaAccounts = (): KafkaAccounts => ({ users: [], acls: [] });

/** Terraform's documentation of `alicloud_alikafka_sasl_user`: 1 to 64 of letters, digits, `_` and `-`; passwords without `-`. */
const USERNAME = /^[A-Za-z0-9_-]{1,64}$/;
const PASSWORD = /^[A-Za-z0-9_]{1,64}$/;
/** Which operations each type of resource takes. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  Topic: ['Write', 'Read'],
  Group: ['Read'],
  Cluster: ['IdempotentWrite'],
  TransactionalId: ['Write', 'Describe'],
};
/** Parameters of serverless instances, which are not among those here. */
const SERVERLESS_ONLY = ['AclOperationTypes', 'AclPermissionType', 'Host', 'Mechanism'];

export interface KafkaInstances {
  readonly readings: ProductReadings;
  readonly kept: PerInstance<KafkaAccounts>;
  /** The instance that the call names, authorised for `action`: on the instance, or on everything. */
  instance(call: RpcCall, action: string, on: 'instance' | 'all'): Messaging;
}

export function kafkaAccountActions(its: KafkaInstances): Readonly<Record<string, RpcAction>> {
  const { readings } = its;
  const opened = (call: RpcCall, action: string, on: 'instance' | 'all') => {
    required(call.params, 'RegionId');
    const instance = its.instance(call, action, on);
    const place = {
      accountId: call.caller.accountId,
      region: call.region,
      instanceId: instance.instanceId,
    };
    const accounts = its.kept.of(place);
    const change = (part: Partial<KafkaAccounts>): void => its.kept.set(place, { ...accounts, ...part });
    return { instance, accounts, change };
  };
  /** Refused while the instance's ACL is off. */
  const withAcls = (call: RpcCall, action: string) => {
    const open = opened(call, action, readings.kafkaAcls);
    if (open.instance.isAclOn === true) return open;
    throw new ApiError(
      400,
      'Acl.Disable.Error',
      'The Acl function is disabled. Enable it by referring to the documentation and try again.',
    );
  };
  const changed = (call: RpcCall, action: string) => {
    const acl = aclIn(call);
    return { ...withAcls(call, action), acl };
  };
  return {
    CreateSaslUser: (call) => {
      const user = userIn(call);
      const { accounts, change } = opened(call, 'alikafka:CreateSaslUser', 'instance');
      const others = accounts.users.filter((one) => !isSameUser(one, user));
      if (readings.kafkaUserAgain === 'refuses' && others.length < accounts.users.length)
        throw new ApiError(400, 'Acl.AddSasl.Error', 'Failed to add a user.');
      change({ users: [...others, user] });
      return ok({});
    },
    DescribeSaslUsers: (call) => {
      const { accounts } = opened(call, 'alikafka:ListSaslUser', 'instance');
      const SaslUserVO = accounts.users.map((user) => ({ ...user, Password: '******' }));
      return ok({ SaslUserList: { SaslUserVO } });
    },
    DeleteSaslUser: (call) => {
      const { params } = call;
      const wanted = { Username: required(params, 'Username'), Type: typeIn(call) };
      const { accounts, change } = opened(call, 'alikafka:DeleteSaslUser', 'instance');
      requireUser(accounts, (one) => isSameUser(one, wanted));
      change({
        users: accounts.users.filter((one) => !isSameUser(one, wanted)),
        ...(readings.aclsGoWithAccount
          ? { acls: accounts.acls.filter(({ Username }) => Username !== wanted.Username) }
          : {}),
      });
      return ok({});
    },
    CreateAcl: (call) => {
      const { accounts, acl, change } = changed(call, 'alikafka:CreateAcl');
      if (acl.Username !== '*') requireUser(accounts, ({ Username }) => Username === acl.Username);
      if (accounts.acls.some((one) => isSameAcl(one, acl)))
        throw new ApiError(
          400,
          'Acl.DuplicatedAuth.Error',
          'The authorization has already been granted, please do not repeat the authorization.',
        );
      change({ acls: [...accounts.acls, acl] });
      return ok({});
    },
    DeleteAcl: (call) => {
      const { accounts, acl, change } = changed(call, 'alikafka:DeleteAcl');
      // What it says of an ACL that is not there is not documented: done, as the goal is reached.
      change({ acls: accounts.acls.filter((one) => !isSameAcl(one, acl)) });
      return ok({});
    },
    DescribeAcls: (call) => {
      const { params } = call;
      const wanted = {
        Username: required(params, 'Username'),
        AclResourceType: required(params, 'AclResourceType'),
        AclResourceName: required(params, 'AclResourceName'),
      };
      const { accounts, instance } = withAcls(call, 'alikafka:ListAcl');
      if (readings.kafkaAclsOfMissing === 'refuses') requireThere(instance, wanted);
      const KafkaAclVO = accounts.acls
        .filter((acl) => matches(acl, wanted) && matchesFilters(acl, call))
        .map((acl) => ({ ...acl, Host: '*' }));
      return ok({ KafkaAclList: { KafkaAclVO } });
    },
    DescribeAclResourceName: (call) => {
      const { params } = call;
      const wanted = {
        AclResourceType: required(params, 'AclResourceType'),
        AclResourcePatternType: required(params, 'AclResourcePatternType'),
      };
      const { accounts } = withAcls(call, 'alikafka:ListAcl');
      const names = accounts.acls.filter((acl) => matches(acl, wanted)).map((acl) => acl.AclResourceName);
      // In lower case, unlike the rest.
      return ok({ Data: { data: [...new Set(names)] } });
    },
  };
}

/** Until ACL is on, every SASL user may send and receive everything. Source: "Grant permissions to SASL users". */
export function kafkaLogon(instance: Messaging, { users, acls }: KafkaAccounts, use: TopicUse): LogonAnswer {
  const knows = users.some((user) => user.Username === use.username && sameText(user.Password, use.password));
  if (!knows) return refused('BAD_CREDENTIALS', `no SASL user ${use.username} with this password`);
  if (instance.isAclOn !== true) return ALLOWED;
  const may = (type: string, name: string, operation: string): boolean =>
    acls.some(
      (acl) =>
        (acl.Username === use.username || acl.Username === '*') &&
        acl.AclResourceType === type &&
        acl.AclOperationType === operation &&
        isNamedBy(acl, name),
    );
  const operation = use.does === 'publish' ? 'Write' : 'Read';
  if (!may('Topic', use.topic, operation))
    return refused('NO_RIGHT', `no ACL for ${operation} on topic ${use.topic}`);
  if (use.does === 'subscribe' && !may('Group', use.group ?? '', 'Read'))
    return refused('NO_RIGHT', `no ACL for Read on group ${use.group ?? ''}`);
  return ALLOWED;
}

const isNamedBy = (acl: KafkaAcl, name: string): boolean =>
  acl.AclResourcePatternType === 'PREFIXED'
    ? name.startsWith(acl.AclResourceName)
    : acl.AclResourceName === name || acl.AclResourceName === '*';

/** Users of both types may bear one name: the mechanisms keep their users apart. */
const isSameUser = (left: Omit<SaslUser, 'Password'>, right: Omit<SaslUser, 'Password'>): boolean =>
  left.Username === right.Username && left.Type === right.Type;

const matches = (acl: KafkaAcl, wanted: Partial<KafkaAcl>): boolean =>
  Object.entries(wanted).every(([key, value]) => acl[key as keyof KafkaAcl] === value);
const isSameAcl = (left: KafkaAcl, right: KafkaAcl): boolean => matches(left, right);
const matchesFilters = (acl: KafkaAcl, { params }: RpcCall): boolean =>
  (['AclResourcePatternType', 'AclOperationType'] as const).every(
    (key) => (params[key] ?? '') === '' || params[key] === acl[key],
  );

function typeIn({ params }: RpcCall): SaslUser['Type'] {
  const type = params['Type'] || 'plain';
  if (type !== 'plain' && type !== 'scram') throw invalid('Type', 'must be plain or scram');
  return type;
}

function userIn(call: RpcCall): SaslUser {
  const { params } = call;
  refuseServerless(call);
  const Username = required(params, 'Username');
  const Password = required(params, 'Password');
  if (!USERNAME.test(Username)) throw invalid('Username', 'must be 1 to 64 letters, digits, _ and -');
  if (!PASSWORD.test(Password)) throw invalid('Password', 'must be 1 to 64 letters, digits and _');
  return { Username, Password, Type: typeIn(call) };
}

function aclIn(call: RpcCall): KafkaAcl {
  const { params } = call;
  refuseServerless(call);
  const acl = {
    Username: required(params, 'Username'),
    AclResourceType: required(params, 'AclResourceType'),
    AclResourceName: required(params, 'AclResourceName'),
    AclResourcePatternType: required(params, 'AclResourcePatternType'),
    AclOperationType: required(params, 'AclOperationType'),
  };
  const operations = Object.hasOwn(OPERATIONS, acl.AclResourceType) ? OPERATIONS[acl.AclResourceType] : [];
  if (!operations?.includes(acl.AclOperationType))
    throw invalid('AclOperationType', `does not fit ${acl.AclResourceType.slice(0, 40)}`);
  if (!['LITERAL', 'PREFIXED'].includes(acl.AclResourcePatternType))
    throw invalid('AclResourcePatternType', 'must be LITERAL or PREFIXED');
  return acl;
}

function refuseServerless({ params }: RpcCall): void {
  const given = SERVERLESS_ONLY.find((name) => (params[name] ?? '') !== '');
  if (given !== undefined) throw invalid(given, 'is for serverless instances only');
}

function requireUser(accounts: KafkaAccounts, isWanted: (user: SaslUser) => boolean): void {
  if (!accounts.users.some(isWanted))
    throw new ApiError(400, 'BIZ_SASL_USER_NOT_EXIST', 'The SASL user does not exist.');
}

function requireThere(instance: Messaging, acl: Pick<KafkaAcl, 'AclResourceType' | 'AclResourceName'>): void {
  const { AclResourceType: type, AclResourceName: name } = acl;
  if (type === 'Topic' && name !== '*' && !instance.topics.includes(name))
    throw new ApiError(400, 'BIZ_TOPIC_NOT_FOUND', `Topic ${name.slice(0, 80)} was not found.`);
  if (type === 'Group' && name !== '*' && !instance.groups.includes(name))
    throw new ApiError(400, 'BIZ_SUBSCRIPTION_NOT_FOUND', `Group ${name.slice(0, 80)} was not found.`);
}

const ok = (body: object): object => ({ Code: 200, Success: true, Message: 'operation success.', ...body });
